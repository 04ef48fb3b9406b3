import "../node/world.js";
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { cellKey } from "./cell.js";
import { tinyGeneration } from "./generation.test-plan.js";
import { generationClaims } from "./generation-claims.js";
import { generationArms, generationConfig } from "./generation-plan.js";
import { run } from "./generation-run.js";
import { planGeneration, runGeneration, saveGeneration } from "./generation-study.js";
import { readCell } from "./store.js";

const folder = mkdtempSync(path.join(os.tmpdir(), "var-jepa-generation-"));
process.env.VARJEPA_RUNS = path.join(folder, "runs");
process.env.VARJEPA_FIGURES = folder;
after(() => rmSync(folder, { recursive: true, force: true }));

test("the study asks for every density of every kind of pairs, run by run; halves have no truth", async () => {
  const { cells } = await planGeneration(generationConfig("standard"));
  const arms = cells.filter(({ seed }) => seed === 0).map(({ arm }) => arm);
  assert.equal(arms.length, 17);
  assert.equal(new Set(cells.map((cell) => cellKey(cell))).size, 3 * 17);
  assert.deepEqual(
    cells.slice(17, 34).map(({ arm, seed }) => [arm, seed]),
    arms.map((arm) => [arm, 1]),
  );
  assert.ok(arms.includes("simulation truth") && arms.includes("corrupted truth"));
  assert.ok(!arms.includes("halves truth") && arms.includes("halves A α 0.25"));
  assert.match(cells.find(({ arm }) => arm === "halves A")!.data!, /^[0-9a-f]{64}$/);
  assert.equal(cells.find(({ arm }) => arm === "simulation A")!.data, undefined);
  const { gaussians, "coupled-vae": vae } = generationArms(generationConfig("quick").tasks[0], []);
  assert.deepEqual(gaussians, { kind: "gaussians" });
  assert.ok(vae.kind === "coupled-vae" && vae.settings.model.prior === "standard" && vae.refit.epochs === 10);
  assert.throws(
    () => generationArms(generationConfig("quick").tasks[0], ["B α 3"]),
    /configuration is "B α 3"/,
  );
});

test("a tiny study: likelihoods, draws, bounds, claims and the file; what is finished is not made again", async () => {
  const study = await runGeneration(tinyGeneration);
  const densities = [...new Set(study.cells.map(({ density }) => density))];
  assert.deepEqual(densities.sort(), [
    ...["A", "coupled-vae linear", "coupled-vae network", "marginal diagonal", "marginal full"],
    ...["regression diagonal", "regression full", "regression isotropic", "truth", "variance-regression"],
  ]);
  const read = (density: string, measure: string) =>
    study.cells.find((cell) => cell.density === density && cell.measure === measure);
  for (const density of densities) {
    assert.ok(read(density, "logLikelihood")!.std! > 0, density);
    assert.ok(read(density, "energy")!.mean > 0 && read(density, "coverage")!.mean > 0.4, density);
    assert.equal(read(density, "distanceY")!.runs, 2);
  }
  assert.ok(read("truth", "logLikelihood")!.mean > read("A", "logLikelihood")!.mean);
  assert.ok(read("A", "aggregateZ") && !read("coupled-vae network", "aggregateZ"));
  assert.notEqual(
    read("coupled-vae network", "logLikelihood")!.mean,
    read("coupled-vae linear", "logLikelihood")!.mean,
  );
  for (const [proposal, name] of [
    ["posterior", "Posterior"],
    ["predictor", "Predictor"],
    ["mode", "Mode"],
  ]) {
    const { points } = study.curves.find((own) => own.density === "A" && own.proposal === proposal)!;
    const last = points[points.length - 1];
    assert.equal(last.samples, proposal === "mode" ? 64 : 32);
    assert.ok(Math.abs(last.mean - read("A", `bound${name}`)!.mean) < 1e-9);
    assert.ok(points.every(({ mean }, i) => i === 0 || mean >= points[i - 1].mean - 1e-9));
    assert.ok(read("A", "logLikelihood")!.mean >= last.mean);
  }
  const claim = study.claims.find(({ name }) => name === "simulation: A is likelier than regression full")!;
  assert.equal(claim.measured.cases, 2);
  assert.ok(!study.claims.some(({ name }) => name.includes("α 0.25")));

  saveGeneration(study);
  const file = path.join(folder, "quick", "generation.json");
  const saved = JSON.parse(readFileSync(file, "utf8"));
  assert.deepEqual(Object.keys(saved), ["cells", "claims", "curves", "provenance"]);
  assert.deepEqual([saved.provenance.missing, saved.cells.length], [0, study.cells.length]);
  const files = readdirSync(process.env.VARJEPA_RUNS!).length;
  assert.deepEqual((await runGeneration(tinyGeneration)).cells, study.cells);
  assert.equal(readdirSync(process.env.VARJEPA_RUNS!).length, files);

  const { cells, assemblePart } = await planGeneration(tinyGeneration);
  const part = assemblePart!(cells.map((cell) => (cell.arm.endsWith("truth") ? undefined : readCell(cell))));
  assert.equal(part.provenance.missing, 2);
  assert.ok(!part.cells.some(({ density }) => density === "truth"));
  assert.equal(part.curves.length, study.curves.length - 1);
});

