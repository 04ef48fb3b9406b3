import assert from "node:assert/strict";
import { test } from "node:test";
import { shrinkageText } from "./shrinkage-text.js";

test("columns told by little more than their marginals are named, with what a number's marginal is", () => {
  const schema = {
    numeric: ["a", "b"].map((name) => ({ name, mean: 0, std: 1, missing: 0 })),
    categorical: [{ name: "c", categories: ["x", "y"], missing: 0 }],
  };
  const told = (share: number) => ({
    rows: 50,
    numeric: [share, 0.1].map((own) => ({ share: own, stretch: 1 })),
    categorical: [{ share: 0.2, marginal: [0.5, 0.5] }],
  });
  assert.equal(
    shrinkageText({ schema, shrinkage: told(0.9) }),
    "1 of 3 columns are told by little more than their marginal (a; a number's is a normal distribution, with a peak at every value that a tenth of the rows have), by 50 rows set aside to choose on",
  );
  assert.equal(
    shrinkageText({ schema, shrinkage: told(0.5) }),
    "0 of 3 columns are told by little more than their marginal, by 50 rows set aside to choose on",
  );
  assert.equal(shrinkageText({ schema }), undefined);
});
