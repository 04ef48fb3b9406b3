import type { Pairs } from "../../families/var-jepa.js";

/** Of the pairs to learn from, the last share that a fit's penalty and shrinkage are chosen on. */
const VALIDATION = 0.1;

/** All pairs but the last tenth, rounded up, and that tenth; both are views of the same numbers. */
export function lastTenthAside({ rows, x, y }: Pairs): { readonly own: Pairs; readonly validation: Pairs } {
  const kept = rows - Math.ceil(VALIDATION * rows);
  const [dx, dy] = [x.length / rows, y.length / rows];
  const part = (from: number, to: number): Pairs => ({
    rows: to - from,
    x: x.subarray(from * dx, to * dx),
    y: y.subarray(from * dy, to * dy),
  });
  return { own: part(0, kept), validation: part(kept, rows) };
}
