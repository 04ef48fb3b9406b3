import "../node/world.js";
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { startEngine, tf } from "../engine/backend.js";
import { expectClose } from "../engine/finite-differences.js";
import { normals, seedKey } from "../engine/random.js";
import { rowPosteriors } from "../families/embed-table.js";
import { initialVarTJepa, varTJepaDefaults } from "../models/var-t-jepa.js";
import { contextPosteriors, embeddingDiagnostics, unitActivity } from "./embedding-diagnostics.js";

before(startEngine);

test("a known covariance: standard deviations 3 and 1, and a column that never moves", () => {
  // Points (±3, ±1, 7): eigenvalues 36/3 and 4/3, singular values 3 : 1.
  const values = Float32Array.of(3, 1, 7, 3, -1, 7, -3, 1, 7, -3, -1, 7);
  const { effectiveRank, smallestDeviation, medianDeviation, deadShare, columns } = embeddingDiagnostics(
    values,
    3,
  );
  expectClose(
    [effectiveRank, smallestDeviation, medianDeviation, deadShare, columns],
    [Math.exp(-0.75 * Math.log(0.75) - 0.25 * Math.log(0.25)), 0, 1, 1 / 3, 3],
  );
});

test("more columns than rows give the rank that the same numbers have the other way round", () => {
  const wide = normals(seedKey(1), 6 * 40);
  const { effectiveRank } = embeddingDiagnostics(wide, 40);
  assert.ok(effectiveRank > 4.5 && effectiveRank <= 5, `${effectiveRank}`);
  // Zero columns change nothing, but make the covariance the larger of the two.
  const padded = Float32Array.from({ length: 50 * 60 }, (_, i) => (i % 60 < 40 ? normalsAt(i) : 0));
  const narrow = padded.filter((_, i) => i % 60 < 40);
  expectClose(
    [embeddingDiagnostics(padded, 60).effectiveRank],
    [embeddingDiagnostics(narrow, 40).effectiveRank],
  );
});
const pool = normals(seedKey(2), 50 * 60);
const normalsAt = (i: number) => pool[i];

test("an embedding on one line has rank 1 however many columns it has, white noise all of them", () => {
  const along = normals(seedKey(3), 400);
  const line = Float32Array.from({ length: 400 * 30 }, (_, i) => along[Math.floor(i / 30)] * (1 + (i % 30)));
  assert.ok(embeddingDiagnostics(line, 30).effectiveRank < 1.001);
  const noise = normals(seedKey(4), 2000 * 30);
  assert.ok(embeddingDiagnostics(noise, 30, 2000).effectiveRank > 29.8);
  assert.throws(() => embeddingDiagnostics(Float32Array.of(1, 2), 2), /at least 2 rows/);
});

test("active units: KL per unit and variance of the means, worked out by hand, whatever the pieces", () => {
  // Unit 0 is the prior itself; unit 1 has means ±1 and deviation ½; unit 2 is narrow but always in the same place.
  const piece = (first: number, mean: number) => ({
    first,
    count: 1,
    mean: Float32Array.of(0, mean, 0),
    deviation: Float32Array.of(1, 0.5, 0.5),
  });
  const { kl, meanVariance, activeByKl, activeByVariance } = unitActivity([piece(0, 1), piece(1, -1)]);
  const narrow = 0.5 * (0.25 - 1) + Math.log(2);
  expectClose(kl, [0, narrow + 0.5, narrow]);
  expectClose(meanVariance, [0, 1, 0]);
  assert.deepEqual([activeByKl, activeByVariance], [2, 1]);
  const both = {
    first: 0,
    count: 2,
    mean: Float32Array.of(0, 1, 0, 0, -1, 0),
    deviation: Float32Array.of(1, 0.5, 0.5, 1, 0.5, 0.5),
  };
  assert.deepEqual(unitActivity([both]).kl, kl);
  assert.throws(() => unitActivity([]), /there is no row/);
});

test("posteriors of both latents have a unit for every dimension of every token, and leave nothing behind", () => {
  const stack = {
    width: 4,
    layers: 1,
    heads: 1,
    ff: 4,
    norm: "pre",
    activation: "gelu",
    dropout: 0,
  } as const;
  const config = {
    ...varTJepaDefaults,
    table: { numeric: 2, cardinalities: [3] },
    masks: { contextMin: 0.3, contextMax: 0.4, targetMin: 0.3, targetMax: 0.4, targetViews: 2 },
    encoder: stack,
    predictor: stack,
  };
  const parameters = initialVarTJepa(seedKey(5), config);
  const rows = 5000; // several pieces
  const input = {
    rows,
    numeric: normals(seedKey(6), 2 * rows),
    categorical: Int32Array.from({ length: rows }, (_, i) => i % 3),
  };
  const before = tf.memory().numTensors;
  assert.equal(unitActivity(rowPosteriors(parameters, config, input)).kl.length, 3 * 4);
  const context = unitActivity(contextPosteriors(parameters, config, input));
  assert.equal(context.kl.length, (1 + 3) * 4);
  assert.ok(context.kl.every((value) => value >= -1e-6 && Number.isFinite(value)));
  for (const _ of contextPosteriors(parameters, config, input)) break;
  assert.equal(tf.memory().numTensors, before);
});
