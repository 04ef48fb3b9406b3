import assert from "node:assert/strict";
import { test } from "node:test";
import { expectClose } from "../engine/finite-differences.js";
import { partialCorrelation } from "../evaluation/metrics/ranks.js";
import type { Predictions } from "../evaluation/predictors/predictor.js";
import { downstreamScores } from "./downstream-scores.js";

/** Ten rows of two classes; rows 0, 3 and 9 are told wrong. */
const probabilityOfOne = [0.9, 0.2, 0.7, 0.4, 0.1, 0.8, 0.3, 0.95, 0.35, 0.6];
const labels = Int32Array.of(0, 0, 1, 1, 0, 1, 0, 1, 0, 0);
const told: Predictions = {
  predictor: "made up",
  settings: {},
  split: { train: Int32Array.of(0, 1, 2), test: Int32Array.from({ length: 10 }, (_, i) => i) },
  classes: 2,
  labels,
  predicted: Int32Array.from(probabilityOfOne, (p) => Number(p > 0.5)),
  probabilities: Float32Array.from(probabilityOfOne.flatMap((p) => [1 - p, p])),
};

test("scores by both orders are those counted by hand", () => {
  // The encoder is least sure of rows 9, 8, 7, …
  const scores = downstreamScores(told, { latent: labels.map((_, row) => row) });
  const [latent, confidence] = scores.selective;
  assert.deepEqual([latent.by, confidence.by], ["posterior", "probe"]);
  assert.deepEqual(
    latent.scores.map(({ dropped, accuracy, majority }) => [dropped, accuracy, majority]),
    [
      [0, 0.7, 0.6],
      [0.1, 7 / 9, 5 / 9],
      [0.2, 6 / 8, 0.5],
      [0.5, 3 / 5, 0.6],
    ],
  );
  // Rows 3, 9, 8, 6 and 2 have probabilities nearest to ½; of the others row 0 alone is wrong.
  assert.equal(confidence.scores[3].accuracy, 4 / 5);
  // Class 0: 4 of 6 told right, class 1: 3 of 4; without row 9, as many of either class: 5 and 4.
  expectClose([latent.scores[1].sameMix], [(5 / 9) * (4 / 6) + (4 / 9) * (3 / 4)], { absolute: 1e-12 });
  assert.deepEqual(scores.recalls, [4 / 6, 3 / 4]);
  // F1 of class 0: 2·4/(6 + 5), of class 1: 2·3/(4 + 5).
  const [zero, one] = [8 / 11, 6 / 9];
  expectClose(
    [latent.scores[0].macroF1, latent.scores[0].weightedF1],
    [(zero + one) / 2, 0.6 * zero + 0.4 * one],
    { absolute: 1e-12 },
  );
  assert.deepEqual([latent.risk[9], latent.risk[99], latent.risk.length], [1, 0.3, 100]);
  assert.deepEqual([scores.learntFrom, scores.scoredOn, scores.ambiguity], [3, 10, undefined]);
});

test("an uncertainty that is u itself follows it wholly, its opposite not at all", () => {
  const u = Array.from(labels, (_, row) => row / 10);
  const same = downstreamScores(told, { latent: u, ambiguity: u }).ambiguity!;
  const opposite = downstreamScores(told, { latent: u.map((value) => -value), ambiguity: u }).ambiguity!;
  assert.deepEqual([same.spearman, same.auc, opposite.spearman, opposite.auc], [1, 1, -1, 0]);
  assert.deepEqual([same.roc[0], same.roc[100], opposite.roc[0], opposite.roc[99]], [1, 1, 0, 0]);
  assert.equal(same.rows.length, 10);
});

test("an uncertainty that is the size of a row tells nothing of u beyond it", () => {
  const norm = [3, 1, 4, 1.5, 5, 9, 2, 6, 5.5, 3.5];
  const u = [2, 7, 1, 8, 2.5, 8.5, 1.5, 8.7, 4, 5];
  const size = downstreamScores(told, { latent: norm.map((value) => value ** 3), ambiguity: u, norm }).norm!;
  assert.equal(size.uncertainty, 1);
  // Ranks 4 1 6 2 7 10 3 9 8 5 and 3 7 1 8 4 9 2 10 5 6: the squares of their differences sum to 120.
  expectClose([size.ambiguity!], [1 - (6 * 120) / 990], { absolute: 1e-12 });
  assert.equal(size.partial, undefined, "nothing is left when the size is held fixed");
  const mixed = downstreamScores(told, { latent: u, ambiguity: u, norm }).norm!;
  expectClose([mixed.partial!], [1], { absolute: 1e-12 });
  assert.deepEqual(downstreamScores(told, { latent: u, norm }).norm, { uncertainty: mixed.uncertainty });
  // r = .5 with both, .4 between: (.4 − .25) / .75.
  expectClose([partialCorrelation(0.4, 0.5, 0.5)], [0.2], { absolute: 1e-12 });
});

test("without an uncertainty of the encoder there is one order", () => {
  assert.deepEqual(
    downstreamScores(told).selective.map(({ by }) => by),
    ["probe"],
  );
});
