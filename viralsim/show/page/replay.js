"use strict";

// One cascade again: the network it went through, who told whom, how many by when, and what happened to its items.
// `Frame.data("replay")` is what `viralsim.show.replaying` puts together.
const Replay = (() => {
  const UNITS = [["days", 86400], ["hours", 3600], ["minutes", 60], ["seconds", 1]];
  const MOST_NAMES = 8, MOST_TELLERS = 5;
  const ORIGINS = { "-1": "replay_seed", "-2": "replay_advertised", "-3": "replay_born" };

  const data = Frame.data("replay");
  const find = (id) => document.getElementById(id);
  const { items, platforms, tickSeconds, last, story, trust, heard } = data;
  const names = data.names.map(String);
  const events = data.events.person.map((_, place) =>
    Object.fromEntries(Object.entries(data.events).map(([key, values]) => [key, values[place]])));
  const entriesOf = names.map(() => []);
  for (const event of events) {
    entriesOf[event.person].push(event);
    event.children = [];
    // Whoever told somebody of an item engaged with that item themselves, once and before.
    const teller = event.parent >= 0 && entriesOf[event.parent].find(({ item }) => item === event.item);
    if (teller) teller.children.push(event.person);
  }

  const [unit, unitSeconds] = UNITS.find(([, seconds]) => last * tickSeconds > 3 * seconds) || UNITS[3];
  const across = (tick) => (tick * tickSeconds) / unitSeconds;
  const clock = (tick) => Player.clock(tick, tickSeconds);

  const stage = Stage.make(find("stage"), {
    people: names.length, names, x: data.x, y: data.y, from: data.from, to: data.to,
    followers: data.followers, items, events,
  });
  let player = null, pinned = -1, told = -1;

  function element(tag, text, name) {
    const made = document.createElement(tag);
    if (name) made.className = name;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  // -- the curves

  const curve = Chart.curves(find("curve"), { ...curveOptions(), onPick: (x) => goTo(x), cursor: 0 });
  const trustCurve = trust && (() => {
    find("trust-part").hidden = false;
    return Chart.curves(find("trust"), { ...trustOptions(), onPick: (x) => goTo(x), cursor: 0 });
  })();

  function goTo(x) {
    player.pause();
    player.go(Math.round((x * unitSeconds) / tickSeconds));
  }

  function curveOptions() {
    return {
      title: Words.say("replay_curve"),
      series: items.map((label, item) => ({ label, values: data.engaged[item], colour: `--item-${item % 7}` })),
      x: data.at.map(across),
      xLabel: Words.say(`replay_time_${unit}`),
      yLabel: Words.say("replay_people"),
    };
  }

  function trustOptions() {
    return {
      title: Words.say("replay_trust"),
      series: [{ label: Words.say("replay_trust_mean"), values: trust.mean, colour: "--ink", sampled: true }],
      x: trust.ticks.map(across),
      xLabel: Words.say(`replay_time_${unit}`),
      yLabel: Words.say("replay_trust_axis"),
      most: 1,
    };
  }

  // -- what happened, and when

  function tellStory() {
    find("story").replaceChildren(...story.map(({ tick, item, what, people }) => {
      const line = element("li");
      const button = element("button");
      button.type = "button";
      const text = Words.say(`replay_story_${what.replace(" ", "_")}`, { item, n: people === null ? 0 : people });
      button.append(element("span", clock(tick), "replay-when"), element("span", text, "replay-what"));
      button.addEventListener("click", () => {
        player.pause();
        player.go(tick);
        find("stage").scrollIntoView({ block: "nearest" });
      });
      line.append(button);
      return line;
    }));
    told = -1;
  }

  function markStory(tick) {
    if (tick === told) return;
    told = tick;
    [...find("story").children].forEach((line, place) => line.classList.toggle("ahead", Math.min(last, story[place].tick) > tick));
  }

  // -- who somebody is

  // A button that leads to a person.
  function leading(text, person) {
    const button = element("button", text);
    button.type = "button";
    button.addEventListener("click", () => {
      pin(person);
      find("stage").focus({ preventScroll: true });
    });
    return button;
  }

  // Who told the most people: where a cascade hangs by a few, it is these.
  function tellMost() {
    const told = entriesOf.map((entries) => entries.reduce((sum, event) => sum + event.told, 0));
    const first = [...told.keys()].filter((person) => told[person] > 0)
      .sort((one, other) => told[other] - told[one] || one - other).slice(0, MOST_TELLERS);
    find("most-part").hidden = !first.length;
    find("most").replaceChildren(...first.map((person) => {
      const line = element("li");
      const button = leading(undefined, person);
      button.append(element("span", names[person]), element("span", Words.say("replay_most_told", { n: told[person] }), "quiet"));
      button.addEventListener("click", () => find("stage").scrollIntoView({ block: "nearest" }));
      line.append(button);
      return line;
    }));
  }

  function entryText(event) {
    const box = element("div", undefined, "replay-entry");
    box.style.borderColor = Frame.colour(`--item-${event.item % 7}`);
    if (items.length > 1) box.append(element("p", items[event.item], "replay-item"));
    box.append(element("p", Words.say("replay_engaged_at", { clock: clock(event.tick) })));
    if (event.parent >= 0) {
      box.append(leading(Words.say("replay_told_by", { name: names[event.parent] }), event.parent));
    } else box.append(element("p", Words.say(ORIGINS[event.parent])));
    if (platforms.length > 1) box.append(element("p", Words.say("replay_on", { platform: platforms[event.platform] })));
    box.append(element("p", Words.say("replay_generation", { generation: event.generation })));
    const shared = event.sharedAt < 0 ? Words.say("replay_unshared") : Words.say("replay_shared", { clock: clock(event.sharedAt) });
    box.append(element("p", shared));
    if (event.sharedAt >= 0) box.append(element("p", Words.say(event.told ? "replay_told" : "replay_told_nobody", { n: event.told })));
    const named = event.children.slice(0, MOST_NAMES);
    if (named.length) {
      const told = element("div");
      told.append(...named.map((person) => leading(names[person], person)));
      box.append(told);
    }
    if (named.length && event.told > named.length) box.append(element("p", Words.say("replay_told_more", { n: event.told - named.length }), "quiet"));
    return box;
  }

  function tellPerson(person) {
    const parts = [];
    if (person < 0) parts.push(element("p", Words.say("replay_person_hint"), "quiet"));
    else {
      parts.push(element("h3", names[person]));
      parts.push(element("p", Words.say("replay_followers", { followers: data.followers[person] }), "quiet"));
      if (heard && heard[person] >= 0) parts.push(element("p", Words.say("replay_heard", { clock: clock(heard[person]) })));
      if (!entriesOf[person].length) parts.push(element("p", Words.say("replay_not_engaged")));
      parts.push(...entriesOf[person].map(entryText));
    }
    find("person").replaceChildren(...parts);
  }

  function pin(person) {
    pinned = person;
    stage.focus(person);
    tellPerson(person);
  }

  // -- all else that is said

  function tellFacts() {
    const lines = [Words.say("replay_facts", { plan: data.plan, realisation: String(data.realisation), size: data.size, depth: data.depth })];
    if (data.virality !== null) lines[0] += ` ${Words.say("replay_virality", { virality: data.virality })}`;
    if (data.drawn) lines.push(Words.say("replay_drawn", { drawn: data.drawn }));
    lines[0] += ` ${Words.say("replay_scenario", { hash: data.scenarioHash })}`;
    find("facts").replaceChildren(...lines.map((line) => element("p", line)));
    const { people, of, ties, engaged } = data.leftOut;
    const parts = [];
    if (people) parts.push(Words.say("replay_left_people", { count: people, all: of }));
    if (ties) parts.push(Words.say("replay_left_ties", { n: ties }));
    if (engaged) parts.push(Words.say("replay_left_engaged", { count: engaged }));
    find("left-out").hidden = !parts.length;
    find("left-out").textContent = parts.length ? Words.say("replay_left_out", { parts: parts.join(", ") }) : "";
  }

  function speak() {
    tellFacts();
    tellStory();
    tellMost();
    tellPerson(pinned);
    curve.update(curveOptions());
    if (trustCurve) trustCurve.update(trustOptions());
    if (player) markStory(Math.floor(player.time));
  }

  player = Player.make(find("player"), {
    horizon: last,
    tickSeconds,
    onTime(time) {
      stage.draw(time);
      curve.cursor(across(time));
      if (trustCurve) trustCurve.cursor(across(time));
      markStory(Math.floor(time + 1e-9));
    },
  });

  find("stage").addEventListener("pick", ({ detail }) => pin(detail.person));
  find("stage").addEventListener("focusperson", ({ detail }) => {
    pinned = detail.person;
    tellPerson(pinned);
  });
  find("stage").addEventListener("hover", ({ detail }) => tellPerson(detail.person < 0 ? pinned : detail.person));
  find("stage").addEventListener("keydown", (event) => {
    if (event.key !== " ") return;
    event.preventDefault();
    if (player.playing) player.pause();
    else player.play();
  });
  find("colour").value = items.length > 1 ? "item" : "generation";
  find("colour").addEventListener("change", () => stage.colourBy(find("colour").value));
  stage.colourBy(find("colour").value);
  stage.legend(find("legend"));
  find("story-part").hidden = !story.length;
  document.addEventListener("language", speak);
  document.addEventListener("theme", () => tellPerson(pinned));
  speak();
  player.go(0);

  return { stage, player, pin };
})();
