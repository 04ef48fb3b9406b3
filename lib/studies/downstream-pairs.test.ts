import assert from "node:assert/strict";
import { test } from "node:test";
import { expectClose } from "../engine/finite-differences.js";
import { gainOfHalf, pairsOfInputs, pairsWithin } from "./downstream-pairs.js";
import type { DownstreamRun } from "./downstream-study.js";

/** A run of an MLP on MNIST with this accuracy on all rows. */
const run = (accuracy: number, own: Partial<DownstreamRun>): DownstreamRun =>
  ({
    dataset: "MNIST",
    predictor: "MLP",
    input: "var-t-jepa",
    ...own,
    scores: { selective: [{ by: "probe", scores: [{ dropped: 0, accuracy }] }] },
  }) as unknown as DownstreamRun;

const sides = (setting?: string) =>
  [0.8, 0.85, 0.9].flatMap((accuracy, i) => [
    run(accuracy + [0.02, 0.028, 0.018][i], { seed: i + 1, setting }),
    run(accuracy, { seed: i + 1, setting, input: "t-jepa" }),
  ]);

test("where seeds draw their own rows runs of a seed are paired, elsewhere they are independent", () => {
  const [drawn] = pairsOfInputs(sides("2,000 rows in all"), "var-t-jepa", "t-jepa");
  // By hand: .02, .028, .018 have the mean .022 and the deviation .00529; t with two degrees of freedom is 4.303.
  expectClose(
    [drawn.difference.value, drawn.difference.halfWidth!],
    [0.022, (4.303 * 0.0052915) / 3 ** 0.5],
    {
      absolute: 1e-5,
    },
  );
  const [shared] = pairsOfInputs(sides(), "var-t-jepa", "t-jepa");
  assert.ok(Math.abs(shared.difference.value - 0.022) < 1e-12);
  assert.ok(shared.difference.halfWidth! > 0.1, "the spread of either side counts");
});

test("of drawn rows only seeds that both sides have are compared", () => {
  const runs = sides("2,000 rows in all").filter(({ input, seed }) => input === "var-t-jepa" || seed !== 2);
  const [{ difference }] = pairsOfInputs(runs, "var-t-jepa", "t-jepa");
  expectClose([difference.value], [0.019], { absolute: 1e-9 });
});

test("predictors that were cut short are counted apart", () => {
  const runs = [
    ...sides(),
    ...sides("stopped after 6 epochs").map((own) => ({ ...own, predictor: "DCNv2" })),
  ];
  const names = (trained: "as printed" | "cut short") =>
    pairsOfInputs(runs, "var-t-jepa", "t-jepa", { trained }).map(({ predictor }) => predictor);
  assert.deepEqual([names("as printed"), names("cut short")], [["MLP"], ["DCNv2"]]);
});

test("the linear probe is in no pair, and a run without what is asked in none either", () => {
  const linear = sides().map((own) => ({ ...own, predictor: "linear" }));
  assert.deepEqual(pairsOfInputs(linear, "var-t-jepa", "t-jepa"), []);
  assert.deepEqual(pairsWithin(sides(), "var-t-jepa", gainOfHalf("posterior")), []);
});
