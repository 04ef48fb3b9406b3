/**
 * SIGReg and its gradient. Frequency k = 8a + b is split in a coarse and a fine part: cos and sin of 8aθ and of bθ give
 * those of kθ by the addition theorem, exactly, so that the sums over rows become one small matrix product.
 */
import { pack, product } from "./product.js";
import { bytes, fma, loadPart, quarterTurns4, reduced4, sine4, storePart, sum4 } from "./simd.js";

@inline
function coarseColumns(frequencies: i32): i32 {
  return ((((frequencies + 7) >> 3) + 3) & ~3) << 1;
}

/** Bytes of scratch that `sigreg` needs. */
export function sigregScratch(rows: i32, frequencies: i32): i32 {
  const coarse = coarseColumns(frequencies);
  return (rows * (16 + coarse + 16) + 3 * 16 * coarse) << 2;
}

/** cos and sin of θ·{first, first + 1, first + 2, first + 3}·unit. */
@inline
function storeWaves(cosines: usize, sines: usize, theta: f32, first: f32, unit: f32): void {
  const multiples = f32x4.mul(
    f32x4.add(f32x4.splat(first), f32x4.replace_lane(f32x4.replace_lane(f32x4.replace_lane(f32x4.splat(0), 1, 1), 2, 2), 3, 3)),
    f32x4.splat(unit),
  );
  const x = f32x4.mul(f32x4.splat(theta), multiples);
  const turns = quarterTurns4(x);
  const r = reduced4(x, turns);
  v128.store(cosines, sine4(r, turns, 1));
  v128.store(sines, sine4(r, turns, 0));
}

/**
 * Mean over directions of Σ_k weight_k |ecf(kΔ) − target_k|², and its gradient if `dLatents` is not 0.
 * @param latents `[rows, d]`, @param directions `[count, d]`
 * @param weights, @param targets `[frequencies]`
 * @param dLatents `[rows, d]` or 0
 */
export function sigreg(
  latents: usize,
  directions: usize,
  weights: usize,
  targets: usize,
  dLatents: usize,
  rows: i32,
  d: i32,
  count: i32,
  frequencies: i32,
  spacing: f32,
  scratch: usize,
): f32 {
  const columns = coarseColumns(frequencies);
  const half = columns >> 1;
  const fine = scratch;
  const coarse = fine + bytes(16 * rows);
  const slopes = coarse + bytes(columns * rows);
  const ecf = slopes + bytes(16 * rows);
  const g = ecf + bytes(16 * columns);
  const panels = g + bytes(16 * columns);
  const perRow: f32 = <f32>1 / <f32>rows;
  let total: f64 = 0;
  if (dLatents) memory.fill(dLatents, 0, bytes(d) * <usize>rows);
  for (let m = 0; m < count; m++) {
    const direction = directions + bytes(m * d);
    for (let n = 0; n < rows; n++) {
      const latent = latents + bytes(d) * <usize>n;
      let sums = f32x4.splat(0);
      for (let j = 0; j < d; j += 4)
        sums = fma(loadPart(latent + bytes(j), d - j), loadPart(direction + bytes(j), d - j), sums);
      const theta = sum4(sums) * spacing;
      const cosines = fine + bytes(8 * n);
      const sines = cosines + bytes(8 * rows);
      storeWaves(cosines, sines, theta, 0, 1);
      storeWaves(cosines + 16, sines + 16, theta, 4, 1);
      const at = coarse + bytes(columns * n);
      for (let a = 0; a < half; a += 4) storeWaves(at + bytes(a), at + bytes(half + a), theta, <f32>a, 8);
    }
    // Σ_n of the four products cos·cos, cos·sin, sin·cos, sin·sin: [coarse cos | sin]ᵀ [fine cos | sin].
    product(coarse, 4, bytes(columns), fine, 0, ecf, bytes(16), columns, rows, 16, false);
    for (let k = 0; k < half * 8; k++) {
      const a = k >> 3;
      const b = k & 7;
      let onCosine: f32 = 0;
      let onSine: f32 = 0;
      if (k < frequencies) {
        const upper = ecf + bytes(16 * a + b);
        const lower = ecf + bytes(16 * (half + a) + b);
        const re = (f32.load(upper) - f32.load(lower, 32)) * perRow - f32.load(targets + bytes(k));
        const im = (f32.load(lower) + f32.load(upper, 32)) * perRow;
        const weight = f32.load(weights + bytes(k));
        total += <f64>(weight * (re * re + im * im));
        const factor = (<f32>2 * weight * <f32>k * spacing * perRow) / <f32>count;
        onCosine = factor * im;
        onSine = -factor * re;
      }
      // Slope with respect to the projection: Σ_k onCosine cos kθ + onSine sin kθ, as [coarse] G [fine]ᵀ.
      f32.store(g + bytes(16 * a + b), onCosine);
      f32.store(g + bytes(16 * a + 8 + b), onSine);
      f32.store(g + bytes(16 * (half + a) + b), onSine);
      f32.store(g + bytes(16 * (half + a) + 8 + b), -onCosine);
    }
    if (dLatents) {
      pack(g, bytes(16), columns, 16, panels);
      product(coarse, bytes(columns), 4, panels, 0, slopes, bytes(16), rows, columns, 16, false);
      for (let n = 0; n < rows; n++) {
        const s = slopes + bytes(16 * n);
        const cosines = fine + bytes(8 * n);
        const sines = cosines + bytes(8 * rows);
        let sums = f32x4.mul(v128.load(s), v128.load(cosines));
        sums = fma(v128.load(s, 16), v128.load(cosines, 16), sums);
        sums = fma(v128.load(s, 32), v128.load(sines), sums);
        sums = fma(v128.load(s, 48), v128.load(sines, 16), sums);
        const slope = f32x4.splat(sum4(sums));
        const to = dLatents + bytes(d) * <usize>n;
        for (let j = 0; j < d; j += 4) {
          const width = d - j;
          storePart(to + bytes(j), fma(slope, loadPart(direction + bytes(j), width), loadPart(to + bytes(j), width)), width);
        }
      }
    }
  }
  return <f32>(total / <f64>count);
}
