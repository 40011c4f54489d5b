"use strict";

/* Keyed luck and arithmetic, bit for bit as viralsim.luck and viralsim.arithmetic compute them: 32-bit numbers with
   Math.imul, the rest with IEEE-754 doubles, which are rounded alike everywhere. Known answers hold all three
   implementations (tests/luck). */
const Luck = (() => {
  const PURPOSE = Object.freeze({
    ARC: 1, ORDER: 2, DELAY: 3, SHARE: 4, SEEDING: 5, THRESHOLD: 8, ACTIVITY: 9, CONTACT: 10, STIFLE: 11,
    SATISFACTION: 13, DECLINE: 14, CROSS_POST: 17,
  });
  const WORD = 4294967296;

  /* The four words that `philox` drew last; one array for all calls, since millions of them are made. */
  const drawn = new Uint32Array(4);

  /* High word of a 32 x 32-bit product, in 16-bit parts, so that no number passes 2^53. */
  function high(aHigh, aLow, b) {
    const bHigh = b >>> 16, bLow = b & 0xffff;
    const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
    const carried = aLow * bHigh + (middle & 0xffff);
    return aHigh * bHigh + (middle >>> 16) + (carried >>> 16);
  }

  /* Philox4x32-10 of a key {high, low} and a counter of four words; the answer is in `drawn`. */
  function philox(key, c0, c1, c2, c3) {
    let x0 = c0 | 0, x1 = c1 | 0, x2 = c2 | 0, x3 = c3 | 0, k0 = key.low | 0, k1 = key.high | 0;
    for (let round = 0; round < 10; round++) {
      const firstHigh = high(0xd251, 0x1f53, x0), secondHigh = high(0xcd9e, 0x8d57, x2);
      const firstLow = Math.imul(0xd2511f53, x0), secondLow = Math.imul(0xcd9e8d57, x2);
      x0 = secondHigh ^ x1 ^ k0;
      x1 = secondLow;
      x2 = firstHigh ^ x3 ^ k1;
      x3 = firstLow;
      k0 = (k0 + 0x9e3779b9) | 0;
      k1 = (k1 + 0xbb67ae85) | 0;
    }
    drawn[0] = x0;
    drawn[1] = x1;
    drawn[2] = x2;
    drawn[3] = x3;
    return drawn;
  }

  const encoder = new TextEncoder();

  /* The key of a stream. Once per item and purpose, so BigInt is fast enough. */
  function streamKey(randomSeed, purpose, item = "", platform = "") {
    let value = 0xcbf29ce484222325n;
    for (const byte of encoder.encode([randomSeed, purpose, item, platform].join("\x1f")))
      value = BigInt.asUintN(64, (value ^ BigInt(byte)) * 0x100000001b3n);
    value = BigInt.asUintN(64, (value ^ (value >> 33n)) * 0xff51afd7ed558ccdn);
    value = BigInt.asUintN(64, (value ^ (value >> 33n)) * 0xc4ceb9fe1a85ec53n);
    value ^= value >> 33n;
    return { high: Number(value >> 32n), low: Number(value & 0xffffffffn) };
  }

  function mix(x) {
    x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
    x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
    return x ^ (x >>> 16);
  }

  /* The luck of one arc under its broadcast's row key, the first two words of philox(key, realisation, sharer, 0,
     attempt): the smaller, the luckier. */
  const arcLuck = (low, high, follower) => mix(mix((low + follower) | 0) ^ high) >>> 0;

  const uniform = (first, second) => ((first >>> 5) * 67108864 + (second >>> 6)) / 9007199254740992;

  /* How many 32-bit words mean success. */
  const threshold = (probability) => Math.floor(probability * WORD);

  const view = new DataView(new ArrayBuffer(8));

  function scale(x, k) {  // x * 2^k, exact for the normal numbers that come here
    view.setFloat64(0, x);
    view.setUint32(0, view.getUint32(0) + k * 1048576);
    return view.getFloat64(0);
  }

  const LN2_HIGH = 6.93147180369123816490e-01, LN2_LOW = 1.90821492927058770002e-10;

  function exp(x) {
    if (x < -708) return 0;
    if (x > 709) return Infinity;
    const k = Math.floor(x * 1.44269504088896338700 + 0.5);
    const high = x - k * LN2_HIGH, low = k * LN2_LOW, r = high - low, t = r * r;
    const c = r - t * (1.66666666666666019037e-01 + t * (-2.77777777770155933842e-03 + t * (6.61375632143793436117e-05
      + t * (-1.65339022054652515390e-06 + t * 4.13813679705723846039e-08))));
    return scale(1 - ((low - (r * c) / (2 - c)) - high), k);
  }

  function log(x) {
    if (x === 0) return -Infinity;
    let k = 0;
    if (x < 2.2250738585072014e-308) { x *= 18014398509481984; k = -54; }
    view.setFloat64(0, x);
    const exponent = (view.getUint32(0) >>> 20) - 1022;
    k += exponent;
    x = scale(x, -exponent);
    if (x < 0.70710678118654752440) { x *= 2; k -= 1; }
    const f = x - 1, s = f / (2 + f), z = s * s, w = z * z;
    const t1 = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01));
    const t2 = z * (6.666666666666735130e-01 + w * (2.857142874366239149e-01
      + w * (1.818357216161805012e-01 + w * 1.479819860510658591e-01)));
    const r = t2 + t1, half = 0.5 * f * f;
    return k * LN2_HIGH - ((half - (s * (half + r) + k * LN2_LOW)) - f);
  }

  function normalCdf(z) {
    if (z < -8.3) return 0;
    if (z > 8.3) return 1;
    let total = z, term = z, previous = 0, i = 1;
    while (total !== previous) {
      previous = total;
      i += 2;
      term = term * (z * z) / i;
      total += term;
    }
    return 0.5 + total * exp(-0.5 * z * z) / 2.50662827463100050242;
  }

  /* 1 - (1 - probability)^dose; a dose of 1 gives the probability itself, to the bit. */
  function chance(probability, dose) {
    if (dose === 0) return 0;
    if (dose === 1) return probability;
    if (probability >= 1) return 1;
    return 1 - exp(dose * log(1 - probability));
  }

  return { PURPOSE, WORD, drawn, philox, streamKey, arcLuck, uniform, threshold, exp, log, normalCdf, chance };
})();
