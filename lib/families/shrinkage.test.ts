import assert from "node:assert/strict";
import { test } from "node:test";
import { expectClose } from "../engine/finite-differences.js";
import { normals, seedKey } from "../engine/random.js";
import { mean, variance } from "../moments.js";
import {
  drawNumbers,
  type GeneratedFeature,
  type GeneratedTable,
  heldOutLogLikelihood,
  imputeCategory,
  imputeNumeric,
} from "./generate-features.js";
import { type Shrinkage, shrunk } from "./shrinkage.js";

/** Two samples of one row: a number far from its marginal, and a category of three with an unseen slot. */
const number: GeneratedFeature = {
  kind: "numeric",
  feature: 0,
  mean: Float32Array.of(2, 3),
  deviation: Float32Array.of(0.5, 0.25),
};
const category: GeneratedFeature = {
  kind: "categorical",
  feature: 1,
  categories: 4,
  logProbabilities: Float32Array.of(0.7, 0.1, 0.1, 0.1, 0.2, 0.2, 0.2, 0.4).map(Math.log),
};
const generated: GeneratedTable = { samples: 2, rows: 1, hidden: [number, category] };
const marginal = [0.5, 0.3, 0.2];

function mixed(share: number, stretch = 1) {
  const shrinkage: Shrinkage = {
    rows: 9,
    numeric: [{ share, stretch }],
    categorical: [{ share, marginal }],
  };
  const all = shrunk(generated, shrinkage);
  const [y, c] = all.hidden;
  assert.ok(y.kind === "numeric" && c.kind === "categorical");
  const density = (value: number) => Math.exp(heldOutLogLikelihood(all, y, [value])[0]);
  const probability = (value: number) => Math.exp(heldOutLogLikelihood(all, c, [value], { known: 3 })[0]);
  return { all, y, c, density, probability };
}

test("a number's mixture integrates to one and has the moments it is said to have; with share 1 it is N(0, 1)", () => {
  for (const [share, stretch] of [
    [0.3, 1],
    [0.3, 1.5],
    [1, 1],
  ]) {
    const { all, y, density } = mixed(share, stretch);
    const grid = Array.from({ length: 20_001 }, (_, i) => -10 + i / 1000);
    const moment = (power: number) =>
      grid.reduce((sum, value) => sum + density(value) * value ** power * 1e-3, 0);
    const said = imputeNumeric(all, y);
    expectClose([moment(0), moment(1)], [1, said.mean[0]]);
    expectClose([Math.sqrt(moment(2) - moment(1) ** 2)], [said.deviation[0]]);
    expectClose([said.mean[0]], [(1 - share) * 2.5]);
    if (share === 1)
      expectClose([density(1.5), said.deviation[0]], [Math.exp(-1.125) / Math.sqrt(2 * Math.PI), 1]);
  }
  expectClose([...mixed(0.3, 1.5).y.deviation], [0.75, 0.375]);
  expectClose([...mixed(0.3, 1e-6).y.deviation], [1e-3, 1e-3]);
});

