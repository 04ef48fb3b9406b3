import "../node/world.js";
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { digitPart } from "../data/digit-parts.js";
import { cellKey } from "./cell.js";
import { trainDigits, trainingDigits } from "./digit-training.js";
import { readCell } from "./store.js";
import { tinyVision } from "./vision.test-plan.js";
import { visionClaims } from "./vision-claims.js";
import { hiddenPlaces, visionConfig } from "./vision-plan.js";
import { planVision, runVision, saveVision } from "./vision-study.js";

const folder = mkdtempSync(path.join(os.tmpdir(), "var-jepa-vision-"));
process.env.VARJEPA_RUNS = path.join(folder, "runs");
process.env.VARJEPA_FIGURES = folder;
after(() => rmSync(folder, { recursive: true, force: true }));

test("three cells a seed, seed by seed, each seed on digits of its own; none was learned from that is measured on", async () => {
  const { cells } = await planVision(tinyVision);
  assert.deepEqual(
    cells.map(({ arm, seed }) => [arm, seed]),
    [1, 2].flatMap((seed) => ["controls", "var-i-jepa", "i-jepa"].map((arm) => [arm, seed])),
  );
  assert.equal(new Set(cells.map((cell) => cellKey(cell))).size, 6);
  assert.equal(new Set(cells.map(({ data }) => data)).size, 2);
  assert.deepEqual(trainingDigits(60, 2).labels, digitPart("train", 60, 60).labels);
  assert.notDeepEqual(trainingDigits(60, 2).images, trainingDigits(60, 1).images);
  const { seeds, scoring } = visionConfig("standard");
  assert.deepEqual([seeds, Object.keys(scoring.blocks.places).length], [[1, 2, 3], 4]);
  assert.deepEqual(hiddenPlaces.standard["small, middle"], [24, 25, 31, 32]);
  assert.throws(() => trainingDigits(60_000, 2), /limit is 120000/);
});

test("a tiny study: blocks, features, claims, pictures, the file; what is finished is not made again, and trained once", async () => {
  const one = { ...tinyVision, seeds: [1] };
  const study = await runVision(one);
  const read = (of: string, measure: string, place?: string) =>
    study.cells.find((cell) => cell.of === of && cell.measure === measure && cell.place === place);
  for (const of of ["Var-I-JEPA", "ridge, full", "ridge, diagonal", "marginal, full", "marginal, diagonal"]) {
    for (const measure of ["r2", "logLikelihood", "crps", "energy", "coverage", "width"])
      assert.equal(read(of, measure, "middle")!.runs, 1, `${of} ${measure}`);
    assert.ok(read(of, "energy", "middle")!.mean > 0);
  }
  assert.ok(Math.abs(read("marginal, full", "r2", "middle")!.mean) < 1e-3);
  assert.ok(
    read("ridge, full", "logLikelihood", "middle")!.mean >
      read("marginal, diagonal", "logLikelihood", "middle")!.mean,
  );
  assert.notEqual(read("Var-I-JEPA", "r2Half", "middle")!.mean, read("Var-I-JEPA", "r2", "middle")!.mean);
  for (const of of ["Var-I-JEPA", "I-JEPA", "Var-I-JEPA, untrained", "I-JEPA, untrained"])
    for (const measure of ["accuracyPooled", "accuracyAll", "rankPooled", "betweenRows"])
      assert.ok(read(of, measure)!.mean > 0, `${of} ${measure}`);
  assert.ok(read("pixels", "accuracyAll") && read("principal components", "accuracyPooled"));
  assert.equal(read("I-JEPA", "collapsed")!.std, null);
  assert.ok(study.claims.some(({ name }) => name === "middle: R² of Var-I-JEPA above that of ridge, full"));
  // One seed proves nothing.
  assert.ok(study.claims.every(({ name, holds }) => !holds || name.includes("collapse")));
  const [{ place, digits }] = study.pictures;
  assert.deepEqual([study.pictures.length, place, digits.length], [1, "middle", 2]);
  assert.deepEqual([digits[1].digit, digits[1].mean.length, digits[1].draws.length], [1, 98, 1]);

  saveVision(study);
  const saved = JSON.parse(readFileSync(path.join(folder, "quick", "vision.json"), "utf8"));
  assert.deepEqual(Object.keys(saved), ["cells", "claims", "pictures", "provenance"]);
  assert.deepEqual([saved.provenance.missing, saved.provenance.config.seeds], [0, [1]]);

  const runs = process.env.VARJEPA_RUNS!;
  const names = readdirSync(runs).sort();
  assert.equal(names.filter((name) => name.startsWith("digits-")).length, 2);
  assert.deepEqual((await runVision(one)).cells, study.cells);
  assert.deepEqual(readdirSync(runs).sort(), names);

  const { cells, assemblePart } = await planVision(tinyVision);
  const part = assemblePart!(cells.map((cell) => readCell(cell)));
  assert.equal(part.provenance.missing, 3);
  assert.deepEqual(part.cells, study.cells);
});

