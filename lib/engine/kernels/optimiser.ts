/** AdamW and the exponential moving average over flat vectors. */
import { bytes, fma, loadPart, storePart } from "./simd.js";

/**
 * One AdamW update (Loshchilov & Hutter 2019, Algorithm 2) from old to new vectors of `count` numbers.
 * @param rate learning rate / (1 − β₁ᵗ), @param correction 1 / (1 − β₂ᵗ), @param decay learning rate · weight decay
 */
export function adamw(
  theta: usize,
  first: usize,
  second: usize,
  gradient: usize,
  decayMask: usize,
  newTheta: usize,
  newFirst: usize,
  newSecond: usize,
  count: i32,
  rate: f32,
  beta1: f32,
  beta2: f32,
  epsilon: f32,
  decay: f32,
  correction: f32,
): void {
  for (let i = 0; i < count; i += 4) {
    const width = count - i;
    const at = bytes(i);
    const g = loadPart(gradient + at, width);
    const m = fma(loadPart(first + at, width), f32x4.splat(beta1), f32x4.mul(g, f32x4.splat(1 - beta1)));
    const gg = f32x4.mul(f32x4.mul(g, g), f32x4.splat(1 - beta2));
    const v = fma(loadPart(second + at, width), f32x4.splat(beta2), gg);
    const spread = f32x4.add(f32x4.sqrt(f32x4.mul(v, f32x4.splat(correction))), f32x4.splat(epsilon));
    const t = loadPart(theta + at, width);
    const kept = f32x4.sub(t, f32x4.mul(f32x4.mul(t, loadPart(decayMask + at, width)), f32x4.splat(decay)));
    storePart(newTheta + at, f32x4.sub(kept, f32x4.div(f32x4.mul(m, f32x4.splat(rate)), spread)), width);
    storePart(newFirst + at, m, width);
    storePart(newSecond + at, v, width);
  }
}

/** out = decay · old + (1 − decay) · fresh. */
export function movingAverage(old: usize, fresh: usize, out: usize, count: i32, decay: f32): void {
  for (let i = 0; i < count; i += 4) {
    const width = count - i;
    const at = bytes(i);
    const part = f32x4.mul(loadPart(fresh + at, width), f32x4.splat(1 - decay));
    storePart(out + at, fma(loadPart(old + at, width), f32x4.splat(decay), part), width);
  }
}
