// E (03:54): back, finishing this file in /root/wt-E now; see /root/notes/LAB.md. Please do not fork it.
"use strict";

/* The lab: a small network on a stage, played live by the engine; what a visitor changes is played at once, under the
   same luck. One state, in the address too; everything on the page follows from it. */
const Lab = (() => {
  const { make, byId } = Elements;
  const MANY = 300;
  const data = Frame.data("lab");
  data.lessons.forEach((lesson) => { lesson.options = lesson.texts.en.options.length; });
  const opened = new Map();

  const lab = {
    data, state: null, open: null, sides: [],
    enter, commit, explain, step, found, rows, change, setSide, setting, luck,
    toggleCompare,
  };

  let sweepOf = "";
  let player = null, waiting = false, written = "";
  let many = { stop: null, found: null, of: "" };
  const steps = new Map();  // what was found in the steps of a lesson

  // -- worlds --------------------------------------------------------------------------------------------------

  function openWorld(name) {
    if (!opened.has(name)) {
      const lesson = data.lessons.find((one) => one.name === name) || null;
      if (name !== State.FREE && !lesson) return undefined;
      const world = data.worlds[name];
      opened.set(name, { name, lesson, world: Engine.world(world), viral: world.viral });
    }
    return opened.get(name);
  }

  function blank(name) {
    const state = State.blank(name), { world, lesson } = openWorld(name);
    if (lesson && lesson.compare) {
      state.compare = true;
      lesson.compare.forEach((plan, side) => { state.sides[side].plan = planOf(world, plan); });
    }
    return state;
  }

  const planOf = (world, name) => Math.max(world.plans.findIndex((plan) => plan.name === name), 0);

  // -- what visitors do ------------------------------------------------------------------------------------------

  function change(changes) {
    Object.assign(lab.state, changes);
    later();
  }

  function setSide(changes) {
    const { state } = lab;
    state.sides[state.active] = { ...state.sides[state.active], ...changes };
    settle();
    later();
  }

  function setting(path, value) {
    const { state, open: { world } } = lab, side = state.sides[state.active];
    setSide({ set: Settings.changed(world, side.set, path, value) });
  }

  /* After a change the end is shown, unless it plays: what the change does is seen at once. */
  function settle() {
    if (!player.playing) lab.state.time = Infinity;
  }

  function luck(realisation) {
    change({ realisation: Math.min(Math.max(Math.trunc(realisation) || 0, 0), 2 ** 32 - 1) });
    settle();
  }

  function toggleCompare() {
    const { state, open: { world } } = lab;
    if (!state.compare) {
      const other = world.plans.findIndex((_, index) => index !== state.sides[0].plan);
      state.sides[1] = { ...state.sides[0], plan: other >= 0 ? other : state.sides[0].plan };
    }
    change({ compare: !state.compare, active: state.compare ? 0 : 1 });
  }

  function toggle(index, person) {
    const { state } = lab, side = state.sides[index], without = (list) => list.filter((one) => one !== person);
    if (lab.open.lesson && state.guess === null) return;
    const seeded = lab.sides[index].seeds.has(person), own = side.added.includes(person);
    state.active = index;
    state.sides[index] = {
      ...side,
      added: own ? without(side.added) : seeded || side.removed.includes(person) ? side.added : [...side.added, person],
      removed: seeded && !own ? [...side.removed, person] : without(side.removed),
    };
    if (state.time > 0) settle();
    later();
    say(Words.say(seeded ? "lab_taken_out" : "lab_seeded", { name: lab.open.world.names[person] }));
  }

  function enter(name) {
    lab.state = blank(name);
    steps.clear();
    render("title");
    scrollTo({ top: 0 });
  }

  function commit(guess) {
    lab.state.guess = guess;
    render("experiment");
  }

  function explain() {
    lab.state.told = true;
    render("explanation");
  }

  // -- the steps of a lesson ---------------------------------------------------------------------------------------

  /* Where a lesson compares two plans, a step plays both of them. */
  const both = (lesson, index) => Boolean(lesson.compare) && lesson.compare.includes(lesson.steps[index].plan);

  /* A step sets the stage as it says, all else as the scenario says, and plays once or many times. */
  function setUp(index) {
    const { open: { world, lesson } } = lab, { set = {}, plan } = lesson.steps[index];
    return [0, 1].map((side) => {
      const named = both(lesson, index) ? lesson.compare[side] : plan;
      return { ...State.side(planOf(world, named)), set: Object.entries(set).reduce(
        (found, [path, value]) => Settings.changed(world, found, path, value), {}) };
    });
  }

  function step(index) {
    const { state, open: { lesson } } = lab, { play = 1, realisation = 0 } = lesson.steps[index];
    state.sides = setUp(index);
    state.compare = both(lesson, index);
    state.active = 0;
    state.realisation = realisation;
    state.time = 0;
    stopMany();
    if (play > 1) {
      state.time = Infinity;
      render();
      playMany(play, () => finish(index));
    } else {
      render();
      finish(index);
      player.go(0);
      player.play();
    }
  }

  function finish(index) {
    const { state } = lab;
    if (!state.done.includes(index)) state.done = [...state.done, index];
    measureStep(index, () => later());
  }

  /* What a step finds, also where it was played before: from a link it is found again. */
  function measureStep(index, after) {
    const { open: { world, lesson } } = lab, { play = 1, realisation = 0 } = lesson.steps[index];
    const jobs = setUp(index).slice(0, both(lesson, index) ? 2 : 1).map(job);
    const metric = lesson.metric || "engaged", name = lesson.name;
    if (play === 1) {
      const values = jobs.map((one) => [Many.measured(world, Engine.play(one.world, { ...one, realisation, record: false }),
        metric)]);
      steps.set(index, { values, metric, play });
      after();
    } else Many.start(jobs, play, metric, () => {}, (values) => {
      if (lab.open.name !== name) return;
      steps.set(index, { values, metric, play });
      after();
    });
  }

  function rows() {
    const { viral } = lab.open;
    const several = [...steps].filter(([, { play }]) => play > 1);
    return several.sort(([one], [other]) => one - other).map(([index, { values, metric }]) => {
      const means = values.map((one) => amount(metric, Many.told(one).mean));
      if (values.length === 2) {
        const differences = values[0].map((one, place) => one - values[1][place]);
        return { cells: [String(index + 1), ...means, amount(metric, Many.told(differences).mean)] };
      }
      const share = values[0].length > 1 && metric === "engaged" ? Words.share(Many.share(values[0], viral), 0) : "–";
      return { cells: [String(index + 1), means[0], share] };
    });
  }

  /* What a step has found, in a sentence. */
  function found(index) {
    if (!steps.has(index)) return null;
    const { values, metric } = steps.get(index), { lesson, viral } = lab.open, named = lesson.steps[index].plan;
    const names = values.length === 2 ? lesson.compare : [named];
    return values.map((one, side) => {
      const told = Many.told(one), mean = amount(metric, told.mean);
      if (one.length === 1) return Words.say(`lab_step_found_one_${metric}`, { plan: names[side], value: mean });
      const range = { low: amount(metric, told.p05), high: amount(metric, told.p95) };
      const share = metric === "engaged" ? ` ${Words.say("lab_step_found_viral", { share: Words.share(Many.share(one, viral), 0) })}` : "";
      return Words.say(`lab_step_found_${metric}`, { plan: names[side], value: mean, ...range }) + share;
    }).join(" ");
  }

  const amount = (metric, value) => (metric === "trust" ? Words.share(value / 100) : Words.number(value, 4));

  // -- playing -------------------------------------------------------------------------------------------------------

  const job = (side) => ({ world: Settings.applied(lab.open.world, side.set), plan: side.plan, added: side.added,
    removed: side.removed });

  function playSide(index) {
    const { state } = lab, shown = lab.sides[index], side = state.sides[index];
    const of = JSON.stringify([lab.open.name, side, state.realisation]);
    if (shown.of === of) return;
    shown.of = of;
    const all = { ...job(side), realisation: state.realisation };
    shown.world = all.world;
    shown.played = Engine.play(all.world, { ...all, record: true });
    shown.seeds = new Set(Engine.seeds(all.world, all));
    shown.stage.events(shown.played.events);
    shown.stage.seen(shown.played.seen);
    shown.stage.marks({ seeds: shown.seeds, removed: new Set(side.removed) });
  }

  /* A side that was just asked for shows nothing until it has been played. */
  const visible = () => lab.sides.slice(0, lab.state.compare ? 2 : 1).filter(({ played }) => played !== null);

  function end() {
    const { world } = lab.open;
    if (visible().some(({ played }) => played.trust !== null)) return world.time.horizon;
    return Math.min(world.time.horizon, Math.max(...visible().map(({ played }) => played.last)) + 2);
  }

  // -- showing -------------------------------------------------------------------------------------------------------

  function later() {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => render());
  }

  function render(focus) {
    waiting = false;
    const { state } = lab;
    if (!lab.open || lab.open.name !== state.lesson) toWorld(state.lesson);
    const two = state.compare;
    byId("stages").classList.toggle("two", two);
    lab.sides[1].figure.hidden = !two;
    for (let index = 0; index < (two ? 2 : 1); index++) playSide(index);
    const last = end();
    state.time = Math.min(state.time, last);
    player.horizon(last);
    if (player.time !== state.time) player.go(state.time);
    if (many.of && many.of !== whatPlays()) {
      stopMany();
      state.many = false;
    }
    if (sweepOf !== whatPlays()) {
      stopSweep();
      sweepOf = whatPlays();
    }
    showSides();
    showCurves();
    showMany();
    Panel.show();
    showSweep();
    Guide.show(focus);
    showCommand();
    remember();
  }

  function toWorld(name) {
    lab.open = openWorld(name);
    const { world } = lab.open;
    byId("lesson").value = name;
    stopMany();
    player?.close();
    for (const side of lab.sides) side.stage.close();
    byId("stages").replaceChildren();
    lab.sides = [0, 1].map((index) => makeSide(index));
    lab.sides[0].stage.legend(byId("legend"));
    byId("colour").parentElement.hidden = world.items.length < 2;
    byId("left-out").hidden = !world.leftOut.length;
    byId("left-out-list").replaceChildren(...world.leftOut.map((text) => make("li", {}, text)));
    player = makePlayer();
  }

  function sceneOf(world) {
    const from = new Uint32Array(world.followers.length);
    for (let person = 0; person < world.people; person++)
      from.fill(person, world.offsets[person], world.offsets[person + 1]);
    return {
      people: world.people, names: world.names, x: world.x, y: world.y, from, to: world.followers,
      items: world.items.map((item) => item.name), kinds: world.items.map((item) => item.kind), events: [],
    };
  }

  function makeSide(index) {
    const canvas = make("canvas", { className: "stage", tabIndex: 0 });
    const caption = make("figcaption", {});
    const figure = make("figure", { className: "side", "data-side": String(index) }, caption, canvas);
    byId("stages").append(figure);
    const stage = Stage.make(canvas, sceneOf(lab.open.world));
    stage.colourBy(lab.state.colour);
    canvas.addEventListener("pick", ({ detail: { person } }) => { if (person >= 0) toggle(index, person); });
    return { figure, caption, canvas, stage, of: "", played: null, seeds: new Set() };
  }

  function makePlayer() {
    const { world } = lab.open;
    return Player.make(byId("player"), {
      horizon: world.time.horizon, tickSeconds: world.time.tickSeconds,
      onTime: (time) => {
        lab.state.time = time;
        for (const side of visible()) side.stage.draw(time);
        cursor(time);
        rememberLater();
      },
    });
  }

  function showSides() {
    const { state, open: { world, viral } } = lab;
    visible().forEach((side, index) => {
      const engaged = side.played.curves[world.mainItem].engaged.at(-1);
      const badge = state.compare
        ? make("span", { className: `badge ${"ab"[index]}` }, "AB"[index]) : null;
      const plan = world.plans[state.sides[index].plan].name;
      side.caption.replaceChildren(...[badge, make("strong", {}, plan),
        make("span", {}, Words.say("lab_engaged_of", { n: engaged, people: world.people })),
        make("span", { className: engaged >= viral ? "tag viral" : "tag" },
          Words.say(engaged >= viral ? "lab_viral" : "lab_not_viral"))].filter(Boolean));
      side.figure.classList.toggle("active", state.compare && state.active === index);
      side.stage.draw(state.time);
    });
  }

  let curves = null, trust = null;

  // -- curves -------------------------------------------------------------------------------------------------------

  /* Ticks as the axis counts them: [how it is called, how long one is in ticks]. */
  function axis(last) {
    const { tickSeconds } = lab.open.world.time, seconds = last * tickSeconds;
    const [unit, length] = seconds > 3 * 86400 ? ["days", 86400] : seconds > 3 * 3600 ? ["hours", 3600] : ["minutes", 60];
    return { xLabel: Words.say(`replay_time_${unit}`), scale: tickSeconds / length };
  }

  const sideName = (index) => {
    const plan = lab.open.world.plans[lab.state.sides[index].plan].name;
    return lab.state.compare ? `${"AB"[index]} ${plan}` : plan;
  };

  function showCurves() {
    const { world } = lab.open, two = lab.state.compare, last = end();
    const { xLabel, scale } = axis(last), x = Array.from({ length: last + 1 }, (_, tick) => tick * scale);
    const upto = (values) => Array.from(values.subarray(0, last + 1));
    const shown = visible().flatMap(({ played }, index) => world.items.map((item, place) => ({
      label: [...(two ? [sideName(index)] : []), ...(world.items.length > 1 ? [item.name] : two ? [] : [Words.say("lab_engaged")])]
        .join(": "),
      values: upto(played.curves[place].engaged),
      colour: `--item-${two && world.items.length === 1 ? index : place}`, dash: index ? [7, 4] : [],
    })));
    if (!two) shown.push({
      label: Words.say("lab_reached"), values: upto(lab.sides[0].played.curves[world.mainItem].reach),
      colour: "--quiet", dash: [2, 3],
    });
    const options = { title: Words.say("lab_curves"), series: shown, x, xLabel, yLabel: Words.say("lab_people_axis") };
    curves = drawn(curves, "curves", Chart.curves, { ...options, onPick: (at) => player.go(Math.round(at / scale)) });
    const trusting = visible().some(({ played }) => played.trust !== null);
    byId("trust-part").hidden = !trusting;
    if (trusting) {
      const series = visible().map(({ played }, index) => ({
        label: sideName(index), values: upto(played.trust), colour: `--item-${index}`, dash: index ? [7, 4] : [],
      }));
      trust = drawn(trust, "trust", Chart.curves, {
        title: Words.say("lab_trust"), series, x, xLabel, yLabel: Words.say("replay_trust_axis"), most: 1,
        onPick: (at) => player.go(Math.round(at / scale)),
      });
    }
    cursor(lab.state.time);
  }

  /* Make a chart, or show other data in it. */
  function drawn(chart, id, kind, options) {
    if (!chart) return kind(byId(id), options);
    chart.update(options);
    return chart;
  }

  function cursor(time) {
    const { scale } = axis(end());
    curves?.cursor(time * scale);
    if (!byId("trust-part").hidden) trust?.cursor(time * scale);
  }

  // -- many realisations ---------------------------------------------------------------------------------------------

  let histogram = null;

  function stopMany() {
    many.stop?.();
    many = { stop: null, found: null, of: "" };
  }

  function playMany(count = MANY, after = () => {}) {
    stopMany();
    many.of = whatPlays();
    lab.state.many = true;
    const progress = byId("progress");
    progress.max = count;
    const jobs = lab.state.sides.slice(0, lab.state.compare ? 2 : 1).map(job);
    many.stop = Many.start(jobs, count, "engaged", (played) => { progress.value = played; }, (found) => {
      many.stop = null;
      many.found = found;
      showMany();
      remember();
      after();
    });
    showMany();
  }

  const whatPlays = () => JSON.stringify([lab.open.name, lab.state.sides.slice(0, lab.state.compare ? 2 : 1)]);

  function showMany() {
    const { state, open: { world, viral } } = lab, { found, stop } = many;
    byId("progress").hidden = !stop;
    byId("many").textContent = Words.say(stop ? "lab_many_stop" : "lab_many", { n: MANY });
    byId("histogram").hidden = !found;
    byId("many-hint").hidden = Boolean(found);
    byId("many-told").textContent = "";
    if (!found) return;
    const series = found.map((values, index) => ({
      label: sideName(index), values, colour: `--item-${index}`, dash: index ? [7, 4] : [],
    }));
    histogram = drawn(histogram, "histogram", Chart.histogram, {
      title: Words.say("lab_many_title"), series, xLabel: Words.say("lab_engaged_axis"), yLabel: Words.say("lab_often_axis"),
    });
    histogram.cursor(lab.sides[0].played.curves[world.mainItem].engaged.at(-1));
    const sentences = found.map((values, index) => {
      const told = Many.told(values);
      return Words.say("lab_many_told", {
        plan: sideName(index), mean: told.mean, low: told.low, high: told.high, p05: told.p05, p95: told.p95,
        share: Words.share(Many.share(values, viral), 0), viral,
      });
    });
    if (found.length === 2) {
      const told = Many.told(found[1].map((value, place) => value - found[0][place]));
      const key = told.low > 0 ? "lab_many_more" : told.high < 0 ? "lab_many_fewer" : "lab_many_open";
      const size = { mean: Math.abs(told.mean), low: told.low, high: told.high };
      sentences.push(Words.say(key, size));
    }
    sentences.push(Words.say("lab_many_here", { realisation: state.realisation }));
    byId("many-told").textContent = sentences.join(" ");
  }

  // -- what a slider does ----------------------------------------------------------------------------------------------

  const SWEEP_REALISATIONS = 40;
  let strip = null, sweeping = null;

  function showSweep() {
    const chosen = byId("sweep-of"), before = chosen.value;
    const sliders = Panel.shown();
    chosen.replaceChildren(...sliders.map(({ control, name }) => make("option", { value: control.path }, name)));
    chosen.value = sliders.some(({ control }) => control.path === before) ? before : sliders[0]?.control.path ?? "";
    byId("sweep-card").hidden = sliders.length === 0;
  }

  /* Play every value of one slider a few times, everything else as it is set, all under the same luck. */
  function sweep() {
    sweeping?.();
    const path = byId("sweep-of").value, { state, open: { world } } = lab, side = state.sides[state.active];
    const row = Panel.shown().find(({ control }) => control.path === path);
    const given = row.values.filter((value) => value !== null), every = Math.ceil(given.length / 21);
    const values = given.filter((_, place) => place % every === 0);
    const jobs = values.map((value) => job({ ...side, set: Settings.changed(world, side.set, path, value) }));
    const progress = byId("sweep-progress");
    progress.max = SWEEP_REALISATIONS;
    progress.value = 0;
    progress.hidden = false;
    sweeping = Many.start(jobs, SWEEP_REALISATIONS, "engaged", (played) => { progress.value = played; }, (found) => {
      sweeping = null;
      progress.hidden = true;
      byId("strip").hidden = false;
      const told = found.map(Many.told);
      const line = (key, of, more) => ({ label: Words.say(key), values: told.map(of), ...more });
      strip = drawn(strip, "strip", Chart.curves, {
        title: row.name, x: values, xLabel: row.name, yLabel: Words.say("lab_engaged_axis"),
        series: [
          line("lab_sweep_mean", (one) => one.mean, { colour: "--item-0", dash: [] }),
          line("lab_sweep_p95", (one) => one.p95, { colour: "--quiet", dash: [7, 4] }),
          line("lab_sweep_p05", (one) => one.p05, { colour: "--quiet", dash: [2, 3] }),
        ],
      });
      byId("sweep-told").textContent = Words.say("lab_sweep_told", { n: SWEEP_REALISATIONS });
    });
  }

  function stopSweep() {
    sweeping?.();
    sweeping = null;
    byId("sweep-progress").hidden = true;
    byId("strip").hidden = true;
    byId("sweep-told").textContent = "";
  }

  // -- the same on the command line ------------------------------------------------------------------------------------

  function showCommand() {
    const { state, open: { world, lesson } } = lab, side = state.sides[state.active];
    byId("command-part").hidden = lesson !== null || !data.repeatable;
    if (lesson || !data.repeatable) return;
    const given = [...(data.source ? [data.source] : []), ...(data.settings || []).flatMap((one) => ["--set", one])];
    const call = Settings.command("replay", given, world, side, state.realisation);
    byId("command").textContent = [...call, "--realisation", String(state.realisation)].join(" ");
  }

  function say(text) {
    byId("said").textContent = text;
  }

  // -- the address -------------------------------------------------------------------------------------------------

  let remembering = 0;

  function rememberLater() {
    clearTimeout(remembering);
    remembering = setTimeout(remember, 300);
  }

  function remember() {
    const text = `#${State.written(lab.state, lab.open.world, extra())}`;
    if (text === written) return;
    written = text;
    history.replaceState(null, "", text);
  }

  const extra = () => ({ lang: Words.language, theme: Frame.theme === "auto" ? null : Frame.theme });

  // -- the beginning -------------------------------------------------------------------------------------------------

  function titles() {
    const named = (lesson, place) => `${place + 1}. ${lesson.texts[Words.language].title}`;
    byId("lesson").replaceChildren(
      make("option", { value: State.FREE }, Words.say("lab_free_title")),
      ...data.lessons.map((lesson, place) => make("option", { value: lesson.name }, named(lesson, place))));
    byId("lesson").value = lab.state.lesson;
  }

  /* Show what the address says, at the start and when somebody goes back or follows another link. */
  function restore() {
    const given = new URLSearchParams(location.hash.slice(1));
    if (given.has("lang")) Words.to(given.get("lang"));
    if (given.has("theme")) Frame.toTheme(given.get("theme"));
    lab.state = location.hash.length > 1 ? State.read(location.hash, openWorld, State.FREE) : blank(State.FREE);
    steps.clear();
    titles();
    const { many: wanted, done } = lab.state;
    render();
    for (const index of done) measureStep(index, () => later());
    if (wanted) playMany();
  }

  async function copy(text, button) {
    try {
      await navigator.clipboard.writeText(text);
    } catch {  // not allowed from a file: somebody can still take it from the address
      say(Words.say("lab_not_copied"));
      return;
    }
    say(Words.say("lab_copied"));
    button.dataset.copied = "";
    setTimeout(() => delete button.dataset.copied, 1500);
  }

  function begin() {
    Panel.begin(lab);
    Guide.begin(byId("guide"), lab);
    byId("lesson").addEventListener("change", (event) => enter(event.target.value));
    byId("many").addEventListener("click", () => {
      if (many.stop) {
        stopMany();
        lab.state.many = false;
        showMany();
      } else playMany();
    });
    byId("sweep").addEventListener("click", sweep);
    byId("sweep-of").addEventListener("change", stopSweep);
    byId("colour").addEventListener("change", (event) => {
      lab.state.colour = event.target.value;
      for (const side of lab.sides) side.stage.colourBy(lab.state.colour);
      later();
    });
    byId("copy").addEventListener("click", (event) => {
      remember();
      copy(location.href, event.currentTarget);
    });
    byId("copy-command").addEventListener("click", (event) => copy(byId("command").textContent, event.currentTarget));
    document.addEventListener("language", () => {
      titles();
      later();
    });
    document.addEventListener("theme", rememberLater);
    addEventListener("hashchange", () => { if (location.hash !== written) restore(); });
    byId("drawer").open = !matchMedia("(max-width: 860px)").matches;
    restore();
  }

  begin();
  return lab;
})();
