import assert from "node:assert/strict";
import { test } from "node:test";
import { expectClose } from "../engine/finite-differences.js";
import { normals, seedKey, uniforms } from "../engine/random.js";
import { mean, squares } from "../moments.js";
import { logNormal } from "./normal.js";
import {
  fitPeakedGaussian,
  fitPeakTilt,
  logPeaked,
  lookedUp,
  momentsOf,
  SMALLEST_DEVIATION,
  tiltedShares,
} from "./peaked-gaussian.js";

const noise = (seed: number, rows: number) => Float64Array.from(normals(seedKey(seed), rows));

test("without a frequent value it is the Gaussian of the numbers", () => {
  const values = noise(1, 300).map((v) => 2 + 3 * v);
  const { peaks, rest } = fitPeakedGaussian(values);
  assert.deepEqual(peaks, []);
  expectClose([rest.share, rest.mean, rest.deviation], [1, mean(values), Math.sqrt(squares(values) / 300)], {
    absolute: 1e-12,
  });
});

test("a peak is what a tenth of the rows is, and ten; it has mean and deviation of the numbers and integrates to one", () => {
  const sizes = noise(2, 60);
  const values = [...Array(100).fill(-0.5), ...Array(20).fill(4), ...Array(19).fill(5), ...sizes];
  const peaked = fitPeakedGaussian(values);
  assert.deepEqual(peaked.peaks, [
    { value: -0.5, share: 0.5 },
    { value: 4, share: 0.1 },
  ]);
  assert.equal(peaked.rest.share, 80 / 200);
  const { mean: centre, deviation } = momentsOf(peaked);
  expectClose([centre, deviation], [mean(values), Math.sqrt(squares(values) / values.length)], {
    absolute: 1e-12,
  });
  assert.equal(peaked.rest.values.length, 8);
  assert.deepEqual(
    peaked.rest.values,
    [...peaked.rest.values].sort((a, b) => a - b),
  );
  // Nine of fifteen agree by chance, ten of fifteen do not.
  assert.deepEqual(fitPeakedGaussian([...Array(9).fill(1), 2, 3, 4, 5, 6, 7]).peaks, []);
  assert.equal(fitPeakedGaussian([...Array(10).fill(1), 2, 3, 4, 5, 6]).peaks[0].share, 10 / 16);
  // Half of a peak's mass lies on either side, and what is said at it is its height.
  expectClose(
    [logPeaked(peaked, -0.5)],
    [Math.log(100 / 200 / (SMALLEST_DEVIATION * Math.sqrt(2 * Math.PI)))],
    { absolute: 1e-3 },
  );
});

test("where all rows are alike, something else can still occur", () => {
  const { peaks, rest } = fitPeakedGaussian(Array(50).fill(3));
  assert.deepEqual(
    [peaks, rest],
    [[{ value: 3, share: 50 / 51 }], { share: 1 / 51, mean: 3, deviation: 1, values: [3] }],
  );
  assert.ok(logPeaked({ peaks, rest }, 5) > -10);
  // Too few for a peak.
  for (const rows of [1, 9])
    assert.deepEqual(fitPeakedGaussian(Array(rows).fill(3)), {
      peaks: [],
      rest: { share: 1, mean: 3, deviation: 1, values: Array(Math.min(8, rows)).fill(3) },
    });
});

const peaked = {
  peaks: [
    { value: -0.5, share: 0.6 },
    { value: 1, share: 0.2 },
  ],
  rest: { share: 0.2, mean: 2, deviation: 1, values: [2.5] },
};

/**
 * Rows that are at the peaks, or at none, with given frequencies, and what is said of them: at each peak and at 2.5 beside the
 * Gaussian of all rows .3 x, x ~ N(.6 where the row is, else 0, 1). By Bayes' rule x_k weighs .6 x_k − .18, so that the slope is 2,
 * the same everywhere, so that offsets are 0.
 */
function rowsSaid(frequencies: readonly number[], rows: number, seed: number, apart = 0.6) {
  const own = [0, 1, 2].map((k) => noise(seed + k, rows));
  const u = uniforms(seedKey(seed + 3), rows);
  const { mean: centre, deviation } = momentsOf(peaked);
  const at = Array.from(u, (v) => (v < frequencies[0] ? 0 : v < frequencies[0] + frequencies[1] ? 1 : 2));
  const places = lookedUp(peaked);
  const logsAt = at.map((k, row) =>
    places.map((place, j) => {
      return logNormal(place, centre, deviation) + 0.3 * (own[j][row] + (j === k ? apart : 0));
    }),
  );
  return { at, logsAt, truth: at.map((k) => places[k]) };
}

