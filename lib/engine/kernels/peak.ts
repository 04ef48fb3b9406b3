/** The yardstick of the benchmark. */
import { fma } from "./simd.js";

/**
 * `rounds` × 8 independent multiply-adds on four lanes: 64 · rounds floating-point operations that need no memory.
 * @returns their sum, so that none can be left out
 */
export function multiplyAdd(rounds: i32, seed: f32): f32 {
  const factor = f32x4.splat(seed);
  let a = f32x4.splat(1), b = f32x4.splat(2), c = f32x4.splat(3), d = f32x4.splat(4);
  let e = f32x4.splat(5), f = f32x4.splat(6), g = f32x4.splat(7), h = f32x4.splat(8);
  for (let i = 0; i < rounds; i++) {
    a = fma(a, factor, factor);
    b = fma(b, factor, factor);
    c = fma(c, factor, factor);
    d = fma(d, factor, factor);
    e = fma(e, factor, factor);
    f = fma(f, factor, factor);
    g = fma(g, factor, factor);
    h = fma(h, factor, factor);
  }
  const sums = f32x4.add(
    f32x4.add(f32x4.add(a, b), f32x4.add(c, d)),
    f32x4.add(f32x4.add(e, f), f32x4.add(g, h)),
  );
  return f32x4.extract_lane(sums, 0);
}
