import assert from "node:assert/strict";
import { test } from "node:test";
import { normals, seedKey } from "../engine/random.js";
import { elboSurgery } from "./elbo-surgery.js";

const d = 2;
const rows = 400;
const filled = (value: number) => new Float32Array(rows * d).fill(value);

test("posteriors that are all the prior: no information, no distance", () => {
  const { aggregate, mutualInformation } = elboSurgery(
    filled(0),
    filled(0),
    normals(seedKey(1), rows * d),
    d,
  );
  assert.ok(Math.abs(aggregate) < 1e-6);
  assert.ok(Math.abs(mutualInformation) < 1e-6);
});

test("posteriors far apart and narrow: the row is known, so the information is log N", () => {
  const mean = Float32Array.from({ length: rows * d }, (_, i) => 10 * Math.floor(i / d));
  const logVariance = filled(-4);
  const samples = normals(seedKey(2), rows * d).map((e, i) => mean[i] + Math.exp(-2) * e);
  const { mutualInformation } = elboSurgery(mean, logVariance, samples, d);
  assert.ok(Math.abs(mutualInformation - Math.log(rows)) < 1e-6);
});

test("both parts together are the mean closed-form KL, up to sampling", () => {
  const mean = normals(seedKey(3), rows * d);
  const logVariance = normals(seedKey(4), rows * d).map((v) => 0.3 * v - 1);
  const samples = normals(seedKey(5), rows * d).map((e, i) => mean[i] + Math.exp(logVariance[i] / 2) * e);
  const closedForm =
    mean.reduce((sum, m, i) => sum + 0.5 * (Math.exp(logVariance[i]) + m * m - 1 - logVariance[i]), 0) / rows;
  const { aggregate, mutualInformation } = elboSurgery(mean, logVariance, samples, d);
  assert.ok(
    Math.abs(aggregate + mutualInformation - closedForm) < 0.15,
    `${aggregate} + ${mutualInformation} ≠ ${closedForm}`,
  );
  assert.ok(aggregate >= 0 && mutualInformation > 0.3);
});
