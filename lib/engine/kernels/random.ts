/**
 * Counter-based random numbers: Threefry-2x32 with 20 rounds, as in `../random.ts`, with which every bit agrees:
 * both use nothing but the exactly rounded operations + − × ÷ √ in double precision, in the same order.
 */
import { bytes, loadPart, storePart } from "./simd.js";

let word0: u32 = 0;
let word1: u32 = 0;

/** Sets `word0` and `word1` to the encrypted counter. */
@inline
function threefry(k0: u32, k1: u32, counter: u64): void {
  const k2: u32 = k0 ^ k1 ^ 0x1bd11bda;
  let a: u32 = <u32>counter + k0;
  let b: u32 = <u32>(counter >> 32) + k1;
  a += b; b = rotl<u32>(b, 13) ^ a;
  a += b; b = rotl<u32>(b, 15) ^ a;
  a += b; b = rotl<u32>(b, 26) ^ a;
  a += b; b = rotl<u32>(b, 6) ^ a;
  a += k1; b += k2 + 1;
  a += b; b = rotl<u32>(b, 17) ^ a;
  a += b; b = rotl<u32>(b, 29) ^ a;
  a += b; b = rotl<u32>(b, 16) ^ a;
  a += b; b = rotl<u32>(b, 24) ^ a;
  a += k2; b += k0 + 2;
  a += b; b = rotl<u32>(b, 13) ^ a;
  a += b; b = rotl<u32>(b, 15) ^ a;
  a += b; b = rotl<u32>(b, 26) ^ a;
  a += b; b = rotl<u32>(b, 6) ^ a;
  a += k0; b += k1 + 3;
  a += b; b = rotl<u32>(b, 17) ^ a;
  a += b; b = rotl<u32>(b, 29) ^ a;
  a += b; b = rotl<u32>(b, 16) ^ a;
  a += b; b = rotl<u32>(b, 24) ^ a;
  a += k1; b += k2 + 4;
  a += b; b = rotl<u32>(b, 13) ^ a;
  a += b; b = rotl<u32>(b, 15) ^ a;
  a += b; b = rotl<u32>(b, 26) ^ a;
  a += b; b = rotl<u32>(b, 6) ^ a;
  a += k2; b += k0 + 5;
  word0 = a;
  word1 = b;
}

/** ln x for x > 0: exponent and atanh series of the mantissa around 1. */
export function logarithm(x: f64): f64 {
  const bits = reinterpret<i64>(x);
  let exponent = <f64>((bits >> 52) - 1023);
  let m = reinterpret<f64>((bits & 0xfffffffffffff) | 0x3ff0000000000000);
  if (m > 1.4142135623730951) {
    m = m * 0.5;
    exponent = exponent + 1;
  }
  const s = (m - 1) / (m + 1);
  const z = s * s;
  let p: f64 = 1.0 / 21;
  p = p * z + 1.0 / 19;
  p = p * z + 1.0 / 17;
  p = p * z + 1.0 / 15;
  p = p * z + 1.0 / 13;
  p = p * z + 1.0 / 11;
  p = p * z + 1.0 / 9;
  p = p * z + 1.0 / 7;
  p = p * z + 1.0 / 5;
  p = p * z + 1.0 / 3;
  p = p * z + 1;
  return exponent * 0.6931471805599453 + 2 * s * p;
}