test("a number with peaks: in every row a density, its moments and the draws are of one mixture; at share 1 that of all rows", () => {
  const marginal = {
    peaks: [
      { value: -1, share: 0.5 },
      { value: 0.25, share: 0.2 },
    ],
    rest: { share: 0.3, mean: 1.5, deviation: 0.5, values: [1.5] },
  };
  const samples = 4000;
  // The first row is said to be near the first peak, the second far from both.
  const [means, deviations] = [
    [-1, 3],
    [0.2, 0.3],
  ].map((each) => Float32Array.from({ length: 2 * samples }, (_, at) => each[at % 2]));
  const entry: GeneratedFeature = { kind: "numeric", feature: 0, mean: means, deviation: deviations };
  for (const share of [0.2, 1]) {
    const numeric = [{ share, stretch: 1, marginal, tilt: { slope: 1, offsets: [0, 0] } }];
    const all = shrunk({ samples, rows: 2, hidden: [entry] }, { rows: 9, numeric, categorical: [] });
    const [y] = all.hidden;
    assert.ok(y.kind === "numeric");
    // Fine where the peaks are.
    const grid = [-1, 0.25].flatMap((peak) => Array.from({ length: 401 }, (_, i) => peak + (i - 200) / 2e4));
    const coarse = Array.from({ length: 1401 }, (_, i) => -2 + i / 200);
    const places = [...new Set([...grid, ...coarse])].sort((a, b) => a - b);
    const few = { ...y, mean: means.slice(0, 2), deviation: deviations.slice(0, 2) };
    const densities = places.map((value) =>
      heldOutLogLikelihood({ samples: 1, rows: 2 }, few, [value, value]).map(Math.exp),
    );
    const said = imputeNumeric(all, y);
    const draws = drawNumbers(y, seedKey(4));
    for (const row of [0, 1]) {
      const moment = (power: number) =>
        places.slice(1).reduce((sum, value, i) => {
          const [a, b] = [i, i + 1].map((at) => densities[at][row] * places[at] ** power);
          return sum + ((a + b) / 2) * (value - places[i]);
        }, 0);
      expectClose([moment(0), moment(1)], [1, said.mean[row]], { absolute: 1e-3 });
      expectClose([Math.sqrt(moment(2) - moment(1) ** 2)], [said.deviation[row]], { absolute: 2e-3 });
      const own = draws.filter((_, at) => at % 2 === row);
      assert.ok(Math.abs(mean(own) - said.mean[row]) < 0.1);
      const shares = marginal.peaks.map(({ value }) => own.filter((draw) => draw === value).length / samples);
      // By hand: the marginal is 0 ± √1.2625, so that the ratios are 8.28, .01 and .01 in the first row, and all .01 in the second.
      const expected = share === 1 || row === 1 ? [0.5, 0.2] : [0.899, 0.04];
      for (const [k, value] of expected.entries())
        assert.ok(Math.abs(shares[k] - value) < 0.02, `row ${row}, peak ${k}: ${shares[k]}`);
    }
  }
});

test("a category's mixture is that of the probabilities among known categories, and adds up to one", () => {
  for (const share of [0.3, 1]) {
    const { all, c, probability } = mixed(share);
    // Of both samples together: .45, .15 and .15 of .75.
    const expected = marginal.map((m, i) => (1 - share) * [0.6, 0.2, 0.2][i] + share * m);
    expectClose([0, 1, 2].map(probability), expected);
    expectClose([...imputeCategory(all, c, 3)], expected);
    expectClose([[...c.logProbabilities.subarray(0, 4)].reduce((sum, log) => sum + Math.exp(log), 0)], [1]);
    // A draw is of one sample: the second has a third for each.
    expectClose(
      [...c.logProbabilities.subarray(4, 7)].map((log) => Math.exp(log) / 0.6),
      marginal.map((m) => (1 - share) / 3 + share * m),
    );
  }
});

test("draws of a number follow the mixture, and are what they were where nothing is mixed in", () => {
  const samples = 20_000;
  const alike = (value: number) => new Float32Array(samples).fill(value);
  const entry = { kind: "numeric", feature: 0, mean: alike(5), deviation: alike(0.1) } as const;
  const key = seedKey(3);
  const rest = { mean: 0, deviation: 1 };
  const mixed = { ...entry, mixed: { peaks: [], rest, shares: Float64Array.of(0.8, 0.2) } };
  const draws = drawNumbers(mixed, key);
  const said = imputeNumeric({ samples, rows: 1, hidden: [] }, mixed);
  assert.ok(Math.abs(draws.filter((draw) => draw < 4.3).length / samples - 0.2) < 0.01);
  assert.ok(Math.abs(mean(draws) - said.mean[0]) < 0.05);
  assert.ok(Math.abs(Math.sqrt(variance(draws)) - said.deviation[0]) < 0.03);
  const plain = normals(key, samples);
  assert.deepEqual(
    drawNumbers(entry, key),
    Float64Array.from(plain, (v) => entry.mean[0] + entry.deviation[0] * v),
  );
});