test("shares are those of all rows without a tilt, add up to one, and follow what is said down to a hundredth", () => {
  const none = { slope: 0, offsets: [0, 0] };
  expectClose([...tiltedShares(peaked, none, [-3, 8, 1])], [0.6, 0.2, 0.2], { absolute: 1e-12 });
  const shares = tiltedShares(peaked, { slope: 1, offsets: [0.5, 0] }, [-1, -1e9, 0.5]);
  // By hand: mean .3, variance .6 · .64 + .2 · .49 + .2 (1 + 2.89) = 1.26.
  const ratio = (log: number, squared: number) =>
    0.99 * Math.exp(log + 0.5 * (squared / 1.26) + 0.5 * Math.log(2 * Math.PI * 1.26)) + 0.01;
  const parts = [0.6 * Math.exp(0.5) * ratio(-1, 0.64), 0.2 * 0.01, 0.2 * ratio(0.5, 4.84)];
  const sum = parts[0] + parts[1] + parts[2];
  expectClose(
    [...shares],
    parts.map((part) => part / sum),
    { absolute: 1e-9 },
  );
});

test("a tilt is found again, whatever the frequencies of the rows that it is fitted on; where nothing is known it stays near 0", () => {
  for (const frequencies of [
    [0.6, 0.2, 0.2],
    [0.3, 0.3, 0.4],
  ]) {
    const { logsAt, truth } = rowsSaid(frequencies, 20_000, 3);
    const { slope, offsets } = fitPeakTilt(peaked, logsAt, truth);
    assert.ok(Math.abs(slope - 2) < 0.15, `${slope}`);
    for (const offset of offsets) assert.ok(Math.abs(offset) < 0.06, `${offset}`);
    const blind = rowsSaid(frequencies, 20_000, 11, 0);
    const none = fitPeakTilt(peaked, blind.logsAt, blind.truth);
    assert.ok(Math.abs(none.slope) < 0.1 && none.offsets.every((offset) => Math.abs(offset) < 0.02));
  }
  assert.deepEqual(fitPeakTilt(peaked, [], []), { slope: 0, offsets: [0, 0] });
  // Rows that show one peak alone, and say nothing, leave the others what they are.
  const alike = fitPeakTilt(peaked, Array(12).fill([-1, -1, -1]), Array(12).fill(-0.5));
  for (const own of [alike.slope, ...alike.offsets]) assert.ok(Math.abs(own) < 0.05, JSON.stringify(alike));
});

test("a tilt is at the top of the weighed and penalised likelihood", () => {
  const { at, logsAt, truth } = rowsSaid([0.5, 0.2, 0.3], 40, 7);
  const own = fitPeakTilt(peaked, logsAt, truth);
  const weight = [0.6, 0.2, 0.2].map((share, k) => (share * 40) / at.filter((other) => other === k).length);
  const objective = ([slope, ...offsets]: number[]) =>
    at.reduce(
      (sum, k, row) => sum + weight[k] * Math.log(tiltedShares(peaked, { slope, offsets }, logsAt[row])[k]),
      -0.5 * (slope ** 2 + offsets[0] ** 2 + offsets[1] ** 2),
    );
  const top = [own.slope, ...own.offsets];
  for (const i of top.keys()) {
    const moved = (by: number) => objective(top.map((v, j) => (i === j ? v + by : v)));
    assert.ok(Math.abs(moved(1e-4) - moved(-1e-4)) / 2e-4 < 1e-5, `gradient ${i}`);
    assert.ok(moved(0) > moved(0.01) && moved(0) > moved(-0.01));
  }
});

test("rows that are told for certain leave a finite tilt", () => {
  const truth = Array.from({ length: 60 }, (_, row) => [-0.5, 1, 3][row % 3]);
  const logsAt = truth.map((value) => [-0.5, 1, 3].map((place) => (value === place ? 5 : -5e5)));
  const tilt = fitPeakTilt(peaked, logsAt, truth);
  assert.ok(Number.isFinite(tilt.slope) && tilt.slope > 0.5);
  for (const [row, value] of truth.slice(0, 3).entries()) {
    const shares = tiltedShares(peaked, tilt, logsAt[row]);
    assert.ok(shares[value === -0.5 ? 0 : value === 1 ? 1 : 2] > 0.9);
  }
});
