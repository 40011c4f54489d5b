"use strict";

/* What can be changed in a world: every control is a path of the scenario, its unit, and the values a slider steps
   through. Settings are kept as {path: value} and played through `Engine.set`; the command line takes the same paths. */
const Settings = (() => {
  const HOUR = 3600, DAY = 24 * HOUR;
  const TIMES = [0.5, 1, 2, 3, 4, 6, 9, 12, 18].map((n) => n * HOUR)
    .concat([1, 1.5, 2, 3, 4, 5, 6, 7, 10, 14, 21, 28].map((n) => n * DAY));
  const MOST_SEEDS = 60, MOST_EXPOSURES = 5;

  const steps = (low, high, step) =>
    Array.from({ length: Math.round((high - low) / step) + 1 }, (_, n) => Number((low + n * step).toPrecision(12)));
  const shares = (high = 1) => steps(0, high, high <= 0.5 ? 0.005 : 0.05);

  // How many units of dose it takes before stickiness counts. No key of the scenario by itself: from 2 on it stands for
  // the law "curve" with no chance at all before the last unit, which then has the stickiness.
  const exposures = (item) => `item.${item}.exposures`;

  const control = (path, word, kind, values, told = {}) => ({ path, word, kind, values, told });

  const timesOf = (world) =>
    TIMES.map((seconds) => seconds / world.time.tickSeconds).filter((ticks) => Number.isInteger(ticks));

  function ofItem(world, item) {
    const path = (key) => `item.${item.name}.${key}`, told = { item: item.name };
    const found = [], harms = item.kind === "testimony" || item.kind === "rumour";
    const sticky = item.law === "independent" && typeof item.stickiness === "number";
    const times = timesOf(world);
    if (sticky) found.push(control(path("stickiness"), "stickiness", "share", shares(0.5), told));
    if (sticky || item.law === "curve")
      found.push(control(path("endorsement"), "endorsement", "factor", steps(0, 5, 0.25), told));
    if (sticky) found.push(control(exposures(item.name), "exposures", "exposures", steps(1, MOST_EXPOSURES, 1), told));
    if (item.law === "fixed")
      found.push(Number.isInteger(item.threshold) && item.threshold > 0
        ? control(path("threshold"), "threshold", "count", steps(1, 6, 1), told)
        : control(path("threshold"), "threshold_share", "share", steps(0.05, 1, 0.05), told));
    if (!item.novelty && item.half_life !== "platform")
      found.push(control(path("half_life"), "half_life", "duration", [...times, null], told));
    if (harms) {
      found.push(control(path("damage"), "damage", "share", shares(), told));
      found.push(control(path("scar"), "scar", "share", shares(), told));
    }
    if (item.kind === "restoration") found.push(control(path("repair"), "repair", "share", shares(), told));
    if (item.kind === "restoration" || item.after || item.reaction_delay > 0)
      found.push(control(path("reaction_delay"), "reaction_delay", "duration", [0, ...times], told));
    return found;
  }

  function ofPlan(world, plan) {
    return world.plans[plan].waves.filter((wave) => wave.count !== null && wave.most > 1).map((wave) =>
      control(`${wave.path}.count`, "count", "people", steps(1, Math.max(Math.min(wave.most, MOST_SEEDS), 1), 1),
        { item: wave.item, wave: wave.path.split(".").at(-1) }));
  }

  const ofSegment = (world, segment) => [
    ...world.items.map((item) => control(`item.${item.name}.affinity.${segment.name}`, "affinity", "factor",
      steps(0, 3, 0.1), { item: item.name, segment: segment.name })),
    control(`segment.${segment.name}.attention`, "attention", "share", shares(), { segment: segment.name }),
    control(`segment.${segment.name}.satisfaction`, "satisfaction", "share", shares(), { segment: segment.name }),
  ];

  function holds(world, path) {
    if (path.endsWith(".exposures")) return true;
    try {
      const value = Engine.read(world, path);
      return (value === null && !path.startsWith("plan.")) || typeof value === "number";
    } catch {
      return false;  // a name with a dot in it
    }
  }

  /* Every control of a world under a plan; a lesson shows a few of them, and may give a slider other steps. */
  function all(world, plan, sliders = {}) {
    const platform = `platform.${world.platform.name}`, times = timesOf(world);
    const others = [
      control("trust.half_life", "trust_half_life", "duration", [...times, null]),
      control(`${platform}.visibility`, "visibility", "share", shares()),
      ...["mean", "median"].map((key) => control(`${platform}.delay.${key}`, "delay", "duration", times)),
    ];
    const found = [...ofPlan(world, plan), ...world.items.flatMap((item) => ofItem(world, item)),
      ...world.segments.flatMap((segment) => ofSegment(world, segment)), ...others];
    return found.filter(({ path }) => holds(world, path)).map((one) => {
      const slider = sliders[one.path];
      const values = slider ? steps(slider.low, slider.high, slider.step) : one.values;
      return { ...one, values: including(values, base(world, one.path)) };
    });
  }

  const RARE = ["affinity", "attention", "visibility", "satisfaction", "damage", "repair", "delay", "trust_half_life"];

  /* What a visitor meets first of them: what a lesson names, in its order; seeds are those of the plan that is shown. */
  function usual(controls, lesson) {
    if (!lesson) return controls.filter(({ word }) => !RARE.includes(word));
    const place = ({ path, word }) => lesson.controls.findIndex((one) => one === path
      || (word === "count" && one.startsWith("plan.")));
    return controls.filter((one) => place(one) >= 0).sort((one, other) => place(one) - place(other));
  }

  const base = (world, path) => (path.endsWith(".exposures") ? 1 : Engine.read(world, path));

  const position = (value) => (value === null ? Infinity : value);

  function including(values, value) {
    if (values.includes(value)) return values;
    return [...values, value].sort((one, other) => position(one) - position(other));
  }

  /* The place of the value next to this one, for a slider. */
  function nearest(values, value) {
    if (value === null) return values.length - 1;
    let best = 0;
    values.forEach((one, place) => {
      if (one !== null && Math.abs(one - value) < Math.abs(position(values[best]) - value)) best = place;
    });
    return best;
  }

  /* Settings as the scenario takes them. */
  function written(world, set) {
    const found = { ...set };
    for (const item of world.items) {
      const units = found[exposures(item.name)], sticky = `item.${item.name}.stickiness`;
      delete found[exposures(item.name)];
      if (!(units > 1)) continue;
      found[`item.${item.name}.law`] = "curve";
      found[`item.${item.name}.curve`] = [...Array(units - 1).fill(0), Math.min(found[sticky] ?? item.stickiness, 0.999)];
      delete found[sticky];
    }
    return Object.entries(found);
  }

  const applied = (world, set) =>
    written(world, set).reduce((so_far, [path, value]) => Engine.set(so_far, path, value), world);

  /* A setting that says what the scenario says anyway is none. */
  function changed(world, set, path, value) {
    const copy = { ...set, [path]: value };
    if (value === base(world, path)) delete copy[path];
    return copy;
  }

  // -- as text -------------------------------------------------------------------------------------------------

  function duration(ticks, tickSeconds) {
    if (ticks === null) return Words.say("lab_never");
    if (ticks === 0) return Words.say("lab_at_once");
    const seconds = ticks * tickSeconds;
    const [unit, length] = seconds >= 2 * DAY || seconds === DAY ? ["day", DAY] : seconds >= HOUR ? ["hour", HOUR]
      : seconds >= 60 ? ["minute", 60] : ["second", 1];
    const options = { style: "unit", unit, unitDisplay: "long", maximumFractionDigits: 1 };
    return new Intl.NumberFormat(Words.language, options).format(seconds / length);
  }

  function shown(kind, value, world) {
    return {
      share: () => Words.share(value),
      factor: () => `× ${Words.number(value)}`,
      people: () => Words.say("lab_people", { n: value }),
      count: () => Words.say("lab_shares_of", { n: value }),
      exposures: () => Words.say("lab_units", { n: value }),
      duration: () => duration(value, world.time.tickSeconds),
    }[kind]();
  }

  const word = (text) => (/^[A-Za-z0-9_./:%+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
  const key = (path) => path.split(".").map((part) => (/^[A-Za-z0-9_-]+$/.test(part) ? part : JSON.stringify(part)))
    .join(".");
  const toml = (value) => (value === null ? "none" : typeof value === "string" ? value : JSON.stringify(value));

  /* The words of a call that plays the same: `given` is how the scenario is called, with its own --set. */
  function command(name, given, world, side, realisation) {
    const settings = written(world, side.set);
    const wave = world.plans[side.plan].waves.find((one) => one.item === world.items[world.mainItem].name);
    if (wave && (side.added.length || side.removed.length)) {
      const changed = Settings.applied(world, side.set);
      const names = (people) => people.map((person) => world.names[person]);
      if (side.removed.length) {
        const people = Engine.seeds(changed, { plan: side.plan, realisation, added: side.added, removed: side.removed });
        settings.push([`${wave.path}.strategy`, "explicit"], [`${wave.path}.people`, names(people)]);
      } else {
        const own = wave.path.replace(/[^.]+$/, "clicked");
        settings.push([own, { item: wave.item, strategy: "explicit", people: names(side.added), start: wave.start }]);
      }
    }
    return ["viralsim", name, ...given.map(word), ...settings.flatMap(([path, value]) => ["--set",
      word(`${key(path)}=${inline(value)}`)]), "--plan", word(world.plans[side.plan].name)];
  }

  const inline = (value) => (value !== null && typeof value === "object" && !Array.isArray(value)
    ? `{ ${Object.entries(value).map(([name, one]) => `${name} = ${JSON.stringify(one)}`).join(", ")} }` : toml(value));

  return { all, usual, base, including, nearest, applied, changed, shown, duration, command };
})();
