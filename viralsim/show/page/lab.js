"use strict";

/* The lab: a small network on a stage, played live by the engine; what a visitor changes is played at once, under the
   same luck. There is one state, in the address too, and everything on the page follows from it. */
const Lab = (() => {
  const { make, byId } = Elements;
  const MANY = 300;
  const UNITS = [["days", 86400], ["hours", 3600], ["minutes", 60], ["seconds", 1]];
  const data = Frame.data("lab");
  const opened = new Map();
  const steps = new Map();  // what the steps of a lesson found

  const lab = {
    data, state: null, open: null, sides: [],
    enter, commit, explain, step, rows, change, setSide, setting, luck, toggleCompare, measured: (index) => steps.get(index),
  };

  let player = null, waiting = false, written = "", remembering = 0;
  let curves = null, trust = null, histogram = null, scale = 1;
  let many = null, sweep = null;  // what is played many times: {of, stop, played, found}

  // -- worlds --------------------------------------------------------------------------------------------------

  function openWorld(name) {
    if (!opened.has(name)) {
      const lesson = data.lessons.find((one) => one.name === name) || null;
      if (!lesson && name !== State.FREE) return undefined;
      const world = Engine.world(data.worlds[name]);
      opened.set(name, {
        name, world, lesson, viral: world.viral,
        given: lesson ? [`${name}.toml`] : [...(data.source ? [data.source] : []),
          ...(data.settings || []).flatMap((setting) => ["--set", setting])],
      });
    }
    return opened.get(name);
  }

  const planOf = (world, name) => Math.max(world.plans.findIndex((plan) => plan.name === name), 0);

  function blank(name) {
    const state = State.blank(name), { world, lesson } = openWorld(name);
    if (lesson && lesson.compare) {
      state.compare = true;
      lesson.compare.forEach((plan, side) => { state.sides[side].plan = planOf(world, plan); });
    }
    return state;
  }

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
    const { state, open: { world } } = lab;
    setSide({ set: Settings.changed(world, state.sides[state.active].set, path, value) });
  }

  /* After a change the end is shown, unless it plays: what the change does is seen at once. */
  function settle() {
    if (!player.playing) lab.state.time = Infinity;
  }

  function luck(realisation) {
    settle();
    change({ realisation: Math.min(Math.max(Math.trunc(realisation) || 0, 0), 2 ** 32 - 1) });
  }

  function toggleCompare() {
    const { state, open: { world } } = lab;
    if (!state.compare) {
      const other = world.plans.findIndex((_, index) => index !== state.sides[0].plan);
      const fresh = State.side(other >= 0 ? other : state.sides[0].plan);
      state.sides[1] = { ...fresh, set: { ...state.sides[0].set } };
    }
    change({ compare: !state.compare, active: state.compare ? 0 : 1 });
  }

  function toggle(index, person) {
    const { state } = lab;
    if (person < 0 || locked()) return;
    const side = state.sides[index], seeded = lab.sides[index].seeds.has(person), own = side.added.includes(person);
    const without = (list) => list.filter((one) => one !== person);
    state.active = state.compare ? index : 0;
    state.sides[index] = {
      ...side,
      added: own ? without(side.added) : seeded || side.removed.includes(person) ? side.added : [...side.added, person],
      removed: seeded && !own ? [...side.removed, person] : without(side.removed),
    };
    if (state.time > 0) settle();
    render();
    say(Words.say(seeded ? "lab_taken_out" : "lab_seeded", { name: lab.open.world.names[person] }));
  }

  const locked = () => lab.open.lesson !== null && lab.state.guess === null;

  function enter(name) {
    steps.clear();
    lab.state = blank(name);
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

  /* A step sets the stage as it says, all else as the scenario says, and plays once or many times. */
  function setUp(index) {
    const { open: { world, lesson } } = lab, { set, plans } = lesson.steps[index];
    return [plans[0], plans[1] ?? plans[0]].map((plan) => ({
      ...State.side(planOf(world, plan)),
      set: Object.entries(set).reduce((found, [path, value]) => Settings.changed(world, found, path, value), {}),
    }));
  }

  function step(index) {
    const { state, open: { lesson } } = lab, { plans, play, realisation } = lesson.steps[index];
    stopMany();
    Object.assign(state, { sides: setUp(index), compare: plans.length > 1, active: 0, realisation, time: 0, many: false });
    player.pause();
    if (play > 1) {
      state.time = Infinity;
      render();
      playMany(play, (found) => {
        steps.set(index, found);
        finish(index);
      });
    } else {
      render();
      steps.set(index, visible().map(({ world, played }) => [Many.measured(world, played, metric())]));
      finish(index);
      player.play();
    }
    if (matchMedia("(max-width: 900px)").matches) byId("stages").scrollIntoView({ block: "start" });
  }

  function finish(index) {
    const { state } = lab;
    if (!state.done.includes(index)) state.done = [...state.done, index];
    render();
  }

  /* From a link, the steps done are played again, one after another: they find the same. */
  function restore() {
    const { open, state: { done } } = lab, index = done.find((one) => !steps.has(one));
    if (index === undefined || !open.lesson) return;
    const { play, realisation, plans } = open.lesson.steps[index];
    const jobs = setUp(index).slice(0, plans.length).map(jobOf);
    Many.start(jobs, play > 1 ? 0 : realisation, play, metric(), () => lab.open === open, (found) => {
      steps.set(index, found);
      render();
      restore();
    });
  }

  function rows() {
    const { open: { viral, lesson } } = lab;
    return [...steps].sort(([one], [other]) => one - other).flatMap(([index, found]) => found.map((values, side) => {
      const all = Many.told(values), { plans } = lesson.steps[index];
      const often = values.length > 1 && metric() === "engaged" ? Words.share(Many.share(values, viral), 0) : "–";
      const spread = values.length > 1 ? Words.say("lab_between", { low: amount(all.p05), high: amount(all.p95) }) : "–";
      return [String(index + 1), plans[side], amount(all.mean), spread, often];
    }));
  }

  // -- playing -------------------------------------------------------------------------------------------------------

  const metric = () => lab.open.lesson?.metric || "engaged";
  const amount = (value) => (metric() === "trust" ? Words.share(value / 100) : Words.number(value));
  const jobOf = (side) => ({ ...side, world: Settings.applied(lab.open.world, side.set) });
  const visible = () => lab.sides.slice(0, lab.state.compare ? 2 : 1);
  const setUpNow = () => JSON.stringify([lab.open.name, lab.state.sides.slice(0, lab.state.compare ? 2 : 1)]);

  function playSide(index) {
    const { state } = lab, shown = lab.sides[index], side = state.sides[index];
    const of = JSON.stringify([side, state.realisation]);
    if (shown.of === of) return;
    const job = { ...jobOf(side), realisation: state.realisation };
    const seeds = new Set(Engine.seeds(job.world, job));
    Object.assign(shown, { of, seeds, world: job.world, played: Engine.play(job.world, job) });
    shown.stage.events(shown.played.events);
    shown.stage.seen(shown.played.seen);
    shown.stage.marks({ seeds, removed: new Set(side.removed) });
  }

  function end() {
    const { horizon } = lab.open.world.time, played = visible().map((side) => side.played);
    if (played.some((one) => one.trust !== null)) return horizon;
    return Math.max(1, Math.min(horizon, Math.max(...played.map((one) => one.last)) + 2));
  }

  function playMany(count = MANY, after = null) {
    stopMany();
    const started = { of: setUpNow(), count, played: 0, found: null };
    many = started;
    const jobs = visible().map((_, index) => jobOf(lab.state.sides[index]));
    started.stop = Many.start(jobs, 0, count, metric(), (played) => {
      started.played = played;
      byId("progress").value = played;
      return many === started;
    }, (found) => {
      started.found = found;
      lab.state.many = true;
      showMany();
      if (after) after(found);
      remember();
    });
    showMany();
  }

  function stopMany() {
    many?.stop();
    many = null;
    if (lab.state) lab.state.many = false;
  }

  // -- showing -------------------------------------------------------------------------------------------------------

  function later() {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => waiting && render());
  }

  function render(focus) {
    waiting = false;
    const { state } = lab;
    if (lab.open?.name !== state.lesson) toWorld(state.lesson);
    byId("stages").classList.toggle("two", state.compare);
    lab.sides[1].figure.hidden = !state.compare;
    visible().forEach((_, index) => playSide(index));
    const last = end(), time = Math.min(state.time, last);  // a shorter horizon takes the player, and so the state, back
    player.horizon(last);
    player.go(time);
    if (many && many.of !== setUpNow()) stopMany();
    showSides();
    showCurves(last);
    showMany();
    showSweep();
    Panel.show();
    Guide.show(focus);
    showCommand();
    remember();
  }

  function toWorld(name) {
    stopMany();
    stopSweep();
    for (const { stage } of lab.sides) stage.close();
    player?.close();
    lab.open = openWorld(name);
    const { world } = lab.open;
    byId("lesson").value = name;
    byId("stages").replaceChildren();
    lab.sides = [0, 1].map(makeSide);
    lab.sides[0].stage.legend(byId("legend"));
    byId("colour-row").hidden = world.items.length < 2;
    byId("colour").value = lab.state.colour;
    player = Player.make(byId("player"), { horizon: world.time.horizon, tickSeconds: world.time.tickSeconds, onTime });
    tellLeftOut();
  }

  function onTime(time) {
    lab.state.time = time;
    if (visible().some((side) => side.played === null)) return;
    for (const { stage } of visible()) stage.draw(time);
    showSides();
    curves?.cursor(time * scale);
    trust?.cursor(time * scale);
    clearTimeout(remembering);
    remembering = setTimeout(remember, 300);
  }

  function makeSide(index) {
    const { world } = lab.open, from = new Uint32Array(world.followers.length);
    for (let person = 0; person < world.people; person++)
      from.fill(person, world.offsets[person], world.offsets[person + 1]);
    const canvas = make("canvas", { className: "stage" }), caption = make("figcaption", {});
    const figure = make("figure", { className: "side" }, caption, canvas);
    byId("stages").append(figure);
    figure.hidden = index === 1 && !lab.state.compare;
    const stage = Stage.make(canvas, { people: world.people, names: world.names, x: world.x, y: world.y, from,
      to: world.followers, items: world.items.map((item) => item.name), events: [] });
    stage.colourBy(lab.state.colour);
    canvas.addEventListener("pick", ({ detail }) => toggle(index, detail.person));
    canvas.addEventListener("keydown", (event) => {
      if (event.key !== " ") return;
      event.preventDefault();
      if (player.playing) player.pause();
      else player.play();
    });
    return { figure, caption, stage, of: "", played: null, world, seeds: new Set() };
  }

  /* What a stage says of itself is as of the time shown: how it ends is not given away. */
  function showSides() {
    const { state, open: { world, viral } } = lab, tick = Math.floor(state.time + 1e-9);
    visible().forEach((side, index) => {
      const engaged = side.played.curves[world.mainItem].engaged[tick], hit = engaged >= viral;
      const now = JSON.stringify([engaged, state.compare, state.sides[index].plan, Words.language]);
      side.figure.classList.toggle("active", state.compare && state.active === index);
      if (side.caption.dataset.now === now) return;
      side.caption.dataset.now = now;
      side.caption.replaceChildren(
        ...(state.compare ? [make("span", { className: `badge ${"ab"[index]}` }, "AB"[index])] : []),
        make("strong", {}, world.plans[state.sides[index].plan].name),
        make("span", {}, Words.say("lab_engaged_of", { n: engaged, people: world.people })),
        ...(hit ? [make("span", { className: "tag" }, Words.say("lab_viral"))] : []));
    });
  }

  function showCurves(last) {
    const { open: { world }, state } = lab, { tickSeconds } = world.time;
    const [unit, seconds] = UNITS.find(([, length]) => last * tickSeconds > 3 * length) || UNITS[3];
    scale = tickSeconds / seconds;
    const upTo = (values) => Array.from(values.subarray(0, last + 1)), main = world.mainItem;
    const named = (index) => `${"AB"[index]}: ${world.plans[state.sides[index].plan].name}`;
    const [{ played }] = lab.sides;
    const series = state.compare
      ? visible().map((side, index) => ({ label: named(index), values: upTo(side.played.curves[main].engaged),
        colour: `--side-${"ab"[index]}` }))
      : [...world.items.map((item, index) => ({ values: upTo(played.curves[index].engaged), colour: `--item-${index % 7}`,
        label: world.items.length > 1 ? Words.say("lab_engaged_in", { item: item.name }) : Words.say("lab_engaged") })),
      { label: world.items.length > 1 ? Words.say("lab_reach_of", { item: world.items[main].name }) : Words.say("lab_reach"),
        values: upTo(played.curves[main].reach), colour: "--quiet", dash: [2, 3] }];
    const common = { x: Array.from({ length: last + 1 }, (_, tick) => tick * scale), cursor: state.time * scale,
      xLabel: Words.say(`lab_time_${unit}`), onPick: (at) => { player.pause(); player.go(Math.round(at / scale)); } };
    const told = { ...common, title: Words.say("lab_curves"), series, yLabel: Words.say("lab_axis_people") };
    if (curves) curves.update(told);
    else curves = Chart.curves(byId("curves"), told);

    byId("trust-part").hidden = played.trust === null;
    if (played.trust === null) return;
    const trusts = { ...common, title: Words.say("lab_trust"), yLabel: Words.say("lab_axis_trust"), most: 100,
      series: visible().map((side, index) => ({ label: state.compare ? named(index) : Words.say("lab_trust_mean"),
        values: upTo(side.played.trust).map((one) => one * 100),
        colour: state.compare ? `--side-${"ab"[index]}` : "--ink" })) };
    if (trust) trust.update(trusts);
    else trust = Chart.curves(byId("trust"), trusts);
  }

  function showMany() {
    const { open: { world, viral }, state } = lab;
    byId("many-card").toggleAttribute("inert", locked());
    byId("many").textContent = Words.say("lab_many", { n: MANY });
    const running = many !== null && many.found === null, found = many?.found;
    byId("progress").hidden = !running;
    if (running) byId("progress").max = many.count;
    byId("many-hint").hidden = Boolean(found);
    byId("histogram").hidden = byId("many-told").hidden = !found;
    if (!found) return;
    const name = (index) => (state.compare ? `${"AB"[index]}: ` : "") + world.plans[state.sides[index].plan].name;
    const isTrust = metric() === "trust";
    const options = {
      title: Words.say("lab_many_title"), bins: 32, from: 0, to: isTrust ? 100 : Math.max(viral, ...found.flat()),
      series: found.map((values, index) => ({ label: name(index), values, colour: `--side-${"ab"[index]}` })),
      xLabel: Words.say(isTrust ? "lab_axis_trust_end" : "lab_axis_engaged"), yLabel: Words.say("lab_axis_times"),
      cursor: Many.measured(lab.sides[0].world, lab.sides[0].played, metric()),
    };
    if (histogram) histogram.update(options);
    else histogram = Chart.histogram(byId("histogram"), options);
    const lines = found.map((values, index) => {
      const { mean, low, high, p05, p95 } = Many.told(values);
      const values_ = { name: name(index), n: values.length, mean: amount(mean), low: amount(low), high: amount(high),
        p05: amount(p05), p95: amount(p95), share: Words.share(Many.share(values, viral), 0), viral };
      return Words.say(isTrust ? "lab_told_trust" : "lab_told", values_);
    });
    if (found.length === 2) {
      const differences = found[0].map((one, place) => one - found[1][place]), all = Many.told(differences);
      lines.push(Words.say("lab_told_difference", { mean: amount(all.mean), low: amount(all.low), high: amount(all.high),
        share: Words.share(Many.share(differences, 1e-9), 0) }));
    }
    byId("many-told").replaceChildren(...lines.map((line) => make("p", {}, line)),
      make("p", { className: "quiet" }, Words.say("lab_marker", { realisation: String(state.realisation) })));
  }

  // -- the outcome along a slider -----------------------------------------------------------------------------------

  const PLACES = 13, EACH = 40;

  function sweepControls() {
    const { open: { world, lesson }, state } = lab;
    const all = Settings.all(world, state.sides[state.active].plan, lesson ? lesson.sliders : {});
    return Settings.usual(all, lesson).filter(({ values }) => values.length > 2);
  }

  function playSweep() {
    const { open, state } = lab, control = sweepControls().find(({ path }) => path === byId("sweep-of").value);
    if (!control) return;
    stopSweep();
    const every = Math.max(1, (control.values.length - 1) / (PLACES - 1));
    const values = [...new Set(Array.from({ length: PLACES }, (_, n) => Math.round(n * every)))]
      .filter((place) => place < control.values.length).map((place) => control.values[place]);
    const side = state.sides[state.active], of = JSON.stringify([open.name, side, control.path]);
    const jobs = values.map((value) => jobOf({ ...side, set: Settings.changed(open.world, side.set, control.path, value) }));
    const started = { of, control, values, found: null };
    sweep = started;
    byId("sweep-progress").max = EACH;
    started.stop = Many.start(jobs, 0, EACH, metric(), (played) => {
      byId("sweep-progress").value = played;
      return sweep === started;
    }, (found) => {
      started.found = found;
      showSweep();
    });
    showSweep();
  }

  function stopSweep() {
    sweep?.stop();
    sweep = null;
  }

  function showSweep() {
    const { open, state } = lab, select = byId("sweep-of"), controls = sweepControls();
    byId("sweep-card").hidden = controls.length === 0;
    byId("sweep-card").toggleAttribute("inert", locked());
    const chosen = select.value;
    select.replaceChildren(...controls.map(({ path, word, told }) => {
      const item = open.world.items.length > 1 && told.item ? `${told.item}: ` : "";
      return make("option", { value: path }, item + Words.say(`lab_${word}`, told));
    }));
    if (controls.some(({ path }) => path === chosen)) select.value = chosen;
    else if (controls.some(({ word }) => word === "stickiness"))
      select.value = controls.find(({ word }) => word === "stickiness").path;
    const now = { ...state.sides[state.active] };
    if (sweep) {  // the slider itself may be anywhere
      const own = JSON.parse(sweep.of)[1], { path } = sweep.control;
      const same = (one) => JSON.stringify({ ...one, set: { ...one.set, [path]: 0 } });
      if (JSON.parse(sweep.of)[0] !== open.name || same(own) !== same(now)) stopSweep();
    }
    byId("sweep-progress").hidden = !sweep || sweep.found !== null;
    const shown = sweep !== null && sweep.found !== null;
    byId("strip").hidden = byId("sweep-told").hidden = !shown;
    if (!shown) return;
    const { control, values, found } = sweep, { world, viral } = open;
    const at = now.set[control.path] ?? Settings.base(world, control.path);
    Strip.show(byId("strip"), {
      values: found, labels: values.map((value) => Settings.shown(control.kind, value, world)),
      most: metric() === "trust" ? 100 : Math.max(viral * 2, ...found.flat()), marked: Settings.nearest(values, at),
      xLabel: Words.say(`lab_${control.word}`, control.told),
      yLabel: Words.say(metric() === "trust" ? "lab_axis_trust_end" : "lab_axis_engaged"), amount,
    });
    const first = metric() === "trust" ? -1 : found.findIndex((one) => Many.share(one, viral) >= 0.5);
    byId("sweep-told").textContent = first < 0 ? Words.say("lab_sweep_none", { n: EACH })
      : Words.say("lab_sweep_told", { n: EACH, value: Settings.shown(control.kind, values[first], world) });
  }

  // -- the command line, and what is left out ---------------------------------------------------------------------------

  function showCommand() {
    const { open: { world, given, lesson, name }, state } = lab;
    const lines = visible().flatMap((_, index) => {
      const side = state.sides[index];
      const one = Settings.command("replay", given, world, side, state.realisation);
      const found = [[...one, "--realisation", String(state.realisation)].join(" ")];
      // Whom a draw takes differs between realisations: without somebody it cannot be written down for all of them.
      if (many?.found && !side.removed.length)
        found.push([...Settings.command("run", given, world, side, 0), "--realisations", String(many.count)].join(" "));
      return found;
    });
    byId("command").textContent = lines.join("\n");
    const file = lesson ? lesson.file : null;
    byId("save").hidden = !file;
    if (file && byId("save").download !== `${name}.toml`) {
      URL.revokeObjectURL(byId("save").href);
      byId("save").href = URL.createObjectURL(new Blob([file], { type: "application/toml" }));
      byId("save").download = `${name}.toml`;
    }
  }

  /* What the Python side tells in English is found again among the words: its key and values. */
  function keyOf(text) {
    for (const [key, template] of Object.entries(Words.all.en)) {
      if (!key.startsWith("left_")) continue;
      const names = [], literal = (part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
      const pattern = template.split(/(\{\w+\})/).map((part) => {
        if (!/^\{\w+\}$/.test(part)) return literal(part);
        names.push(part.slice(1, -1));
        return "(.*)";
      }).join("");
      const found = new RegExp(`^${pattern}$`, "s").exec(text);
      if (found) return { key, values: Object.fromEntries(names.map((name, place) => [name, found[place + 1]])) };
    }
    return null;
  }

  function inOwnWords(text) {
    const found = keyOf(text);
    return found ? Words.say(found.key, found.values) : text;
  }

  // What is left out and changes no cascade, or is said in the command.
  const HARMLESS = ["left_generated", "left_money", "left_converts"];

  function tellLeftOut() {
    const always = ["lab_left_approximation", "lab_left_converts"].map((key) => Words.say(key));
    byId("left-out-list").replaceChildren(...[...lab.open.world.leftOut.map(inOwnWords), ...always]
      .map((text) => make("li", {}, text)));
    const same = lab.open.world.leftOut.every((text) => HARMLESS.includes(keyOf(text)?.key));
    byId("command-hint").textContent = Words.say(same ? "lab_command_hint" : "lab_command_differs");
    byId("smaller").hidden = !lab.open.world.leftOut.length;
    byId("smaller").textContent = Words.say("lab_left_note", { n: lab.open.world.leftOut.length });
  }

  function say(text) {
    byId("said").textContent = text;
  }

  async function copy(text, button) {
    let done = true;
    try {
      await navigator.clipboard.writeText(text);
    } catch {  // from a file, some browsers do not let a page do that
      const field = make("textarea", { value: text, className: "unseen" });
      document.body.append(field);
      field.select();
      done = document.execCommand("copy");
      field.remove();
      button.focus();
    }
    say(Words.say(done ? "lab_copied" : "lab_not_copied"));
    const before = button.dataset.words;
    button.textContent = Words.say(done ? "lab_copied" : "lab_not_copied");
    setTimeout(() => { button.textContent = Words.say(before); }, 1600);
  }

  // -- the address -------------------------------------------------------------------------------------------------

  function remember() {
    clearTimeout(remembering);
    const theme = Frame.theme === "auto" ? null : Frame.theme;
    const text = `#${State.written(lab.state, lab.open.world, { lang: Words.language, theme })}`;
    if (text === written) return;
    written = text;
    history.replaceState(null, "", text);
  }

  function fromAddress() {
    const given = new URLSearchParams(location.hash.slice(1));
    const [language, theme] = [given.get("lang"), given.get("theme")];
    if (language) Words.to(language);
    if (theme === "light" || theme === "dark") Frame.toTheme(theme);
    steps.clear();
    const bare = ![...given.keys()].some((key) => key !== "lesson" && key !== "lang" && key !== "theme");
    const state = State.read(location.hash, openWorld);
    lab.state = bare ? blank(state.lesson) : state;
    const again = lab.state.many;
    render();
    if (again) playMany();
    restore();
  }

  function listLessons() {
    const options = [make("option", { value: State.FREE }, Words.say("lab_free")),
      ...data.lessons.map((lesson, index) =>
        make("option", { value: lesson.name }, `${index + 1}. ${lesson.texts[Words.language].title}`))];
    byId("lesson").replaceChildren(...options);
    if (lab.open) byId("lesson").value = lab.open.name;
  }

  byId("lesson").addEventListener("change", (event) => enter(event.target.value));
  byId("colour").addEventListener("change", (event) => {
    lab.state.colour = event.target.value;
    for (const { stage } of lab.sides) stage.colourBy(event.target.value);
    remember();
  });
  byId("many").addEventListener("click", () => playMany());
  byId("sweep").addEventListener("click", playSweep);
  byId("sweep-of").addEventListener("change", () => { stopSweep(); showSweep(); });
  byId("copy").addEventListener("click", () => { remember(); copy(location.href, byId("copy")); });
  byId("copy-command").addEventListener("click", () => copy(byId("command").textContent, byId("copy-command")));
  document.addEventListener("language", () => {
    if (!lab.open) return;
    listLessons();
    tellLeftOut();
    render();
  });
  document.addEventListener("theme", () => lab.open && remember());
  addEventListener("hashchange", () => location.hash !== written && fromAddress());
  if (matchMedia("(max-width: 900px)").matches) byId("drawer").open = false;
  Panel.begin(lab);
  Guide.begin(byId("guide"), lab);
  listLessons();
  fromAddress();
  listLessons();
  return lab;
})();