/** Box–Muller: two standard normal numbers from two words, stored at `to` (the second only if `both`). */
@inline
function storePair(to: usize, both: bool): void {
  const radius = sqrt<f64>(-2 * logarithm((<f64>word0 + 0.5) * 2.3283064365386963e-10));
  const quarter: u32 = (word1 + 0x20000000) >> 30;
  const x = <f64>(<i32>(word1 - (quarter << 30))) * 1.4629180792671596e-9;
  const q = x * x;
  let s: f64 = -1.0 / 1307674368000;
  s = s * q + 1.0 / 6227020800;
  s = s * q - 1.0 / 39916800;
  s = s * q + 1.0 / 362880;
  s = s * q - 1.0 / 5040;
  s = s * q + 1.0 / 120;
  s = s * q - 1.0 / 6;
  s = s * q * x + x;
  let c: f64 = 1.0 / 20922789888000;
  c = c * q - 1.0 / 87178291200;
  c = c * q + 1.0 / 479001600;
  c = c * q - 1.0 / 3628800;
  c = c * q + 1.0 / 40320;
  c = c * q - 1.0 / 720;
  c = c * q + 1.0 / 24;
  c = c * q - 0.5;
  c = c * q + 1;
  const swap = (quarter & 1) != 0;
  const cosine = swap ? s : c;
  const sine = swap ? c : s;
  const turn = quarter & 3;
  f32.store(to, <f32>(radius * (turn == 1 || turn == 2 ? -cosine : cosine)));
  if (both) f32.store(to, <f32>(radius * (turn >= 2 ? -sine : sine)), 4);
}

/** Standard normal numbers `[rows, columns]`; row r draws from counters (firstRow + r) · ⌈columns/2⌉ onwards. */
export function normals(out: usize, k0: u32, k1: u32, rows: i32, columns: i32, firstRow: u32): void {
  const pairs = (columns + 1) >> 1;
  let counter = <u64>firstRow * <u64>pairs;
  for (let r = 0; r < rows; r++) {
    for (let p = 0; p < pairs; p++) {
      threefry(k0, k1, counter++);
      storePair(out + bytes(2 * p), 2 * p + 1 < columns);
    }
    out += bytes(columns);
  }
}

/** Numbers uniform on the open interval (0, 1), multiples of 2⁻²⁴, addressed as the normals are. */
export function uniforms(out: usize, k0: u32, k1: u32, rows: i32, columns: i32, firstRow: u32): void {
  const pairs = (columns + 1) >> 1;
  let counter = <u64>firstRow * <u64>pairs;
  for (let r = 0; r < rows; r++) {
    for (let p = 0; p < pairs; p++) {
      threefry(k0, k1, counter++);
      f32.store(out + bytes(2 * p), (<f32>(word0 >> 9) + 0.5) * 1.1920928955078125e-7);
      if (2 * p + 1 < columns) f32.store(out + bytes(2 * p + 1), (<f32>(word1 >> 9) + 0.5) * 1.1920928955078125e-7);
    }
    out += bytes(columns);
  }
}

/**
 * y = x / (1 − rate) with every number set to 0 with probability `rate`. Instead of one draw per number, one per gap:
 * the numbers kept before the next dropped one are geometric, ⌊ln u / ln(1 − rate)⌋. Row r, draw i uses the counter
 * (firstRow + r) · 2³² + ⌊i/2⌋.
 */
export function dropout(
  x: usize,
  y: usize,
  k0: u32,
  k1: u32,
  rows: i32,
  columns: i32,
  firstRow: u32,
  rate: f64,
): void {
  const scale = f32x4.splat(<f32>(1 / (1 - rate)));
  const perLog = 1 / logarithm(1 - rate);
  for (let r = 0; r < rows; r++) {
    for (let i = 0; i < columns; i += 4) {
      const width = columns - i;
      storePart(y + bytes(i), f32x4.mul(loadPart(x + bytes(i), width), scale), width);
    }
    let counter = (<u64>firstRow + <u64>r) << 32;
    let column: f64 = 0;
    while (true) {
      threefry(k0, k1, counter++);
      column += floor<f64>(logarithm((<f64>word0 + 0.5) * 2.3283064365386963e-10) * perLog);
      if (column >= <f64>columns) break;
      f32.store(y + bytes(<i32>column), 0);
      column += floor<f64>(logarithm((<f64>word1 + 0.5) * 2.3283064365386963e-10) * perLog) + 1;
      if (column >= <f64>columns) break;
      f32.store(y + bytes(<i32>column), 0);
      column += 1;
    }
    x += bytes(columns);
    y += bytes(columns);
  }
}
