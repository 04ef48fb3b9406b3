import assert from "node:assert/strict";
import { test } from "node:test";
import type { DownstreamRun } from "../studies/downstream-study.js";
import { droppingGains, inputComparison, winCounts, winsFigure } from "./wins.js";

/** Accuracy on all rows; without half by the encoder's uncertainty, by confidence, and of the same class mix. */
const run = (
  own: Partial<DownstreamRun>,
  [all, latent, confidence, mix]: readonly [number, number, number, number],
): DownstreamRun => {
  const scores = (half: number) => [
    { dropped: 0, accuracy: all },
    { dropped: 0.5, accuracy: half, sameMix: mix },
  ];
  return {
    dataset: "AD",
    input: "var-t-jepa",
    seed: 1,
    predictor: "MLP",
    cpuSeconds: 1,
    ...own,
    scores: {
      selective: [
        { by: "posterior", scores: scores(latent) },
        { by: "probe", scores: scores(confidence) },
      ],
    },
  } as unknown as DownstreamRun;
};

const runs = [
  run({}, [0.8, 0.9, 0.95, 0.82]),
  run({ seed: 2 }, [0.84, 0.92, 0.95, 0.84]),
  run({ input: "t-jepa" }, [0.7, 0.9, 0.9, 0.9]),
  run({ input: "t-jepa", seed: 2 }, [0.74, 0.9, 0.9, 0.9]),
  run({ dataset: "SIM" }, [0.5, 0.4, 0.6, 0.5]),
  run({ dataset: "SIM", input: "t-jepa" }, [0.6, 0.6, 0.6, 0.6]),
  // Not compared: another setting, trees beside, an input that only one has.
  run({ dataset: "SIM", input: "raw", setting: "120 rows in all" }, [0.6, 0.6, 0.6, 0.6]),
  run({ predictor: "boosted trees", setting: "tokens averaged" }, [0.6, 0.6, 0.6, 0.6]),
  run({ predictor: "boosted trees", setting: "tokens averaged", input: "t-jepa" }, [0.1, 0.6, 0.6, 0.6]),
];

const near = (a: number | null, b: number) =>
  assert.ok(Math.abs((a ?? Number.NaN) - b) < 1e-12, `${a}, ${b}`);

test("inputs are compared in the same setting, with the 95 % interval of both sides", () => {
  const { name, pairs } = inputComparison(runs, "var-t-jepa", "t-jepa");
  assert.equal(name, "Var-T-JEPA less T-JEPA");
  assert.deepEqual(
    pairs.map(({ dataset, predictor }) => [dataset, predictor]),
    [
      ["AD", "MLP"],
      ["SIM", "MLP"],
    ],
  );
  // By hand: .82 − .72; the variances .0008 of two runs each give an error of sqrt(.0004 + .0004); t with 1 degree of freedom.
  near(pairs[0].difference.value, 0.1);
  near(pairs[0].difference.halfWidth, 12.706 * Math.sqrt(0.0008));
  assert.equal(pairs[1].difference.halfWidth, null);
  assert.deepEqual(winCounts({ name, pairs }), { pairs: 2, above: 0, below: 0, withoutError: 1 });
  const sure = { value: 0.1, halfWidth: 0.09 };
  assert.equal(winCounts({ name, pairs: [{ ...pairs[0], difference: sure }] }).above, 1);
  assert.equal(inputComparison(runs, "var-t-jepa", "raw").pairs.length, 0);
});

test("gains of dropping half by the encoder's uncertainty, by confidence, and by the class mix alone", () => {
  const of = (comparisons: readonly { pairs: readonly { difference: { value: number } }[] }[]) =>
    comparisons.map(({ pairs }) => pairs[0].difference.value);
  // Seeds gain .1 and .08 by latent uncertainty, .15 and .11 by confidence, .02 and 0 by the mix.
  const gains = droppingGains(runs);
  for (const [i, value] of of(gains).entries()) near(value, [0.09, 0.13, 0.01][i]);
  near(gains[0].pairs[0].difference.halfWidth, 0.12706);
});

test("dots are sorted by the first comparison; a single run is hollow and has no bar; the title counts", () => {
  const comparison = inputComparison(runs, "var-t-jepa", "t-jepa");
  const { data, layout } = winsFigure([comparison], "accuracy");
  const drawn = data.filter(({ x }) => typeof (x as unknown[])[0] === "number");
  assert.deepEqual(
    drawn.map(({ name, y, marker, error_x }) => [
      name,
      y,
      (marker as { symbol: string }).symbol,
      (error_x as { array: number[] } | undefined)?.array.map((bar) => bar.toFixed(4)),
    ]),
    [
      ["AD", [1], "circle", ["0.3594"]],
      ["SIM", [0], "triangle-down-open", undefined],
    ],
  );
  assert.deepEqual((layout.yaxis as { ticktext: string[] }).ticktext, ["MLP, SIM", "MLP, AD"]);
  const [title] = layout.annotations as { text: string }[];
  assert.equal(
    title.text,
    "Var-T-JEPA less T-JEPA: clearly above 0 in 0, below in 0 of 2 (1 with a single run)",
  );
  assert.throws(() => winsFigure([], "accuracy"), /comparisons has no pair/);
});

test("several comparisons share the rows of the first and have a marker each", () => {
  const { data, layout } = winsFigure(droppingGains(runs), "gain");
  const ofAdult = data.filter(({ name, x }) => name === "AD" && typeof (x as unknown[])[0] === "number");
  assert.deepEqual(
    ofAdult.map(({ marker, y }) => [(marker as { symbol: string }).symbol, (y as number[])[0].toFixed(1)]),
    [
      ["circle", "1.2"],
      ["diamond", "1.0"],
      ["square", "0.8"],
    ],
  );
  assert.match(
    layout.meta!.alternative,
    /^gain, 2 pairs .*latent uncertainty: clearly above 0 in 0, below in 0 of 2/,
  );
});
