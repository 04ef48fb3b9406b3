import "../node/world.js";
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { startEngine } from "../engine/backend.js";
import { expectClose } from "../engine/finite-differences.js";
import { normals, seedKey, unitVectors } from "../engine/random.js";
import { latentDiagnostics, samplingFloor } from "./latent-diagnostics.js";

before(startEngine);

test("a small sample worked out by hand", () => {
  // Four points (±1, ±2) shifted by (3, 0): mean (3, 0), covariance diag(4/3, 16/3).
  const latents = Float32Array.from([4, 2, 4, -2, 2, 2, 2, -2]);
  const { klAggregate, covarianceFrobenius, meanNorm, effectiveRank } = latentDiagnostics(
    latents,
    2,
    unitVectors(seedKey(1), 64, 2),
  );
  const share = Math.sqrt(4 / 3) / (Math.sqrt(4 / 3) + Math.sqrt(16 / 3));
  expectClose(
    [klAggregate, covarianceFrobenius, meanNorm, effectiveRank],
    [
      0.5 * (4 / 3 + 16 / 3 + 9 - 2 - Math.log((4 / 3) * (16 / 3))),
      Math.hypot(1 / 3, 13 / 3),
      3,
      Math.exp(-share * Math.log(share) - (1 - share) * Math.log(1 - share)),
    ],
  );
});

test("n draws from N(0, I) sit at the sampling floor: in 16 dimensions 76/n, √(272/n), √(16/n)", () => {
  const n = 5_000;
  const floor = samplingFloor(n, 16);
  expectClose(
    [floor.klAggregate, floor.covarianceFrobenius, floor.meanNorm],
    [76 / n, Math.sqrt(272 / n), Math.sqrt(16 / n)],
  );
  const runs = Array.from({ length: 20 }, (_, i) =>
    latentDiagnostics(normals(seedKey(i), n * 16), 16, unitVectors(seedKey(100 + i), 64, 16)),
  );
  const mean = (read: (run: (typeof runs)[number]) => number) =>
    runs.reduce((sum, run) => sum + read(run), 0) / runs.length;
  for (const name of ["klAggregate", "sigregMse", "covarianceFrobenius", "meanNorm"] as const)
    assert.ok(Math.abs(mean((run) => run[name]) / floor[name] - 1) < 0.1, name);
  assert.ok(mean((run) => run.effectiveRank) > 15.9);
});

test("a latent that lies in a plane has rank 2 and infinite KL", () => {
  const plane = normals(seedKey(1), 300 * 2);
  const latents = Float32Array.from({ length: 300 * 3 }, (_, i) =>
    i % 3 < 2 ? plane[Math.floor(i / 3) * 2 + (i % 3)] : 0,
  );
  const { klAggregate, effectiveRank } = latentDiagnostics(latents, 3, unitVectors(seedKey(1), 64, 3));
  assert.equal(klAggregate, Number.POSITIVE_INFINITY);
  assert.ok(Math.abs(effectiveRank - 2) < 0.01);
});

test("too few rows are refused", () => {
  assert.throws(
    () => latentDiagnostics(new Float32Array(8), 4, unitVectors(seedKey(1), 64, 4)),
    /2 rows in 4 dimensions/,
  );
});
