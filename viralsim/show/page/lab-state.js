"use strict";

/* What a visitor has set up, and its text after the # of the address, so that a link or a bookmark shows the same.
   What stands there may be old or made up by anybody: what does not fit the world is dropped. */
const State = (() => {
  const FREE = "sandbox";
  const side = (plan = 0) => ({ plan, set: {}, added: [], removed: [] });

  const blank = (lesson = FREE) => ({
    lesson, guess: null, done: [], told: false, realisation: 0, time: 0, many: false, compare: false, active: 0,
    all: false, colour: "generation", sides: [side(), side()],
  });

  const text = (value) => (value === null ? "none" : String(value));

  function written(state, world, extra) {
    const found = new URLSearchParams();
    const put = (key, value) => value !== null && value !== "" && value !== false && found.set(key, String(value));
    put("lesson", state.lesson);
    put("guess", state.guess);
    put("done", state.done.join("."));
    put("told", state.told && 1);
    put("all", state.all && 1);
    put("compare", state.compare && 1);
    put("active", state.compare && state.active === 1 && 1);
    put("colour", state.colour === "generation" ? "" : state.colour);
    state.sides.slice(0, state.compare ? 2 : 1).forEach((one, index) => {
      const mark = index ? "b:" : "";
      put(`${mark}plan`, world.plans[one.plan].name);
      for (const [path, value] of Object.entries(one.set)) found.set(mark + path, text(value));
      put(`${mark}added`, one.added.join("."));
      put(`${mark}removed`, one.removed.join("."));
    });
    put("realisation", state.realisation);
    put("time", Math.round(state.time * 100) / 100 || "");
    put("many", state.many && 1);
    for (const [key, value] of Object.entries(extra)) put(key, value);
    return found.toString().replaceAll("%3A", ":");
  }

  const whole = (given, most) => (/^\d{1,10}$/.test(given ?? "") && Number(given) <= most ? Number(given) : null);
  const wholes = (given, most) => [...new Set((given || "").split(".").map((one) => whole(one, most)))]
    .filter((one) => one !== null);

  /* `opened(name)` gives {name, lesson, world} of a lesson or of free play, or undefined. */
  function read(hash, opened) {
    const given = new URLSearchParams(hash.replace(/^#/, ""));
    const { name, world, lesson } = opened(given.get("lesson") || FREE) || opened(FREE);
    const state = blank(name);
    const flag = (key) => given.get(key) === "1";
    state.guess = lesson ? whole(given.get("guess"), lesson.texts.en.options.length - 1) : null;
    state.done = lesson && state.guess !== null ? wholes(given.get("done"), lesson.steps.length - 1) : [];
    state.told = flag("told") && state.guess !== null;
    Object.assign(state, { all: flag("all"), compare: flag("compare"), many: flag("many"), active: Number(flag("active")) });
    if (!state.compare) state.active = 0;
    state.colour = given.get("colour") === "item" ? "item" : "generation";
    state.realisation = whole(given.get("realisation"), 2 ** 32 - 1) ?? 0;
    const time = Number(given.get("time"));
    state.time = time > 0 && time <= world.time.horizon ? time : 0;
    state.sides = ["", "b:"].map((mark) => readSide(given, mark, world, lesson));
    return state;
  }

  function readSide(given, mark, world, lesson) {
    const plan = world.plans.findIndex((one) => one.name === given.get(`${mark}plan`));
    const made = side(Math.max(plan, 0));
    for (const { path, values } of Settings.all(world, made.plan, lesson ? lesson.sliders : {})) {
      const found = given.get(mark + path);
      if (found === null) continue;
      const value = found === "none" ? null : Number(found);
      const ends = values.filter((one) => one !== null);
      const fits = value === null ? values.includes(null) : found !== "" && value >= ends[0] && value <= ends.at(-1);
      if (fits) made.set = Settings.changed(world, made.set, path, value);
    }
    made.added = wholes(given.get(`${mark}added`), world.people - 1);
    made.removed = wholes(given.get(`${mark}removed`), world.people - 1).filter((one) => !made.added.includes(one));
    return made;
  }

  return { FREE, blank, side, written, read };
})();
