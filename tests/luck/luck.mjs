// Luck and arithmetic as a browser computes them: 32-bit numbers with Math.imul, the rest with IEEE-754 doubles.
// Reads known_answers.json (named on the command line), prints {"checked": {section: n}, "wrong": [...]}.

import { readFileSync } from "node:fs";

const encoder = new TextEncoder();

// The high and low word of a 32 x 32-bit product, in 16-bit parts, so that no product passes 2^53.
function multiply(a, b) {
  const aHigh = a >>> 16, aLow = a & 0xffff, bHigh = b >>> 16, bLow = b & 0xffff;
  const middle = aHigh * bLow + ((aLow * bLow) / 65536 >>> 0);
  const carried = aLow * bHigh + (middle % 65536);
  const high = aHigh * bHigh + Math.floor(middle / 65536) + Math.floor(carried / 65536);
  return [high >>> 0, Math.imul(a, b) >>> 0];
}

export function philox([keyHigh, keyLow], counter) {
  let [x0, x1, x2, x3] = counter, k0 = keyLow, k1 = keyHigh;
  for (let round = 0; round < 10; round++) {
    const [firstHigh, firstLow] = multiply(0xd2511f53, x0);
    const [secondHigh, secondLow] = multiply(0xcd9e8d57, x2);
    [x0, x1, x2, x3] = [(secondHigh ^ x1 ^ k0) >>> 0, secondLow, (firstHigh ^ x3 ^ k1) >>> 0, firstLow];
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  return [x0, x1, x2, x3];
}

// Once per item and platform, so BigInt is fast enough.
export function streamKey(randomSeed, purpose, item, platform) {
  let value = 0xcbf29ce484222325n;
  for (const byte of encoder.encode([randomSeed, purpose, item, platform].join("\x1f")))
    value = BigInt.asUintN(64, (value ^ BigInt(byte)) * 0x100000001b3n);
  value = BigInt.asUintN(64, (value ^ (value >> 33n)) * 0xff51afd7ed558ccdn);
  value = BigInt.asUintN(64, (value ^ (value >> 33n)) * 0xc4ceb9fe1a85ec53n);
  return value ^ (value >> 33n);
}

export function rowKey(key, realisation, sharer, attempt) {
  return philox(key, [realisation, sharer, 0, attempt]).slice(0, 2);
}

function mix(x) {
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return x ^ (x >>> 16);
}

export function arcLuck([low, high], follower) {
  return mix(mix((low + follower) | 0) ^ high) >>> 0;
}

export function uniform(key, counter) {
  const [first, second] = philox(key, counter);
  return ((first >>> 5) * 67108864 + (second >>> 6)) / 9007199254740992;
}

export const pick = (key, counter, size) => Math.floor(uniform(key, counter) * size);
export const threshold = (probability) => Math.floor(probability * 4294967296);

const view = new DataView(new ArrayBuffer(8));

function scale(x, k) {  // x * 2^k, exact for the normal numbers that come here
  view.setFloat64(0, x);
  view.setUint32(0, view.getUint32(0) + k * 1048576);
  return view.getFloat64(0);
}

const LN2_HIGH = 6.93147180369123816490e-01, LN2_LOW = 1.90821492927058770002e-10;

export function exp(x) {
  if (x < -708) return 0;
  if (x > 709) return Infinity;
  const k = Math.floor(x * 1.44269504088896338700 + 0.5);
  const high = x - k * LN2_HIGH, low = k * LN2_LOW, r = high - low, t = r * r;
  const c = r - t * (1.66666666666666019037e-01 + t * (-2.77777777770155933842e-03 + t * (6.61375632143793436117e-05
    + t * (-1.65339022054652515390e-06 + t * 4.13813679705723846039e-08))));
  return scale(1 - ((low - (r * c) / (2 - c)) - high), k);
}

export function log(x) {
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
    + w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01)));
  const r = t2 + t1, half = 0.5 * f * f;
  return k * LN2_HIGH - ((half - (s * (half + r) + k * LN2_LOW)) - f);
}

export function normalCdf(z) {
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

export function chance(probability, dose) {
  if (dose === 0) return 0;
  if (dose === 1) return probability;
  if (probability >= 1) return 1;
  return 1 - exp(dose * log(1 - probability));
}

const hex = (x, digits) => "0x" + x.toString(16).padStart(digits, "0");
const word = (x) => hex(x, 8);
const words = (list) => list.map(Number);
const key = (text) => [Number(text.slice(0, 10)), Number("0x" + text.slice(10))];
function number(text) { view.setBigUint64(0, BigInt(text)); return view.getFloat64(0); }
function bits(x) { view.setFloat64(0, x); return hex(view.getBigUint64(0), 16); }

// Many values in one number: a last digit in a thousand is seen.
function digest({ function: name, key: text, low, high, count }) {
  const from = number(low), to = number(high), k = key(text);
  let state = 0xcbf29ce484222325n;
  for (let i = 0; i < Number(count); i++) {
    const x = from + (to - from) * uniform(k, [i, 0, 0, 0]);
    const value = name === "chance" ? chance(x, 3 * uniform(k, [i, 1, 0, 0])) : { exp, log, normal_cdf: normalCdf }[name](x);
    view.setFloat64(0, value);
    state = BigInt.asUintN(64, (state ^ view.getBigUint64(0)) * 0x100000001b3n);
  }
  return hex(state, 16);
}

const answers = JSON.parse(readFileSync(process.argv[2], "utf8"));
const sections = {
  philox: (a) => [philox(key(a.key), words(a.counter)).map(word), a.words],
  stream_key: (a) => [hex(streamKey(a.random_seed, answers.purposes[a.purpose], a.item, a.platform), 16), a.key],
  row_key: (a) => [rowKey(key(a.key), ...words([a.realisation, a.sharer, a.attempt])).map(word), a.row_key],
  arc_luck: (a) => [a.luck.map((_, i) => word(arcLuck(words(a.row_key), Number(a.first_follower) + i))), a.luck],
  uniform: (a) => {
    const u = uniform(key(a.key), words(a.counter));
    return [[bits(u), hex(BigInt(u * 9007199254740992), 16)], [a.uniform, a.bits53]];
  },
  pick: (a) => [word(pick(key(a.key), words(a.counter), Number(a.size))), a.pick],
  threshold: (a) => [hex(threshold(number(a.probability)), 16), a.threshold],
  exp: (a) => [bits(exp(number(a.x))), a.value],
  log: (a) => [bits(log(number(a.x))), a.value],
  normal_cdf: (a) => [bits(normalCdf(number(a.x))), a.value],
  chance: (a) => [bits(chance(number(a.probability), number(a.dose))), a.value],
  digest: (a) => [digest(a), a.digest],
};
const checked = {}, wrong = [];
for (const [section, compute] of Object.entries(sections)) {
  checked[section] = answers[section].length;
  for (const answer of answers[section]) {
    const [computed, expected] = compute(answer);
    if (JSON.stringify(computed) !== JSON.stringify(expected)) wrong.push({ section, answer, computed });
  }
}
console.log(JSON.stringify({ checked, wrong }));
