/** Diagonal Gaussians: samples, log densities and divergences with their gradients. All arrays `[rows, columns]`. */
import { bytes, exp4, fma, loadPart, storePart, sum4 } from "./simd.js";

/** sample = mean + e^(logVariance/2) ⊙ noise. */
export function sample(mean: usize, logVariance: usize, noise: usize, out: usize, count: i32): void {
  for (let i = 0; i < count; i += 4) {
    const width = count - i;
    const sigma = exp4(f32x4.mul(loadPart(logVariance + bytes(i), width), f32x4.splat(0.5)));
    storePart(out + bytes(i), fma(sigma, loadPart(noise + bytes(i), width), loadPart(mean + bytes(i), width)), width);
  }
}

/** dLogVariance = ½ dy ⊙ σ ⊙ noise (and dMean = dy). */
export function sampleGradient(dy: usize, logVariance: usize, noise: usize, dLogVariance: usize, count: i32): void {
  for (let i = 0; i < count; i += 4) {
    const width = count - i;
    const half = f32x4.splat(0.5);
    const sigma = exp4(f32x4.mul(loadPart(logVariance + bytes(i), width), half));
    const scaled = f32x4.mul(f32x4.mul(loadPart(dy + bytes(i), width), half), sigma);
    storePart(dLogVariance + bytes(i), f32x4.mul(scaled, loadPart(noise + bytes(i), width)), width);
  }
}

/** out[r] = KL(N(mean, e^logVariance) ‖ N(0, 1)) = ½ Σ e^v + m² − v − 1. */
export function klToStandardNormal(mean: usize, logVariance: usize, out: usize, rows: i32, columns: i32): void {
  for (let r = 0; r < rows; r++) {
    let sums = f32x4.splat(0);
    for (let i = 0; i < columns; i += 4) {
      const width = columns - i;
      const m = loadPart(mean + bytes(i), width);
      const v = loadPart(logVariance + bytes(i), width);
      const excess = f32x4.sub(f32x4.sub(exp4(v), f32x4.splat(1)), v);
      sums = f32x4.add(sums, fma(m, m, excess));
    }
    f32.store(out + bytes(r), <f32>0.5 * sum4(sums));
    mean += bytes(columns);
    logVariance += bytes(columns);
  }
}

/** dMean = dy m, dLogVariance = ½ dy (e^v − 1); dy `[rows]`. */
export function klToStandardNormalGradient(
  dy: usize,
  mean: usize,
  logVariance: usize,
  dMean: usize,
  dLogVariance: usize,
  rows: i32,
  columns: i32,
): void {
  for (let r = 0; r < rows; r++) {
    const g = f32x4.splat(f32.load(dy + bytes(r)));
    const half = f32x4.mul(g, f32x4.splat(0.5));
    for (let i = 0; i < columns; i += 4) {
      const width = columns - i;
      storePart(dMean + bytes(i), f32x4.mul(g, loadPart(mean + bytes(i), width)), width);
      const e = exp4(loadPart(logVariance + bytes(i), width));
      storePart(dLogVariance + bytes(i), f32x4.mul(half, f32x4.sub(e, f32x4.splat(1))), width);
    }
    mean += bytes(columns);
    logVariance += bytes(columns);
    dMean += bytes(columns);
    dLogVariance += bytes(columns);
  }
}

/** out[r] = KL(q ‖ p) = ½ Σ e^(vq − vp) + (mq − mp)² e^(−vp) + vp − vq − 1. */
export function kl(
  qMean: usize,
  qLogVariance: usize,
  pMean: usize,
  pLogVariance: usize,
  out: usize,
  rows: i32,
  columns: i32,
): void {
  for (let r = 0; r < rows; r++) {
    let sums = f32x4.splat(0);
    for (let i = 0; i < columns; i += 4) {
      const width = columns - i;
      const pv = loadPart(pLogVariance + bytes(i), width);
      const ratio = f32x4.sub(loadPart(qLogVariance + bytes(i), width), pv);
      const difference = f32x4.sub(loadPart(qMean + bytes(i), width), loadPart(pMean + bytes(i), width));
      const squared = f32x4.mul(f32x4.mul(difference, difference), exp4(f32x4.neg(pv)));
      const excess = f32x4.sub(f32x4.sub(exp4(ratio), f32x4.splat(1)), ratio);
      sums = f32x4.add(sums, f32x4.add(excess, squared));
    }
    f32.store(out + bytes(r), <f32>0.5 * sum4(sums));
    qMean += bytes(columns);
    qLogVariance += bytes(columns);
    pMean += bytes(columns);
    pLogVariance += bytes(columns);
  }
}

