"use strict";

/* Every answer of known_answers.json computed again by the pages' own luck.js. */
function checkKnownAnswers(text) {
  const view = new DataView(new ArrayBuffer(8));
  const hex = (x, digits) => "0x" + x.toString(16).padStart(digits, "0");
  const word = (x) => hex(x, 8);
  const words = (list) => list.map(Number);
  const key = (text) => ({ high: Number(text.slice(0, 10)), low: Number("0x" + text.slice(10)) });
  function number(text) { view.setBigUint64(0, BigInt(text)); return view.getFloat64(0); }
  function bits(x) { view.setFloat64(0, x); return hex(view.getBigUint64(0), 16); }
  function uniform(key, counter) { const [first, second] = Luck.philox(key, ...counter); return Luck.uniform(first, second); }

  // Many values in one number: a last digit in a thousand is seen.
  function digest({ function: name, key: text, low, high, count }) {
    const from = number(low), to = number(high), k = key(text);
    let state = 0xcbf29ce484222325n;
    for (let i = 0; i < Number(count); i++) {
      const x = from + (to - from) * uniform(k, [i, 0, 0, 0]);
      const value = name === "chance" ? Luck.chance(x, 3 * uniform(k, [i, 1, 0, 0]))
        : { exp: Luck.exp, log: Luck.log, normal_cdf: Luck.normalCdf }[name](x);
      view.setFloat64(0, value);
      state = BigInt.asUintN(64, (state ^ view.getBigUint64(0)) * 0x100000001b3n);
    }
    return hex(state, 16);
  }

  const answers = JSON.parse(text);
  const sections = {
    philox: (a) => [[...Luck.philox(key(a.key), ...words(a.counter))].map(word), a.words],
    stream_key: (a) => {
      const k = Luck.streamKey(a.random_seed, answers.purposes[a.purpose], a.item, a.platform);
      return [word(k.high) + word(k.low).slice(2), a.key];
    },
    row_key: (a) => {
      const [low, high] = Luck.philox(key(a.key), ...words([a.realisation, a.sharer, 0, a.attempt]));
      return [[word(low), word(high)], a.row_key];
    },
    arc_luck: (a) => [a.luck.map((_, i) => word(Luck.arcLuck(...words(a.row_key), Number(a.first_follower) + i))), a.luck],
    uniform: (a) => {
      const u = uniform(key(a.key), words(a.counter));
      return [[bits(u), hex(BigInt(u * 9007199254740992), 16)], [a.uniform, a.bits53]];
    },
    pick: (a) => [word(Math.floor(uniform(key(a.key), words(a.counter)) * Number(a.size))), a.pick],
    threshold: (a) => [hex(Luck.threshold(number(a.probability)), 16), a.threshold],
    exp: (a) => [bits(Luck.exp(number(a.x))), a.value],
    log: (a) => [bits(Luck.log(number(a.x))), a.value],
    normal_cdf: (a) => [bits(Luck.normalCdf(number(a.x))), a.value],
    chance: (a) => [bits(Luck.chance(number(a.probability), number(a.dose))), a.value],
    digest: (a) => [digest(a), a.digest],
  };
  const purposes = Object.entries(Luck.PURPOSE).filter(([name, value]) => answers.purposes[name] !== value);
  const checked = {}, wrong = [];
  for (const [section, compute] of Object.entries(sections)) {
    checked[section] = answers[section].length;
    for (const answer of answers[section]) {
      const [computed, expected] = compute(answer);
      if (JSON.stringify(computed) !== JSON.stringify(expected)) wrong.push({ section, answer, computed });
    }
  }
  return { checked, wrong, purposes };
}
