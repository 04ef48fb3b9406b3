/**
 * The one matrix product of all kernels: C (+)= A·B in tiles of 4 × 8, which fill the vector registers without
 * spilling. A may have any strides (so Aᵀ costs nothing); B is packed in panels of 8 columns, padded with zeros.
 */
import { bytes, fma, loadPart, storePart } from "./simd.js";

/** Floats that the packed form of `[depth, columns]` takes. */
@inline
export function packedSize(depth: i32, columns: i32): i32 {
  return ((columns + 7) & ~7) * depth;
}

/** Packs B `[depth, columns]`, rows `row` bytes apart: panel p holds columns 8p … 8p + 7, depth-major. */
export function pack(b: usize, row: usize, depth: i32, columns: i32, panels: usize): void {
  for (let j = 0; j < columns; j += 8) {
    const width = min(columns - j, 8);
    let from = b + bytes(j);
    if (width == 8)
      for (let k = 0; k < depth; k++) {
        v128.store(panels, v128.load(from));
        v128.store(panels, v128.load(from, 16), 16);
        panels += 32;
        from += row;
      }
    else
      for (let k = 0; k < depth; k++) {
        v128.store(panels, loadPart(from, width));
        v128.store(panels, width > 4 ? loadPart(from + 16, width - 4) : f32x4.splat(0), 16);
        panels += 32;
        from += row;
      }
  }
}

/** Packs Bᵀ for B `[columns, depth]`, rows `row` bytes apart. */
export function packTransposed(b: usize, row: usize, depth: i32, columns: i32, panels: usize): void {
  for (let j = 0; j < columns; j += 8) {
    const width = min(columns - j, 8);
    for (let t = 0; t < 8; t++) {
      let to = panels + bytes(t);
      if (t < width) {
        let from = b + <usize>(j + t) * row;
        for (let k = 0; k < depth; k++) {
          f32.store(to, f32.load(from));
          from += 4;
          to += 32;
        }
      } else
        for (let k = 0; k < depth; k++) {
          f32.store(to, 0);
          to += 32;
        }
    }
    panels += bytes(8 * depth);
  }
}

@inline
function finish(c: usize, width: i32, low: v128, high: v128, accumulate: bool): void {
  if (width == 8) {
    if (accumulate) {
      v128.store(c, f32x4.add(v128.load(c), low));
      v128.store(c, f32x4.add(v128.load(c, 16), high), 16);
    } else {
      v128.store(c, low);
      v128.store(c, high, 16);
    }
  } else {
    finishPart(c, width, low, high, accumulate);
  }
}

function finishPart(c: usize, width: i32, low: v128, high: v128, accumulate: bool): void {
  const first = min(width, 4);
  storePart(c, accumulate ? f32x4.add(loadPart(c, first), low) : low, first);
  if (width > 4) {
    const rest = width - 4;
    storePart(c + 16, accumulate ? f32x4.add(loadPart(c + 16, rest), high) : high, rest);
  }
}

/**
 * C `[rows, columns]` = A `[rows, depth]` · B + bias, or C += A·B.
 * @param aRow bytes from one row of A to the next, @param aStep bytes from one column of A to the next
 * @param bias padded to whole panels, or 0
 * @param cRow bytes from one row of C to the next
 */
export function product(
  a: usize,
  aRow: usize,
  aStep: usize,
  panels: usize,
  bias: usize,
  c: usize,
  cRow: usize,
  rows: i32,
  depth: i32,
  columns: i32,
  accumulate: bool,
): void {
  const panelBytes = bytes(8 * depth);
  for (let j = 0; j < columns; j += 8) {
    const width = min(columns - j, 8);
    const startLow = bias ? v128.load(bias + bytes(j)) : f32x4.splat(0);
    const startHigh = bias ? v128.load(bias + bytes(j), 16) : f32x4.splat(0);
    const end = panels + panelBytes;
    let to = c + bytes(j);
    let from = a;
    let i = 0;
    for (; i + 4 <= rows; i += 4) {
      let low0 = startLow, high0 = startHigh;
      let low1 = startLow, high1 = startHigh;
      let low2 = startLow, high2 = startHigh;
      let low3 = startLow, high3 = startHigh;
      let a0 = from;
      let a1 = a0 + aRow;
      let a2 = a1 + aRow;
      let a3 = a2 + aRow;
      let b = panels;
      while (b != end) {
        const x = v128.load(b);
        const y = v128.load(b, 16);
        b += 32;
        let v = v128.load32_splat(a0);
        low0 = fma(v, x, low0);
        high0 = fma(v, y, high0);
        v = v128.load32_splat(a1);
        low1 = fma(v, x, low1);
        high1 = fma(v, y, high1);
        v = v128.load32_splat(a2);
        low2 = fma(v, x, low2);
        high2 = fma(v, y, high2);
        v = v128.load32_splat(a3);
        low3 = fma(v, x, low3);
        high3 = fma(v, y, high3);
        a0 += aStep;
        a1 += aStep;
        a2 += aStep;
        a3 += aStep;
      }
      finish(to, width, low0, high0, accumulate);
      to += cRow;
      finish(to, width, low1, high1, accumulate);
      to += cRow;
      finish(to, width, low2, high2, accumulate);
      to += cRow;
      finish(to, width, low3, high3, accumulate);
      to += cRow;
      from += 4 * aRow;
    }
    for (; i < rows; i++) {
      let low = startLow, high = startHigh;
      let a0 = from;
      let b = panels;
      while (b != end) {
        const v = v128.load32_splat(a0);
        low = fma(v, v128.load(b), low);
        high = fma(v, v128.load(b, 16), high);
        b += 32;
        a0 += aStep;
      }
      finish(to, width, low, high, accumulate);
      to += cRow;
      from += aRow;
    }
    panels = end;
  }
}
