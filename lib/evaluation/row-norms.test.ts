import assert from "node:assert/strict";
import { test } from "node:test";
import { expectClose } from "../engine/finite-differences.js";
import { rowNorms } from "./row-norms.js";

test("the root mean square of a row's numbers, of the rows asked for", () => {
  const encoded = { rows: 3, numeric: Float32Array.of(3, 4, 0, 0, 1, -1) };
  expectClose(rowNorms(encoded, [2, 0]), [1, Math.sqrt(12.5)], { relative: 1e-12 });
  assert.throws(() => rowNorms({ rows: 2, numeric: new Float32Array() }, [0]), /no numeric column/);
});
