/** Gathering rows by index, and its gradient: scattering them back with addition. */
import { bytes, loadPart, storePart } from "./simd.js";

/** out[i] = x[index[i]] for `count` rows of `columns` numbers. */
export function gatherRows(x: usize, index: usize, out: usize, count: i32, columns: i32): void {
  const row = bytes(columns);
  for (let i = 0; i < count; i++) {
    memory.copy(out, x + <usize>i32.load(index) * row, row);
    index += 4;
    out += row;
  }
}

/** x = 0 `[rows, columns]`, then x[index[i]] += g[i]. */
export function scatterRows(g: usize, index: usize, x: usize, count: i32, columns: i32, rows: i32): void {
  const row = bytes(columns);
  memory.fill(x, 0, row * <usize>rows);
  for (let i = 0; i < count; i++) {
    const to = x + <usize>i32.load(index) * row;
    for (let j = 0; j < columns; j += 4) {
      const width = columns - j;
      storePart(to + bytes(j), f32x4.add(loadPart(to + bytes(j), width), loadPart(g + bytes(j), width)), width);
    }
    index += 4;
    g += row;
  }
}
