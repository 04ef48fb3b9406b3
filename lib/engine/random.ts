/**
 * Seeded, splittable random numbers: the Threefry-2x32 block cipher with 20 rounds run over a counter
 * (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011). A key never changes: new
 * independent streams come from `split` and `fold`, so the same seed gives the same numbers whatever else
 * was drawn before.
 */

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

/** `count` standard normal numbers (Box–Muller on pairs of uniforms, in double precision, stored single). */
export function normals(key: Key, count: number): Float32Array {
  const words = randomWords(key, count + (count & 1));
  const out = new Float32Array(count);
  for (let i = 0; i < count; i += 2) {
    const radius = Math.sqrt(-2 * Math.log((words[i] + 0.5) / 2 ** 32));
    const angle = (2 * Math.PI * words[i + 1]) / 2 ** 32;
    out[i] = radius * Math.cos(angle);
    if (i + 1 < count) out[i + 1] = radius * Math.sin(angle);
  }
  return out;
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
