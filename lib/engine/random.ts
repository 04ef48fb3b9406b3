/**
 * Seeded, splittable random numbers: the Threefry-2x32 block cipher with 20 rounds run over a counter
 * (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011). A key never changes: new
 * independent streams come from `split` and `fold`, so the same seed gives the same numbers whatever else
 * was drawn before.
 */

import { shown } from "../checks.js";

/** Two unsigned 32-bit words that name one stream of random numbers. */
export interface Key {
  readonly k0: number;
  readonly k1: number;
}

/**
 * The key of a seed.
 * @param seed an integer, 0 ≤ seed ≤ 2⁵³ − 1.
 * @throws when the seed is not such an integer.
 */
export function seedKey(seed: number): Key {
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw new Error(`seed is ${seed}; use an integer between 0 and 2^53 - 1`);
  return { k0: Math.floor(seed / 2 ** 32) >>> 0, k1: seed >>> 0 };
}

/**
 * The key of a seed, or the key itself.
 * @throws when it is neither.
 */
export function keyOf(seed: number | Key): Key {
  if (typeof seed === "number") return seedKey(seed);
  if (Number.isInteger(seed?.k0) && Number.isInteger(seed?.k1)) return seed;
  throw new Error(`seed is ${shown(seed)}; use an integer between 0 and 2^53 - 1, or a key`);
}

/** `count` independent keys made from one. */
export function split(key: Key, count = 2): Key[] {
  const words = randomWords(key, 2 * count);
  return Array.from({ length: count }, (_, i) => ({ k0: words[2 * i], k1: words[2 * i + 1] }));
}

/** The key of a named or numbered child stream: `fold(key, "weights")`, `fold(key, epoch)`. */
export function fold(key: Key, label: string | number): Key {
  const counter = new Uint32Array(2);
  if (typeof label === "number") {
    counter[0] = label;
    counter[1] = Math.floor(label / 2 ** 32);
  } else {
    counter.set(hashLabel(label));
  }
  threefry2x32(key.k0, key.k1, counter);
  return { k0: counter[0], k1: counter[1] };
}

/** `count` uniform 32-bit words. */
export function randomWords(key: Key, count: number): Uint32Array {
  const words = new Uint32Array(count + (count & 1));
  const block = new Uint32Array(2);
  for (let i = 0; i < words.length; i += 2) {
    block[0] = i >>> 1;
    block[1] = 0;
    threefry2x32(key.k0, key.k1, block);
    words[i] = block[0];
    words[i + 1] = block[1];
  }
  return words.subarray(0, count);
}

/** `count` numbers uniform on the open interval (0, 1). */
export function uniforms(key: Key, count: number): Float64Array {
  return Float64Array.from(randomWords(key, count), (word) => (word + 0.5) / 2 ** 32);
}

/** `count` numbers uniform on (−bound, bound), in single precision: what layers start from. */
export function uniformsWithin(key: Key, count: number, bound: number): Float32Array {
  return Float32Array.from(uniforms(key, count), (u) => (2 * u - 1) * bound);
}

/** `count` standard normal numbers. */
export function normals(key: Key, count: number): Float32Array {
  return normalRows(key, 1, count, 0);
}

/**
 * Standard normal numbers `[rows, columns]`, row-major (Box–Muller on pairs of words, in double precision, stored
 * single). Row r belongs to row `firstRow + r` of the stream, so a batch that is cut keeps its noise.
 */
export function normalRows(key: Key, rows: number, columns: number, firstRow: number): Float32Array {
  return pairedRows(key, rows, columns, firstRow, (word0, word1) => {
    const radius = Math.sqrt(-2 * logarithm((word0 + 0.5) * 2 ** -32));
    const { cosine, sine } = unitCircle(word1);
    return [radius * cosine, radius * sine];
  });
}

/** Numbers uniform on (0, 1), multiples of 2⁻²⁴, exact in single precision; row-addressed as the normals are. */
export function uniformRows(key: Key, rows: number, columns: number, firstRow: number): Float32Array {
  const uniform = (word: number) => ((word >>> 9) + 0.5) * 2 ** -23;
  return pairedRows(key, rows, columns, firstRow, (word0, word1) => [uniform(word0), uniform(word1)]);
}

/** Fills `[rows, columns]` pair by pair: row r uses the counters from (firstRow + r) · ⌈columns/2⌉ on. */
function pairedRows(
  key: Key,
  rows: number,
  columns: number,
  firstRow: number,
  pair: (word0: number, word1: number) => [number, number],
): Float32Array {
  const out = new Float32Array(rows * columns);
  const pairs = Math.ceil(columns / 2);
  const block = new Uint32Array(2);
  for (let r = 0; r < rows; r++)
    for (let p = 0; p < pairs; p++) {
      const counter = (firstRow + r) * pairs + p;
      block[0] = counter;
      block[1] = Math.floor(counter / 2 ** 32);
      threefry2x32(key.k0, key.k1, block);
      const [first, second] = pair(block[0], block[1]);
      const at = r * columns + 2 * p;
      out[at] = first;
      if (2 * p + 1 < columns) out[at + 1] = second;
    }
  return out;
}

/**
 * Which of `columns` numbers in a row are dropped, each with probability `rate`: instead of one draw per number, one
 * per gap. The numbers kept before the next dropped one are geometric, ⌊ln u / ln(1 − rate)⌋.
 * @param row of the key's stream
 */
