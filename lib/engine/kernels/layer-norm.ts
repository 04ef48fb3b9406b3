/** Layer normalisation with an optional residual, forward and backward. */
import { bytes, fma, loadPart, storePart, sum4 } from "./simd.js";

/**
 * y = normalised ⊙ scale + shift, normalised = (s − mean(s)) · inverseStd, s = x (+ residual), per row.
 * `normalised` `[rows, columns]` and `inverseStd` `[rows]` are saved for the backward pass.
 */
export function layerNorm(
  x: usize,
  residual: usize,
  scale: usize,
  shift: usize,
  y: usize,
  normalised: usize,
  inverseStd: usize,
  rows: i32,
  columns: i32,
  epsilon: f32,
): void {
  const row = bytes(columns);
  for (let r = 0; r < rows; r++) {
    let sums = f32x4.splat(0);
    for (let i = 0; i < columns; i += 4) {
      const width = columns - i;
      let v = loadPart(x + bytes(i), width);
      if (residual) v = f32x4.add(v, loadPart(residual + bytes(i), width));
      storePart(normalised + bytes(i), v, width);
      sums = f32x4.add(sums, v);
    }
    const mean = f32x4.splat(sum4(sums) / <f32>columns);
    let squares = f32x4.splat(0);
    let i = 0;
    for (; i + 4 <= columns; i += 4) {
      const v = f32x4.sub(v128.load(normalised + bytes(i)), mean);
      squares = fma(v, v, squares);
    }
    let sumOfSquares = sum4(squares);
    for (; i < columns; i++) {
      const v = f32.load(normalised + bytes(i)) - f32x4.extract_lane(mean, 0);
      sumOfSquares += v * v;
    }
    const inverse: f32 = <f32>1 / sqrt<f32>(sumOfSquares / <f32>columns + epsilon);
    f32.store(inverseStd + bytes(r), inverse);
    const factor = f32x4.splat(inverse);
    for (let i = 0; i < columns; i += 4) {
      const width = columns - i;
      const v = f32x4.mul(f32x4.sub(loadPart(normalised + bytes(i), width), mean), factor);
      storePart(normalised + bytes(i), v, width);
      storePart(y + bytes(i), fma(v, loadPart(scale + bytes(i), width), loadPart(shift + bytes(i), width)), width);
    }
    x += row;
    if (residual) residual += row;
    y += row;
    normalised += row;
  }
}

/**
 * dx = inverseStd · (g − mean(g) − normalised · mean(g ⊙ normalised)) with g = dy ⊙ scale (the same for the residual),
 * dScale = Σ dy ⊙ normalised, dShift = Σ dy over rows.
 */
export function layerNormGradient(
  dy: usize,
  normalised: usize,
  inverseStd: usize,
  scale: usize,
  dx: usize,
  dScale: usize,
  dShift: usize,
  rows: i32,
  columns: i32,
): void {
  const row = bytes(columns);
  memory.fill(dScale, 0, row);
  memory.fill(dShift, 0, row);
  for (let r = 0; r < rows; r++) {
    let sums = f32x4.splat(0);
    let products = f32x4.splat(0);
    for (let i = 0; i < columns; i += 4) {
      const width = columns - i;
      const d = loadPart(dy + bytes(i), width);
      const n = loadPart(normalised + bytes(i), width);
      storePart(dScale + bytes(i), fma(d, n, loadPart(dScale + bytes(i), width)), width);
      storePart(dShift + bytes(i), f32x4.add(d, loadPart(dShift + bytes(i), width)), width);
      const g = f32x4.mul(d, loadPart(scale + bytes(i), width));
      sums = f32x4.add(sums, g);
      products = fma(g, n, products);
    }
    const mean = f32x4.splat(sum4(sums) / <f32>columns);
    const slope = f32x4.splat(sum4(products) / <f32>columns);
    const factor = f32x4.splat(f32.load(inverseStd + bytes(r)));
    for (let i = 0; i < columns; i += 4) {
      const width = columns - i;
      const g = f32x4.mul(loadPart(dy + bytes(i), width), loadPart(scale + bytes(i), width));
      const n = loadPart(normalised + bytes(i), width);
      const v = f32x4.sub(f32x4.sub(g, mean), f32x4.mul(n, slope));
      storePart(dx + bytes(i), f32x4.mul(v, factor), width);
    }
    dy += row;
    normalised += row;
    dx += row;
  }
}