/** The four gradients of `kl`; dy `[rows]`. */
export function klGradient(
  dy: usize,
  qMean: usize,
  qLogVariance: usize,
  pMean: usize,
  pLogVariance: usize,
  dqMean: usize,
  dqLogVariance: usize,
  dpMean: usize,
  dpLogVariance: usize,
  rows: i32,
  columns: i32,
): void {
  let at: usize = 0;
  const one = f32x4.splat(1);
  for (let r = 0; r < rows; r++) {
    const g = f32x4.splat(f32.load(dy + bytes(r)));
    const half = f32x4.mul(g, f32x4.splat(0.5));
    for (let i = 0; i < columns; i += 4) {
      const width = columns - i;
      const here = at + bytes(i);
      const pv = loadPart(pLogVariance + here, width);
      const ratio = exp4(f32x4.sub(loadPart(qLogVariance + here, width), pv));
      const difference = f32x4.sub(loadPart(qMean + here, width), loadPart(pMean + here, width));
      const scaled = f32x4.mul(difference, exp4(f32x4.neg(pv)));
      const slope = f32x4.mul(g, scaled);
      storePart(dqMean + here, slope, width);
      storePart(dpMean + here, f32x4.neg(slope), width);
      storePart(dqLogVariance + here, f32x4.mul(half, f32x4.sub(ratio, one)), width);
      const rest = f32x4.sub(f32x4.sub(one, ratio), f32x4.mul(scaled, difference));
      storePart(dpLogVariance + here, f32x4.mul(half, rest), width);
    }
    at += bytes(columns);
  }
}

/** out[r] = log N(value; mean, σ²I) = −½ (Σ (value − mean)² / σ² + columns · (2 log σ + log 2π)). */
export function isotropicLogProb(
  mean: usize,
  logScale: usize,
  value: usize,
  out: usize,
  rows: i32,
  columns: i32,
): void {
  const log = f32.load(logScale);
  const precision = reciprocalSquare(log);
  const constant = <f32>columns * (<f32>2 * log + <f32>1.8378770664);
  for (let r = 0; r < rows; r++) {
    f32.store(out + bytes(r), <f32>-0.5 * (precision * squaredError(mean, value, columns) + constant));
    mean += bytes(columns);
    value += bytes(columns);
  }
}

/**
 * dMean = dy (value − mean)/σ² (and −dMean for the value), dLogScale = Σ dy (Σ (value − mean)²/σ² − columns);
 * dy `[rows]`.
 */
export function isotropicLogProbGradient(
  dy: usize,
  mean: usize,
  logScale: usize,
  value: usize,
  dMean: usize,
  dLogScale: usize,
  rows: i32,
  columns: i32,
): void {
  const precision = reciprocalSquare(f32.load(logScale));
  let scaleSum: f64 = 0;
  for (let r = 0; r < rows; r++) {
    const dyr = f32.load(dy + bytes(r));
    const g = f32x4.splat(dyr * precision);
    scaleSum += <f64>(dyr * (precision * squaredError(mean, value, columns) - <f32>columns));
    for (let i = 0; i < columns; i += 4) {
      const width = columns - i;
      const difference = f32x4.sub(loadPart(value + bytes(i), width), loadPart(mean + bytes(i), width));
      storePart(dMean + bytes(i), f32x4.mul(g, difference), width);
    }
    mean += bytes(columns);
    value += bytes(columns);
    dMean += bytes(columns);
  }
  f32.store(dLogScale, <f32>scaleSum);
}

/** e^(−2 log σ). */
@inline
function reciprocalSquare(logScale: f32): f32 {
  return f32x4.extract_lane(exp4(f32x4.splat(<f32>-2 * logScale)), 0);
}

@inline
function squaredError(mean: usize, value: usize, columns: i32): f32 {
  let sums = f32x4.splat(0);
  for (let i = 0; i < columns; i += 4) {
    const width = columns - i;
    const difference = f32x4.sub(loadPart(value + bytes(i), width), loadPart(mean + bytes(i), width));
    sums = fma(difference, difference, sums);
  }
  return sum4(sums);
}

/** y = bound · tanh(x / bound). */
export function softBound(x: usize, y: usize, count: i32, bound: f32): void {
  const inverse = f32x4.splat(<f32>2 / bound);
  const one = f32x4.splat(1);
  for (let i = 0; i < count; i += 4) {
    const width = count - i;
    const e = exp4(f32x4.mul(loadPart(x + bytes(i), width), inverse));
    const t = f32x4.div(f32x4.sub(e, one), f32x4.add(e, one));
    storePart(y + bytes(i), f32x4.mul(t, f32x4.splat(bound)), width);
  }
}

/** dx = dy (1 − (y / bound)²). */
export function softBoundGradient(dy: usize, y: usize, dx: usize, count: i32, bound: f32): void {
  const inverse = f32x4.splat(<f32>1 / bound);
  for (let i = 0; i < count; i += 4) {
    const width = count - i;
    const t = f32x4.mul(loadPart(y + bytes(i), width), inverse);
    const slope = f32x4.sub(f32x4.splat(1), f32x4.mul(t, t));
    storePart(dx + bytes(i), f32x4.mul(loadPart(dy + bytes(i), width), slope), width);
  }
}