export function droppedColumns(key: Key, row: number, columns: number, rate: number): number[] {
  const perLog = 1 / logarithm(1 - rate);
  const block = new Uint32Array(2);
  const dropped: number[] = [];
  let column = 0;
  for (let draw = 0; ; draw++) {
    if (draw % 2 === 0) {
      block[0] = draw / 2;
      block[1] = row;
      threefry2x32(key.k0, key.k1, block);
    }
    column += Math.floor(logarithm((block[draw % 2] + 0.5) * 2 ** -32) * perLog);
    if (column >= columns) return dropped;
    dropped.push(column);
    column += 1;
  }
}

const doubleBits = new DataView(new ArrayBuffer(8));

/**
 * ln x for x > 0: exponent and atanh series of the mantissa around 1. Only exactly rounded operations in a fixed
 * order, so that the fused kernel (`kernels/random.ts`) gives the same bits; error below 3e-16 relative.
 */
function logarithm(x: number): number {
  doubleBits.setFloat64(0, x);
  const high = doubleBits.getUint32(0);
  let exponent = (high >>> 20) - 1023;
  doubleBits.setUint32(0, (high & 0xfffff) | 0x3ff00000);
  let m = doubleBits.getFloat64(0);
  if (m > Math.SQRT2) {
    m *= 0.5;
    exponent += 1;
  }
  const s = (m - 1) / (m + 1);
  const z = s * s;
  let p = 1 / 21;
  for (let odd = 19; odd >= 1; odd -= 2) p = p * z + 1 / odd;
  return exponent * Math.LN2 + 2 * s * p;
}

/** 1/n! with alternating signs, for Horner's rule: sine from 15! down to 3!, cosine from 16! down to 2!. */
const SINE = [-1 / 1307674368000, 1 / 6227020800, -1 / 39916800, 1 / 362880, -1 / 5040, 1 / 120, -1 / 6];
const COSINE = [
  1 / 20922789888000,
  -1 / 87178291200,
  1 / 479001600,
  -1 / 3628800,
  1 / 40320,
  -1 / 720,
  1 / 24,
  -0.5,
];

/** cos and sin of 2π · word / 2³²: quarter turns taken off exactly, Taylor polynomials on ±π/4. */
function unitCircle(word: number): { cosine: number; sine: number } {
  const quarter = ((word + 0x20000000) >>> 0) >>> 30;
  const x = ((word - quarter * 0x40000000) | 0) * 1.4629180792671596e-9;
  const q = x * x;
  let s = SINE[0];
  for (let i = 1; i < SINE.length; i++) s = s * q + SINE[i];
  s = s * q * x + x;
  let c = COSINE[0];
  for (let i = 1; i < COSINE.length; i++) c = c * q + COSINE[i];
  c = c * q + 1;
  if (quarter === 0) return { cosine: c, sine: s };
  if (quarter === 1) return { cosine: -s, sine: c };
  if (quarter === 2) return { cosine: -c, sine: -s };
  return { cosine: s, sine: -c };
}

/** The numbers 0 … count − 1 in random order (Fisher–Yates). */
export function permutation(key: Key, count: number): Int32Array {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  const uniform = uniforms(key, count);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(uniform[i] * (i + 1));
    const kept = order[i];
    order[i] = order[j];
    order[j] = kept;
  }
  return order;
}

/** `count` unit vectors of length `d`, uniform on the sphere; row-major `[count, d]`. */
export function unitVectors(key: Key, count: number, d: number): Float32Array {
  const vectors = normals(key, count * d);
  for (let i = 0; i < count; i++) {
    const row = vectors.subarray(i * d, (i + 1) * d);
    const norm = Math.hypot(...row);
    for (let j = 0; j < d; j++) row[j] /= norm;
  }
  return vectors;
}

/**
 * Encrypts one counter block in place: 20 rounds of add, rotate, xor with a key injection every four.
 * Exported for its known-answer test.
 */
export function threefry2x32(k0: number, k1: number, block: Uint32Array): void {
  const k2 = k0 ^ k1 ^ 0x1bd11bda;
  let a = (block[0] + k0) | 0;
  let b = (block[1] + k1) | 0;
  for (let group = 0; group < 5; group++) {
    if (group % 2 === 0) {
      a = (a + b) | 0;
      b = ((b << 13) | (b >>> 19)) ^ a;
      a = (a + b) | 0;
      b = ((b << 15) | (b >>> 17)) ^ a;
      a = (a + b) | 0;
      b = ((b << 26) | (b >>> 6)) ^ a;
      a = (a + b) | 0;
      b = ((b << 6) | (b >>> 26)) ^ a;
    } else {
      a = (a + b) | 0;
      b = ((b << 17) | (b >>> 15)) ^ a;
      a = (a + b) | 0;
      b = ((b << 29) | (b >>> 3)) ^ a;
      a = (a + b) | 0;
      b = ((b << 16) | (b >>> 16)) ^ a;
      a = (a + b) | 0;
      b = ((b << 24) | (b >>> 8)) ^ a;
    }
    const next = (group + 1) % 3;
    const after = (group + 2) % 3;
    a = (a + (next === 0 ? k0 : next === 1 ? k1 : k2)) | 0;
    b = (b + (after === 0 ? k0 : after === 1 ? k1 : k2) + group + 1) | 0;
  }
  block[0] = a;
  block[1] = b;
}

/** 64-bit FNV-1a of a label, as two words. */
function hashLabel(label: string): [number, number] {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(label))
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return [Number(hash & 0xffffffffn), Number(hash >> 32n)];
}