test("digits: halves and corrupted ones are generated; the density of corruption is above a model's by far", async () => {
  const quick = generationConfig("quick");
  const [task] = tinyGeneration.tasks;
  const small = quick.tasks.slice(1).map(({ name, data, model, training, networkEpochs }) => ({
    ...{ name, training: { ...training, epochs: 1 }, networkEpochs, scoring: task.scoring },
    data: { ...data, trainRows: 40, evaluationRows: 20 },
    model: { ...model, hidden: 16, d: 2, dz: 1 },
  }));
  const { cells } = await planGeneration({ ...quick, tasks: small, models: ["A"] });
  const made = async (arm: string) => {
    const { input } = cells.find((cell) => cell.arm === arm)!;
    return Object.values((await run(input, () => {})).densities)[0].measures;
  };
  const [halves, corrupted, truth] = [
    await made("halves A"),
    await made("corrupted A"),
    await made("corrupted truth"),
  ];
  for (const { logLikelihood, energy } of [halves, corrupted])
    assert.ok(Number.isFinite(logLikelihood) && energy > 0);
  assert.ok(truth.logLikelihood > corrupted.logLikelihood + 100 && truth.energy < corrupted.energy);
});

test("claims say what the numbers say, run by run", () => {
  const measured = (density: string, run: number, measures: Record<string, number>) => ({
    ...{ configuration: density, run },
    measures: Object.entries(measures).map(([measure, value]) => ({
      ...{ measure, on: "samples" as const, value },
    })),
  });
  const bounds = { boundMode: -10, changeMode: 0.01, boundPredictor: -10.1, changePredictor: 0.02 };
  const claims = generationClaims(
    "halves",
    [
      measured("A", 0, { logLikelihood: -10, ...bounds, untrustedPredictor: 0.7, coverage: 0.96 }),
      measured("A", 1, { logLikelihood: -10, ...bounds, changePredictor: 0.4, untrustedPredictor: 0.6 }),
      measured("regression full", 0, { logLikelihood: -9, coverage: 0.91 }),
      measured("regression full", 1, { logLikelihood: -11, coverage: 0.93 }),
    ],
    0.9,
  );
  const held = (name: string) => {
    const found = claims.find((claim) => claim.name === `halves: ${name}`)!;
    return [found.holds, found.measured.held];
  };
  assert.deepEqual(held("A is likelier than regression full"), [false, 1]);
  assert.deepEqual(held("A: with draws around the mode the bound has converged"), [true, 2]);
  assert.deepEqual(held("A: with the predictor as proposal the bound has not converged"), [false, 1]);
  assert.deepEqual(held("A: weights of the predictor as proposal are not to be trusted"), [true, 2]);
  assert.deepEqual(held("A: 90 % intervals of y hold 90 %"), [false, 0]);
  assert.deepEqual(held("regression full: 90 % intervals of y hold 90 %"), [true, 2]);
  assert.ok(!claims.some(({ name }) => name.includes("truth")));
});
