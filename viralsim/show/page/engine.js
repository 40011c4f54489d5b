"use strict";

/* Plays a world: the same cascade as the Python engine for the same random seed, person by person and tick by tick.
   A world is a scenario on one platform with its people and arcs (viralsim.show.world makes them, and says in
   `leftOut` what of the scenario is not played here). The model is that of DESIGN; tests/reference.py is its readable
   form, and numbers are put together in the order of viralsim.engine, so that they are equal to the last bit. */
const Engine = (() => {
  const SEED = -1, ADVERTISED = -2, BORN = -3;  // parents who are nobody
  const NOBODY = 0xffffffff;  // the sharer of an advertisement, in the keys of luck
  const HARM = 1, REPAIR = 2;
  const ENDED = 1, TOLD_TO_STOP = 2;
  const WORD = Luck.WORD, MOST_DOSE = 65536;
  const MOST_PASSED_OVER = 100;
  const NONE = new Int32Array(0);
  const { philox, drawn, arcLuck, threshold, exp, log, PURPOSE } = Luck;

  // -- worlds ----------------------------------------------------------------------------------------------

  const TYPES = { u8: Uint8Array, u16: Uint16Array, u32: Uint32Array, f32: Float32Array, f64: Float64Array };

  function bytes(text) {
    const found = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    return found.buffer;
  }

  /* An array as viralsim.show.world packs it: one number for all, base64, or places in a short list of numbers. */
  function unpacked(packed, As) {
    if (packed === null) return null;
    if ("all" in packed) return As.from({ length: packed.all }, (_, person) => person);
    if ("value" in packed) return new As(packed.length).fill(packed.value);
    const read = new TYPES[packed.type](bytes(packed.data));
    return packed.of ? As.from(read, (place) => packed.of[place]) : read instanceof As ? read : As.from(read);
  }

  function world(json) {
    const given = typeof json === "string" ? JSON.parse(json) : json;
    const names = given.names || Array.from({ length: given.people }, (_, person) => String(person));
    const groups = (packed) => packed && packed.map((group) => unpacked(group, Uint32Array));
    const wave = (one) => ({ ...one, ranked: groups(one.ranked), pools: groups(one.pools) });
    return {
      ...given,
      names,
      x: unpacked(given.x, Float32Array),
      y: unpacked(given.y, Float32Array),
      offsets: unpacked(given.offsets, Uint32Array),
      followers: unpacked(given.followers, Uint32Array),
      trust: unpacked(given.trust, Float64Array),
      probability: unpacked(given.probability, Float64Array),
      weight: unpacked(given.weight, Float64Array),
      multiplicity: unpacked(given.multiplicity, Float64Array),
      segmentOf: unpacked(given.segmentOf, Uint8Array),
      own: Object.fromEntries(Object.entries(given.own).map(([key, one]) => [key, unpacked(one, Float64Array)])),
      fit: Object.fromEntries(Object.entries(given.fit).map(([item, one]) => [item, unpacked(one, Float64Array)])),
      plans: given.plans.map((plan) => ({ ...plan, waves: plan.waves.map(wave) })),
    };
  }

  /* Where a path of the scenario is found in a world: lists of keys. A wave of an item is part of every plan. */
  function places(world, path) {
    const keys = path.split(".");
    const [table, name, ...rest] = keys;
    const index = (list) => list.findIndex((one) => one.name === name);
    let found = [];
    if (path === "random_seed") found = [["randomSeed"]];
    else if (table === "time") found = [["time", name, ...rest]];
    else if (table === "trust") found = [["brand", name, ...rest]];
    else if (table === "platform" && world.platform.name === name) found = [["platform", ...rest]];
    else if (table === "segment" && index(world.segments) >= 0) found = [["segments", index(world.segments), ...rest]];
    else if ((table === "plan" || table === "item") && rest[0] === "wave" && rest.length === 3)
      world.plans.forEach((plan, p) => plan.waves.forEach((wave, w) => {
        if (wave.path === keys.slice(0, 4).join(".")) found.push(["plans", p, "waves", w, rest[2]]);
      }));
    else if (table === "item" && index(world.items) >= 0) found = [["items", index(world.items), ...rest]];
    const held = found.filter((place) => {
      let within = world;
      for (const key of place.slice(0, -1)) within = within && within[key];
      return within !== null && typeof within === "object" && Object.hasOwn(within, place.at(-1));
    });
    if (held.length === 0) throw new RangeError(`this world has no ${path}`);
    return held;
  }

  function read(world, path) {
    return places(world, path)[0].reduce((within, key) => within[key], world);
  }

  /* A copy of a world with another value; all that the value is not part of is shared. Whom a strategy ranks by ties
     of luck stays as it was with another random seed. */
  function set(world, path, value) {
    const put = (within, [key, ...rest]) => {
      const copy = Array.isArray(within) ? within.slice() : { ...within };
      copy[key] = rest.length ? put(within[key], rest) : value;
      return copy;
    };
    let copy = world;
    for (const place of places(world, path)) {
      if (place[0] === "plans" && place.at(-1) === "count") {
        const wave = world.plans[place[1]].waves[place[3]];
        if (!(Number.isInteger(value) && value >= 1 && (value <= wave.most || value === wave.count)))
          throw new RangeError(`${path}: expected a whole number from 1 to ${wave.most}`);
      }
      copy = put(copy, place);
    }
    return copy;
  }

  // -- from a world to arrays --------------------------------------------------------------------------------

  const known = new WeakMap();

  function compiled(world) {
    if (!known.has(world)) known.set(world, compile(world));
    return known.get(world);
  }

  /* A share of people, or their number: 1 is one person, "100%" is all of them. Shares are the exact rational numbers
     of their decimal text. */
  function peopleOf(shareOrCount, people) {
    if (shareOrCount === "100%") return Math.max(1, people);
    if (shareOrCount >= 1) return shareOrCount;
    const [digits, power = "0"] = String(shareOrCount).split("e");
    const [whole, part = ""] = digits.split(".");
    const below = 10n ** BigInt(part.length - Number(power));
    return Math.max(1, Number((BigInt(whole + part) * BigInt(people) + below - 1n) / below));
  }

  /* What is left at each age in ticks of what halves in this time; null: all of it. */
  const halving = (halfLife, horizon) => Float64Array.from({ length: horizon + 1 }, (_, age) =>
    halfLife === null ? 1 : exp(-0.6931471805599453 * (age / halfLife)));

  /* floor(P(delay <= d) x 2^32) for d = 0 .. horizon; null where there is none. */
  function delayTable(delay, horizon) {
    if (delay.law === "none") return null;
    const atMost = {
      table: (d) => delay.cumulative[Math.min(d, delay.cumulative.length - 1)],
      geometric: (d) => 1 - exp((d + 1) * log(delay.mean / (1 + delay.mean))),
      "log-normal": (d) => Luck.normalCdf((log(d + 1) - log(delay.median)) / delay.sigma),
      "power-law": (d) => {
        const x = (d + 1) / delay.minimum;
        return x <= 1 ? 0 : 1 - exp((1 - delay.exponent) * log(x));
      },
    }[delay.law];
    return Float64Array.from({ length: horizon + 1 }, (_, d) => threshold(atMost(d)));
  }

  /* For how many ticks beyond the first a person goes on sharing; null for ever. */
  function activityTable(mean, horizon) {
    if (mean === null || mean === undefined) return null;
    const goingOn = log(1 - 1 / mean);
    return Float64Array.from({ length: horizon + 1 }, (_, d) => threshold(1 - exp((d + 1) * goingOn)));
  }

  /* The number of entries of an ascending table that are not above a word. */
  function position(table, word) {
    let low = 0, high = table.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (table[middle] <= word) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /* Everybody's own number, or their segment's. */
  function numbers(world, key) {
    const own = world.own[key], usual = world.segments.map((segment) => segment[key]);
    return Float64Array.from(world.segmentOf, (segment, person) =>
      own && !Number.isNaN(own[person]) ? own[person] : usual[segment]);
  }

  function power(base, exponent) {
    if (exponent === 0 || base === 1) return 1;
    return exponent === 1 || base === 0 ? base : exp(exponent * log(base));
  }

  function compile(world) {
    const horizon = world.time.horizon, inDegree = new Uint32Array(world.people);
    for (const follower of world.followers) inDegree[follower]++;
    const attention = numbers(world, "attention"), start = numbers(world, "trust");
    const seenChance = attention.map((one) => world.platform.visibility * one);
    const takesTrust = world.items.some((item) => item.kind === "testimony" || item.kind === "rumour");
    const common = {
      inDegree, start, seenChance,
      susceptibility: numbers(world, "susceptibility"),
      takesTrust,
    };
    const items = world.items.map((item, index) => compileItem(world, item, index, common));
    const before = (one, other) => (one < other ? -1 : one > other ? 1 : 0);
    return {
      horizon, start, items, takesTrust,
      seenLimit: seenChance.map(threshold),
      seenChance,
      satisfied: numbers(world, "satisfaction").map(threshold),
      declines: Float64Array.from(world.segmentOf, (segment) => threshold(world.segments[segment].decline)),
      delay: delayTable(world.platform.delay, horizon),
      shares: threshold(world.platform.share_rate),
      decay: halving(world.brand.half_life, takesTrust ? Math.max(horizon, 1) : 1),
      trustOrder: takesTrust ? items.filter((item) => item.effect).sort((one, other) => one.priority - other.priority
        || one.effect - other.effect || before(one.name, other.name)) : [],
      excludes: items.some((item) => item.rivals.length > 0),
      plans: new Map(),
      scratch: scratch(world, horizon),
    };
  }

  function compileItem(world, item, index, { inDegree, start, seenChance, susceptibility, takesTrust }) {
    const { people, followers } = world, horizon = world.time.horizon, arcs = followers.length;
    const key = (purpose, platform = world.platform.name) =>
      Luck.streamKey(world.randomSeed, purpose, item.name, platform);
    const affinity = world.segments.map((segment) => item.affinity[segment.name]), fit = world.fit[item.name];
    const factor = Float64Array.from(world.segmentOf, (segment, person) => {
      const usual = susceptibility[person] * affinity[segment] * power(start[person], item.sensitivity);
      return fit ? usual * fit[person] : usual;
    });
    const harms = item.kind === "testimony" || item.kind === "rumour";
    const proven = harms && item.proven_false_at !== null;
    const halfLife = item.half_life === "platform" ? world.platform.half_life : item.half_life;
    const made = {
      index, name: item.name, kind: item.kind, law: item.law, emission: item.emission, priority: item.priority,
      silent: item.silent, stopsBoth: item.stop === "both", sensitivity: item.sensitivity,
      repeats: item.emission === "repeat", meets: item.emission === "contact", alone: item.law === "independent",
      countsOnce: item.law === "uniform" || item.law === "fixed",
      arc: key(PURPOSE.ARC), order: key(PURPOSE.ORDER), delay: key(PURPOSE.DELAY), share: key(PURPOSE.SHARE),
      activity: key(PURPOSE.ACTIVITY), contact: key(PURPOSE.CONTACT), stifle: key(PURPOSE.STIFLE),
      crossPost: key(PURPOSE.CROSS_POST), hidden: key(PURPOSE.THRESHOLD, ""),
      satisfaction: key(PURPOSE.SATISFACTION, ""), decline: key(PURPOSE.DECLINE),
      shares: threshold(item.share_rate), stifles: item.stifle === undefined ? 0 : threshold(item.stifle),
      active: item.emission === "once" ? null : activityTable(item.activity, horizon),
      novelty: item.novelty
        ? Float64Array.from({ length: horizon + 1 }, (_, age) => item.novelty[Math.min(age, item.novelty.length - 1)])
        : halving(halfLife, horizon),
      effect: !takesTrust ? 0 : harms ? HARM : item.kind === "restoration" ? REPAIR : 0,
      followsTrust: takesTrust && item.sensitivity > 0,
      damage: item.damage, scar: item.scar, heal: item.heal, repair: item.repair,
      provenAt: proven ? item.proven_false_at : Infinity, left: proven ? 1 - item.disproof : 1,
      bornOf: item.born_of ? world.items.findIndex((other) => other.name === item.born_of) : -1,
      after: item.after ? world.items.findIndex((other) => other.name === item.after) : -1,
      afterPeople: peopleOf(item.after_reach, people), reactionDelay: item.reaction_delay,
      rivals: item.exclusive
        ? world.items.flatMap((other, i) => (i !== index && other.exclusive === item.exclusive ? [i] : []))
        : [],
      ad: item.advertisement, limit: null, miss: null, dose: null, adMiss: null, adDose: null, needs: null,
      hazard: [], hazardAfter: 0,
    };
    if (made.alone) {
      const base = new Float64Array(arcs), dose = new Float64Array(arcs);
      for (let arc = 0; arc < arcs; arc++) {
        const sticky = item.arc_probability === null;
        base[arc] = sticky ? item.stickiness : item.arc_probability === "weighted-cascade" ? 1 / inDegree[followers[arc]]
          : item.arc_probability === "column" ? world.probability[arc] : item.arc_probability;
        dose[arc] = factor[followers[arc]] * (sticky ? 1 + item.endorsement * world.trust[arc] : 1);
        if (item.trials === "multiplicity") base[arc] = chanceOf(base[arc], world.multiplicity[arc]);
      }
      made.miss = new Float64Array(arcs);
      made.limit = new Float64Array(arcs);
      for (let arc = 0; arc < arcs; arc++) {
        const chance = chanceOf(base[arc], dose[arc]), seen = made.meets ? 1 : seenChance[followers[arc]];
        made.limit[arc] = Math.floor(chance * seen * WORD);
        made.miss[arc] = made.limit[arc] === 0 || chance === 0 ? 0 : dose[arc] * lastLog;
      }
    } else {
      made.dose = Float64Array.from(followers, (follower, arc) =>
        item.law === "curve" ? factor[follower] * (1 + item.endorsement * world.trust[arc])
          : item.law === "uniform" && item.arc_weight === "column" ? factor[follower] * world.weight[arc]
            : factor[follower]);
      if (item.law === "uniform")
        made.needs = inDegree.map((degree) => (item.arc_weight === "in-degree" ? Math.max(degree, 1) : 1));
      if (item.law === "fixed") {
        const needs = new Map();
        made.needs = inDegree.map((degree) => {
          if (!needs.has(degree)) needs.set(degree, peopleOf(item.threshold, degree));
          return needs.get(degree);
        });
      }
      if (item.law === "curve") {
        made.hazard = item.curve.map((one) => 0 - log(1 - one));
        made.hazardAfter = item.then === null ? made.hazard.at(-1) : 0 - log(1 - item.then);
      }
    }
    if (made.ad !== null) {
      const units = made.ad.chance === null ? made.ad.dose : 1;
      const chance = made.ad.chance === null ? (made.alone ? item.stickiness : 0) : made.ad.chance;
      made.adMiss = factor.map((one) => (chance > 0 && one * units > 0 ? one * units * log(1 - chance) : 0));
      made.adDose = factor.map((one) => (made.ad.chance === null ? one * made.ad.dose : 0));
    }
    return made;
  }

  /* Luck.chance, whose logarithm is remembered: mostly it is the same for all arcs, and costs as much as all the rest. */
  let lastChance = -1, lastLog = 0;

  function chanceOf(probability, dose) {
    if (probability !== lastChance) {
      lastChance = probability;
      lastLog = log(1 - probability);
    }
    if (dose === 0) return 0;
    if (dose === 1 || probability >= 1) return probability;
    return 1 - exp(dose * lastLog);
  }

  /* Memory that realisations share, clean between them. */
  function scratch(world, horizon) {
    const people = world.people, all = world.items.length * people;
    const ints = (length, value = 0) => new Int32Array(length).fill(value);
    return {
      entryOf: ints(all, -1), reached: new Uint8Array(all), candidate: ints(all, -1),
      item: ints(all), person: ints(all), tick: ints(all), parent: ints(all), generation: ints(all),
      sharedAt: ints(all), until: new Float64Array(all), stopped: new Uint8Array(all), following: ints(all, -1),
      firstSharer: ints(horizon + 2, -1), sharers: ints(all),
      left: new Float64Array(all).fill(NaN), counted: null,
      changed: ints(people, -1), trust: new Float64Array(people), lost: new Float64Array(people),
      permanent: new Float64Array(people),
    };
  }

  // -- seeds -----------------------------------------------------------------------------------------------

  /* The waves of a plan in the order in which they take people, each with its stream of luck. Those that count from
     something else come last. */
  function wavesOf(world, plan) {
    const made = compiled(world);
    if (!made.plans.has(plan)) {
      const items = new Map(made.items.map((item) => [item.name, item]));
      const late = (item) => Number(item.after >= 0 || item.reactionDelay > 0);
      const waves = world.plans[plan].waves.map((wave) => ({ ...wave, of: items.get(wave.item) }))
        .filter((wave) => !wave.of.silent)
        .sort((one, other) => late(one.of) - late(other.of) || one.start - other.start);
      for (const wave of waves) {
        const parts = wave.path.split("."), name = parts[0] === "plan" ? parts[3] : `${parts[1]}.${parts[3]}`;
        const platform = `${world.platform.name}\x1f${name}`;
        wave.key = Luck.streamKey(world.randomSeed, PURPOSE.SEEDING, wave.item, platform);
        wave.late = late(wave.of);
      }
      made.plans.set(plan, waves);
    }
    return made.plans.get(plan);
  }

  /* Draw people of a group without repetition. Whom earlier waves have taken is not there to be drawn; whoever costs
     more than is left is passed over. */
  function draw({ pools, prices, budgets, count, key, redraw }, group, earlier, realisation) {
    const all = pools[group], cost = prices && prices[group], budget = budgets[group];
    const places = earlier.size ? [...all.keys()].filter((at) => !earlier.has(all[at])) : null;
    const size = places ? places.length : all.length, wanted = count === null ? size : count;
    const picked = new Set();
    let left = budget === null ? Infinity : budget, passedOver = 0;
    for (let step = 0; picked.size < Math.min(wanted, size) && passedOver < MOST_PASSED_OVER; step++) {
      philox(key, redraw ? realisation : 0, group, step, redraw ? 1 : 0);
      const place = Math.floor(Luck.uniform(drawn[0], drawn[1]) * size), at = places ? places[place] : place;
      if (picked.has(all[at])) continue;
      if (cost && cost[at] > left) {
        passedOver++;
        continue;
      }
      left -= cost ? cost[at] : 0;
      passedOver = 0;
      picked.add(all[at]);
    }
    return picked;
  }

  /* The people of every wave of a plan in one realisation, before anybody declines. */
  function seedsOf(world, plan, realisation, added = [], removed = []) {
    const waves = wavesOf(world, plan), taken = new Map();
    const main = world.items[world.mainItem].name;
    const found = waves.map((wave) => {
      const count = wave.count === null ? Infinity : wave.count, earlier = taken.get(wave.item) || new Set();
      const groups = wave.lists ? wave.lists[count - 1]
        : wave.ranked ? wave.ranked.map((people) => people.subarray(0, count))
          : wave.pools.map((_, group) => draw(wave, group, earlier, realisation));
      const people = groups.flatMap((group) => Array.from(group));
      if (!wave.redraw) taken.set(wave.item, new Set([...earlier, ...people]));
      return { wave, people };
    });
    const first = world.plans[plan].waves.find((wave) => wave.item === main);
    const changed = first && found.find(({ wave }) => wave.path === first.path);
    if (changed && (added.length || removed.length)) {
      const out = new Set(removed), all = new Set([...changed.people, ...added]);
      changed.people = [...all].filter((person) => !out.has(person));
    }
    return found;
  }

  /* The people that the plan's first wave of the main item asks in a realisation. */
  function seeds(world, { plan = 0, realisation = 0, added = [], removed = [] } = {}) {
    const first = world.plans[plan].waves.find((wave) => wave.item === world.items[world.mainItem].name);
    const found = seedsOf(world, plan, realisation, added, removed);
    return first ? found.find(({ wave }) => wave.path === first.path)?.people ?? [] : [];
  }

  // -- a realisation -----------------------------------------------------------------------------------------

  function play(world, { plan = 0, realisation = 0, added = [], removed = [], record = true } = {}) {
    const made = compiled(world), { horizon, items, takesTrust, decay, start } = made, memory = made.scratch;
    const { people, offsets, followers } = world;
    const { entryOf, reached, candidate, stopped, firstSharer, sharers, left, changed, trust, lost, permanent } = memory;
    const { seenLimit, seenChance } = made;
    const waves = seedsOf(world, plan, realisation, added, removed);
    const curve = () => new Int32Array(horizon + 1);
    const curves = items.map(() => ({ reach: curve(), impressions: curve(), engaged: curve(), shares: curve() }));
    const counts = items.map(() => ({ reach: 0, impressions: 0, engaged: 0, shares: 0 }));
    const states = items.map((item) => ({
      base: item.after >= 0 ? null : item.reactionDelay, firstShare: Infinity, low: 0, high: 0,
      persuaded: [], origins: [], arrivals: null,
      counted: item.countsOnce && (item.repeats || item.meets) ? new Uint8Array(followers.length) : null,
    }));
    for (const item of items) if (!item.alone) {
      philox(item.hidden, realisation, 0, 0, 0);
      [states[item.index].low, states[item.index].high] = drawn;
    }
    const meanTrust = takesTrust ? new Float64Array(horizon + 1) : null;
    const trustAtFirst = start.reduce((sum, one) => sum + one, 0);
    let lostNow = 0, gapNow = 0, gapChange = 0;
    const seen = record ? Array(horizon + 1).fill(NONE) : null;
    let seenNow = [], length = 0, pending = 0, last = -1, begin = 0, tick = 0;
    const touchedPeople = [];

    // What somebody's trust is at the tick, given that something has changed it.
    function trustOf(person) {
      const ceiling = start[person] - lost[person];
      return ceiling - (ceiling - trust[person]) * decay[tick - changed[person]];
    }

    // What their trust leaves of the dose that their trust at the start gives.
    function willingness(item, person) {
      if (!item.followsTrust || changed[person] < 0 || start[person] === 0) return 1;
      const ratio = Math.min(Math.max(trustOf(person), 0) / start[person], 1);
      return item.sensitivity === 1 || ratio === 0 ? ratio : exp(item.sensitivity * log(ratio));
    }

    function touch(item, person) {
      if (changed[person] < 0) {
        if (item.effect === REPAIR) return;
        trust[person] = start[person];
        lost[person] = permanent[person] = 0;
        changed[person] = tick;
        touchedPeople.push(person);
      }
      const before = lost[person], ceiling = start[person] - before;
      const gap = (ceiling - trust[person]) * decay[tick - changed[person]];
      let level = ceiling - gap, scarred = before;
      if (item.effect === HARM) {
        const damage = tick >= item.provenAt ? item.damage * item.left : item.damage;
        const drop = damage * level;
        level -= drop;
        scarred += item.scar * drop;
        permanent[person] += (1 - item.heal) * (item.scar * drop);
      } else {
        level += item.repair * gap;
        scarred -= item.repair * (scarred - permanent[person]);
      }
      trust[person] = level;
      lost[person] = scarred;
      changed[person] = tick;
      lostNow += scarred - before;
      gapChange += start[person] - scarred - level - gap;
    }

    function freshness(item) {
      const age = Math.max(tick - states[item.index].firstShare, 0);  // 0 before its first share
      return tick >= item.provenAt ? item.novelty[age] * item.left : item.novelty[age];
    }

    function excluded(item, person) {
      for (const other of item.rivals) if (entryOf[other * people + person] >= 0) return true;
      return false;
    }

    function reach(item, person) {
      if (reached[item.index * people + person] === 0) {
        reached[item.index * people + person] = 1;
        counts[item.index].reach++;
      }
    }

    function engage(item, person, parent) {
      const entry = length++;
      memory.item[entry] = item.index;
      memory.person[entry] = person;
      memory.tick[entry] = tick;
      memory.parent[entry] = parent;
      memory.generation[entry] = parent >= 0 ? memory.generation[parent] + 1 : 0;
      memory.sharedAt[entry] = -1;
      stopped[entry] = 0;
      entryOf[item.index * people + person] = entry;
      counts[item.index].engaged++;
      last = tick;
    }

    // The order of what arrives within a tick; the two words are in `drawn`.
    function orderOf(item, origin, person) {
      if (origin < 0) return philox(item.order, realisation, NOBODY, person, tick);
      return philox(item.order, realisation, memory.person[origin], person, tick - memory.sharedAt[origin]);
    }

    function comesFirst(item, one, other, person) {
      const [high, low] = orderOf(item, one, person), [theirs, lower] = orderOf(item, other, person);
      return high < theirs || (high === theirs && low < lower);
    }

    // Dose, in units of 2^-32, that a person has left to receive.
    function remaining(item, person) {
      const place = item.index * people + person;
      if (Number.isNaN(left[place])) {
        const state = states[item.index], luck = item.law === "fixed" ? 0 : arcLuck(state.low, state.high, person);
        left[place] = hiddenThreshold(item, person, luck);
      }
      return left[place];
    }

    function hiddenThreshold(item, person, luck) {
      if (item.law === "fixed") return item.needs[person] * WORD;
      if (item.law === "uniform") return (luck + 1) * item.needs[person];
      let rest = -log(1 - luck / WORD);
      for (let unit = 0; unit < item.hazard.length; unit++) {
        const hazard = item.hazard[unit];
        if (rest < hazard) return unit * WORD + Math.floor(rest / hazard * WORD) + 1;
        rest -= hazard;
      }
      if (item.hazardAfter === 0 || rest / item.hazardAfter >= 268435456) return Infinity;
      return item.hazard.length * WORD + Math.floor(rest / item.hazardAfter * WORD) + 1;
    }

    function doseOf(item, arc, fresh) {
      const dose = fresh * item.dose[arc];
      if (item.law === "fixed") return dose > 0 ? WORD : 0;
      return Math.floor(Math.min(dose, MOST_DOSE) * WORD + 0.5);
    }

    // Whether a seen share persuades under the law of independent chances.
    function persuadesAlone(item, arc, luck, fresh) {
      if (fresh === 0 || luck >= item.limit[arc]) return false;
      if (fresh === 1) return true;
      if (item.miss[arc] === 0) return false;
      const chance = item.meets ? 1 : seenChance[followers[arc]];
      return luck < Math.floor(chance * (1 - exp(fresh * item.miss[arc])) * WORD);
    }

    // Somebody whom one arrival persuades by itself; of several the one that comes first is the parent.
    function persuade(item, person, origin) {
      const state = states[item.index], place = item.index * people + person, at = candidate[place];
      if (at < 0) {
        candidate[place] = state.persuaded.length;
        state.persuaded.push(person);
        state.origins.push(origin);
      } else if (comesFirst(item, origin, state.origins[at], person)) state.origins[at] = origin;
    }

    function arrive(item, person, origin, dose, alone) {
      const state = states[item.index];
      if (state.arrivals === null) state.arrivals = new Map();
      const arrival = { origin, dose, alone };
      if (state.arrivals.has(person)) state.arrivals.get(person).push(arrival);
      else state.arrivals.set(person, [arrival]);
    }

    // One broadcast: it is counted, changes trust, persuades, or some of these.
    function broadcast(item, entry, counting, persuading) {
      const sharer = memory.person[entry], state = states[item.index], count = counts[item.index];
      const touches = counting && item.effect !== 0;
      philox(item.arc, realisation, sharer, 0, tick - memory.sharedAt[entry]);
      const low = drawn[0], high = drawn[1], novelty = persuading ? freshness(item) : 0;
      const first = item.index * people;
      for (let arc = offsets[sharer], end = offsets[sharer + 1]; arc < end; arc++) {
        const person = followers[arc], luck = arcLuck(low, high, person);
        if (luck >= seenLimit[person]) continue;
        if (counting) {
          count.impressions++;
          reach(item, person);
          if (record) seenNow.push(sharer, person);
          if (touches) touch(item, person);
        }
        if (!persuading || novelty === 0 || entryOf[first + person] >= 0) continue;
        if (item.alone) {
          if (luck >= item.limit[arc]) continue;
          if (persuadesAlone(item, arc, luck, novelty * willingness(item, person)) && !excluded(item, person))
            persuade(item, person, entry);
          continue;
        }
        const dose = doseOf(item, arc, novelty * willingness(item, person));
        if (dose === 0 || excluded(item, person)) continue;
        if (state.counted !== null) {
          if (state.counted[arc]) continue;
          state.counted[arc] = 1;
        }
        arrive(item, person, entry, dose, false);
      }
    }

    function advertised(item) {
      const { ad } = item, base = states[item.index].base;
      return ad !== null && !item.silent && base !== null && base + ad.start <= tick
        && (ad.end === null || tick < base + ad.end);
    }

    function advertise(item, counting, persuading) {
      philox(item.arc, realisation, NOBODY, 0, tick);
      const low = drawn[0], high = drawn[1], seen = item.ad.visibility, impressed = threshold(seen);
      const novelty = freshness(item), touches = counting && item.effect !== 0;
      for (let person = 0; person < people; person++) {
        const luck = arcLuck(low, high, person);
        if (luck >= impressed) continue;
        if (counting) {
          counts[item.index].impressions++;
          last = tick;
          reach(item, person);
          if (touches) touch(item, person);
        }
        if (!persuading || entryOf[item.index * people + person] >= 0 || excluded(item, person)) continue;
        const fresh = novelty * willingness(item, person), miss = item.adMiss[person];
        const limit = miss < 0 && fresh > 0 ? Math.floor(seen * (1 - exp(fresh * miss)) * WORD) : 0;
        if (item.alone) {
          if (luck < limit) persuade(item, person, ADVERTISED);
        } else if (luck < limit) arrive(item, person, ADVERTISED, 0, true);
        else if (item.law !== "fixed") {
          const scale = item.law === "uniform" ? item.needs[person] : 1;
          const dose = Math.floor(Math.min(fresh * item.adDose[person], MOST_DOSE) * WORD + 0.5) * scale;
          if (dose > 0) arrive(item, person, ADVERTISED, dose, false);
        }
      }
    }

    // Take the doses of a tick off hidden thresholds, one person after another; who reaches theirs is persuaded.
    function settle(item) {
      const state = states[item.index];
      for (const [person, arrivals] of state.arrivals) {
        const place = item.index * people + person, total = arrivals.reduce((sum, one) => sum + one.dose, 0);
        let rest = remaining(item, person);
        if (rest > total && !arrivals.some((one) => one.alone)) {
          left[place] = rest - total;
          continue;
        }
        if (arrivals.length > 1) {
          for (const one of arrivals) [one.high, one.low] = orderOf(item, one.origin, person);
          arrivals.sort((one, other) => one.high - other.high || one.low - other.low);
        }
        for (const { origin, dose, alone } of arrivals) {
          rest -= dose;
          if (!alone && rest > 0) continue;
          persuade(item, person, origin);
          break;
        }
      }
      state.arrivals = null;
    }

    // Of several items of an exclusive set that persuade somebody in one tick, the one that comes first.
    function comesBeforeRivals(item, person, origin) {
      for (const index of item.rivals) {
        const at = candidate[index * people + person], other = items[index];
        if (at < 0 || item.priority < other.priority) continue;
        if (item.priority > other.priority) return false;
        const [high, low] = orderOf(item, origin, person);
        const [theirs, lower] = orderOf(other, states[index].origins[at], person);
        if (theirs < high || (theirs === high && lower < low)) return false;
      }
      return true;
    }

    function meet(item, entry, arc) {
      const sharer = memory.person[entry], person = followers[arc], attempt = tick - memory.sharedAt[entry];
      const place = item.index * people + person, state = states[item.index];
      counts[item.index].shares++;
      counts[item.index].impressions++;
      last = tick;
      reach(item, person);
      if (record) seenNow.push(sharer, person);
      if (item.effect !== 0) touch(item, person);
      const other = entryOf[place];
      if (other >= 0) {
        const word = philox(item.stifle, realisation, sharer, person, attempt)[0];
        // Two who both tell call on each other: of the two calls one counts.
        const limit = item.stopsBoth && !stopped[other] ? Math.floor(item.stifles / 2) : item.stifles;
        if (word < limit) {
          stopped[entry] |= TOLD_TO_STOP;
          if (item.stopsBoth) stopped[other] |= TOLD_TO_STOP;
        }
        return;
      }
      if (excluded(item, person)) return;
      const fresh = freshness(item) * willingness(item, person);
      if (item.alone) {
        philox(item.arc, realisation, sharer, 0, attempt);
        if (persuadesAlone(item, arc, arcLuck(drawn[0], drawn[1], person), fresh)) engage(item, person, entry);
        return;
      }
      const dose = doseOf(item, arc, fresh);
      if (dose === 0 || (state.counted !== null && state.counted[arc])) return;
      if (state.counted !== null) state.counted[arc] = 1;
      left[place] = remaining(item, person) - dose;
      if (left[place] <= 0) engage(item, person, entry);
    }

    // Contacts, one after another, each in the state that those before have left.
    function meetAll(count) {
      const met = [];
      for (let i = 0; i < count; i++) {
        const entry = sharers[i], item = items[memory.item[entry]], sharer = memory.person[entry];
        const there = offsets[sharer + 1] - offsets[sharer];
        if (!item.meets || there === 0) continue;
        const word = philox(item.contact, realisation, sharer, 0, tick - memory.sharedAt[entry])[0];
        const arc = offsets[sharer] + Math.floor(word * there / WORD);
        const [high, low] = orderOf(item, entry, followers[arc]);
        met.push({ item, entry, arc, high, low });
      }
      met.sort((one, other) => one.item.priority - other.item.priority || one.high - other.high || one.low - other.low);
      for (const { item, entry, arc } of met) if (!stopped[entry]) meet(item, entry, arc);
    }

    const isDissatisfied = (item, person) => item.kind === "content" && made.satisfied[person] < WORD
      && philox(item.satisfaction, realisation, person, 0, 0)[0] >= made.satisfied[person];

    // The testimonies of those whom content has disappointed in this tick.
    function bear() {
      const end = length;
      for (const item of made.trustOrder) {
        if (item.bornOf < 0 || item.silent) continue;
        const content = items[item.bornOf];
        for (let entry = begin; entry < end; entry++) {
          const person = memory.person[entry];
          if (memory.item[entry] !== item.bornOf || !isDissatisfied(content, person)) continue;
          touch(item, person);
          if (entryOf[item.index * people + person] >= 0) continue;
          reach(item, person);
          engage(item, person, BORN);
        }
      }
    }

    // Settle when somebody who has just engaged shares, if ever.
    function schedule(entry) {
      const item = items[memory.item[entry]], person = memory.person[entry];
      if (stopped[entry]) return;
      if ((item.shares < WORD && philox(item.share, realisation, person, 0, 0)[0] >= item.shares)
        || isDissatisfied(item, person)
        || (made.shares < WORD && philox(item.crossPost, realisation, person, 0, 0)[0] >= made.shares)) {
        stopped[entry] = ENDED;
        return;
      }
      let first = tick + 1;
      if (made.delay !== null) first += position(made.delay, philox(item.delay, realisation, person, 0, 0)[0]);
      if (first > horizon) return;
      memory.sharedAt[entry] = first;
      memory.until[entry] = item.emission === "once" ? first
        : item.active === null ? horizon
          : first + position(item.active, philox(item.activity, realisation, person, 0, 0)[0]);
      put(entry, first);
    }

    function put(entry, at) {
      memory.following[entry] = firstSharer[at];
      firstSharer[at] = entry;
      pending++;
    }

    function lastStart() {
      let found = -1;
      for (const { wave } of waves) {
        const { base } = states[wave.of.index];
        if (base !== null) found = Math.max(found, base + wave.start);
      }
      for (const item of items) {
        const { base } = states[item.index];
        if (item.ad !== null && !item.silent && base !== null)
          found = Math.max(found, item.ad.end === null ? horizon : base + item.ad.end - 1);
      }
      return found;
    }

    for (; tick <= horizon; tick++) {
      // 1. Triggers: what stood at the end of the tick before.
      if (tick > 0)
        for (const item of items)
          if (states[item.index].base === null && counts[item.after].reach >= item.afterPeople)
            states[item.index].base = tick + item.reactionDelay;
      if (pending === 0 && tick > lastStart()) break;
      begin = length;

      // 2. Waves; those whose start counts from something else are the earlier ones.
      for (const late of [1, 0])
        for (const { wave, people: asked } of waves) {
          const item = wave.of, { base } = states[item.index];
          if (wave.late !== late || base === null || base + wave.start !== tick) continue;
          for (const person of asked) {
            if (made.declines[person] > 0
              && philox(item.decline, realisation, person, 0, 0)[0] < made.declines[person]) continue;
            if (entryOf[item.index * people + person] >= 0 || excluded(item, person)) continue;
            engage(item, person, SEED);
            reach(item, person);
          }
        }

      // 3. Who shares.
      let count = 0;
      for (let entry = firstSharer[tick]; entry >= 0; entry = memory.following[entry]) {
        pending--;
        if (!stopped[entry]) sharers[count++] = entry;
      }
      firstSharer[tick] = -1;
      for (let i = 0; i < count; i++) {
        const state = states[memory.item[sharers[i]]];
        state.firstShare = Math.min(state.firstShare, tick);
      }

      // 4. What is seen of items with an effect on trust; then of the others, and all doses.
      for (const item of made.trustOrder) {
        for (let i = 0; i < count && !item.meets; i++)
          if (memory.item[sharers[i]] === item.index) broadcast(item, sharers[i], true, false);
        if (advertised(item)) advertise(item, true, false);
      }
      for (let i = 0; i < count; i++) {
        const item = items[memory.item[sharers[i]]];
        if (item.meets) continue;
        counts[item.index].shares++;
        last = tick;
        broadcast(item, sharers[i], item.effect === 0, true);
      }
      for (const item of items) if (advertised(item)) advertise(item, item.effect === 0, true);

      // 5. Who is persuaded.
      for (const item of items) if (states[item.index].arrivals !== null) settle(item);
      const refused = new Set();
      if (made.excludes)
        for (const item of items)
          states[item.index].persuaded.forEach((person, at) => {
            if (!comesBeforeRivals(item, person, states[item.index].origins[at]))
              refused.add(item.index * people + person);
          });
      for (const item of items) {
        const state = states[item.index];
        for (let at = 0; at < state.persuaded.length; at++) {
          const person = state.persuaded[at], place = item.index * people + person;
          candidate[place] = -1;
          if (!refused.has(place)) engage(item, person, state.origins[at]);
        }
        state.persuaded.length = state.origins.length = 0;
      }

      // 6. Contacts, births, and what those newly engaged do.
      meetAll(count);
      for (let i = 0; i < count; i++) {
        const entry = sharers[i];
        if (stopped[entry] || tick >= Math.min(memory.until[entry], horizon)) stopped[entry] |= ENDED;
        else put(entry, tick + 1);
      }
      if (takesTrust) bear();
      for (let entry = begin; entry < length; entry++) schedule(entry);

      if (seenNow.length) {
        seen[tick] = Int32Array.from(seenNow);
        seenNow = [];
      }
      write();
    }
    const events = record ? recorded(world, memory, length) : [];
    for (; tick <= horizon; tick++) write();  // nothing happens any more but that trust comes back

    function write() {
      for (const item of items) {
        const to = curves[item.index], now = counts[item.index];
        to.reach[tick] = now.reach;
        to.impressions[tick] = now.impressions;
        to.engaged[tick] = now.engaged;
        to.shares[tick] = now.shares;
      }
      if (!takesTrust) return;
      if (tick > 0) gapNow *= decay[1];
      gapNow += gapChange;
      gapChange = 0;
      meanTrust[tick] = (trustAtFirst - lostNow - Math.max(gapNow, 0)) / people;
    }

    // What this realisation leaves is undone, and only that.
    for (let entry = 0; entry < length; entry++) entryOf[memory.item[entry] * people + memory.person[entry]] = -1;
    reached.fill(0);
    left.fill(NaN);
    firstSharer.fill(-1);
    for (const person of touchedPeople) changed[person] = -1;
    return { events, curves, trust: meanTrust, seen, last };
  }

  function recorded(world, memory, length) {
    const events = Array.from({ length }, (_, entry) => ({
      item: memory.item[entry],
      person: memory.person[entry],
      tick: memory.tick[entry],
      parent: memory.parent[entry] < 0 ? memory.parent[entry] : memory.person[memory.parent[entry]],
      generation: memory.generation[entry],
      sharedAt: memory.sharedAt[entry],
    }));
    return events.sort((one, other) => one.tick - other.tick || one.item - other.item || one.person - other.person);
  }

  return { SEED, ADVERTISED, BORN, world, read, set, seeds, play };
})();