test("a training that was stopped goes on from its last epoch and comes out the same", async () => {
  const training = {
    family: "var-i-jepa",
    settings: tinyVision.models.models["var-i-jepa"],
    digits: tinyVision.models.digits,
  } as const;
  const whole = await trainDigits(training, 1, () => {});
  process.env.VARJEPA_RUNS = path.join(folder, "stopped");
  const stop = (share: number) => {
    if (share > 0.5) throw new Error("stopped");
  };
  await assert.rejects(trainDigits(training, 1, stop), /stopped/);
  const [own] = readdirSync(process.env.VARJEPA_RUNS);
  assert.ok(existsSync(path.join(process.env.VARJEPA_RUNS, own, "checkpoint.safetensors")));
  let first = 0;
  const resumed = await trainDigits(training, 1, (share) => {
    first ||= share;
  });
  assert.ok(first > 0.5);
  assert.deepEqual(resumed.model.parameters, whole.model.parameters);
  assert.ok(!existsSync(path.join(process.env.VARJEPA_RUNS, own, "checkpoint.safetensors")));
  process.env.VARJEPA_RUNS = path.join(folder, "runs");
});

test("claims say what the numbers say, over seeds, with their interval", () => {
  const measured = (of: string, measure: string, values: readonly number[], place?: string) =>
    values.map((value, i) => ({ of, measure, value, seed: i + 1, ...(place && { place }) }));
  const claims = visionClaims(
    [
      ...measured("Var-I-JEPA", "r2", [0.5, 0.52, 0.48], "middle"),
      ...measured("ridge, full", "r2", [0.4, 0.42, 0.39], "middle"),
      ...measured("Var-I-JEPA", "coverage", [0.99, 0.98, 0.99], "middle"),
      ...measured("Var-I-JEPA", "accuracyPooled", [0.5, 0.7, 0.6]),
      ...measured("Var-I-JEPA, untrained", "accuracyPooled", [0.45, 0.5, 0.6]),
      ...measured("principal components", "accuracyPooled", [0.8, 0.8, 0.8]),
      ...measured("I-JEPA", "collapsed", [0, 1, 0]),
    ],
    ["middle"],
    0.9,
  );
  const holds = Object.fromEntries(claims.map(({ name, holds }) => [name, holds]));
  assert.deepEqual(holds, {
    "middle: R² of Var-I-JEPA above that of ridge, full": true,
    "middle: 90 % intervals hold as much": false,
    // The mean difference is .083, and half of its interval .26.
    "the accuracy of a probe on the mean of the tokens of Var-I-JEPA above that of Var-I-JEPA, untrained": false,
    "the accuracy of a probe on the mean of the tokens of Var-I-JEPA above that of principal components": false,
    "I-JEPA does not collapse to places": false,
  });
  const { measured: first } = claims[0];
  assert.ok(Math.abs(first.value - 0.0967) < 1e-3 && Math.abs(first.halfWidth - 0.0143) < 1e-3);
  assert.deepEqual([first.seeds, Math.round(100 * first["ridge, full"])], [3, 40]);
});
