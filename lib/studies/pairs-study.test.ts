import "../node/world.js";
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, mock, test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import {
  pairConfigurations,
  removalOrders,
  safeguards,
  singleRemovals,
} from "../papers/var-jepa/pair-configurations.js";
import { variantNames } from "../papers/var-jepa/simulation-variants.js";
import { cellKey } from "./cell.js";
import {
  type PairsStudyConfig,
  type PairsStudyName,
  pairsSettingsOf,
  pairsStudyConfig,
} from "./pairs-plan.js";
import { type PairsRunResult, run } from "./pairs-run.js";
import { fixedScan, learnedScan, safeguardScans } from "./pairs-scans.js";
import { planPairsStudy, runPairsStudy, savePairsStudy } from "./pairs-study.js";
import { type FinishedCell, readCell } from "./store.js";

const folder = mkdtempSync(path.join(os.tmpdir(), "var-jepa-pairs-"));
process.env.VARJEPA_RUNS = path.join(folder, "runs");
process.env.VARJEPA_FIGURES = folder;
after(() => rmSync(folder, { recursive: true, force: true }));

const keysOf = async (config: PairsStudyConfig) =>
  (await planPairsStudy(config)).cells.map((cell) => cellKey(cell));

test("a study asks for every configuration, setting and run, and for what has two names once", async () => {
  for (const study of ["removal", "safeguards", "collapse"] as const) {
    const standard = pairsStudyConfig(study, "standard");
    const epochs = study === "collapse" ? 160 : 80;
    const { cells } = await planPairsStudy(standard);
    assert.equal(cells.length, (standard.configurations.length + 1) * 3 * 5);
    const arms = cells.map(({ arm, seed }) => `${arm} ${seed}`);
    assert.equal(new Set(arms).size, arms.length);
    assert.deepEqual([...new Set(cells.map(({ seed }) => seed))], [0, 1, 2, 3, 4]);
    assert.ok(arms.includes("controls tanh 4") && arms.includes(`${standard.controlsOf} ${epochs} epochs 0`));
    const tanh = cells.find(({ arm }) => arm === `${standard.controlsOf} tanh`)!.input;
    const longer = cells.find(({ arm }) => arm === `${standard.controlsOf} ${epochs} epochs`)!.input;
    assert.deepEqual([tanh.model.activation, tanh.training.epochs], ["tanh", 40]);
    assert.deepEqual([longer.model.activation, longer.training.epochs], ["gelu", epochs]);

    const quick = pairsStudyConfig(study, "quick");
    const keys = await keysOf(quick);
    // E is no-klSx, F no-klSy and G no-rec-gen.
    assert.equal(new Set(keys).size, keys.length - (study === "removal" ? 3 : 0));
  }
  const removal = pairsStudyConfig("removal", "quick").configurations;
  for (const name of [...variantNames, ...singleRemovals, ...Object.values(removalOrders).flat(), "vae"])
    assert.ok(removal.includes(name), name);
  const all = pairsStudyConfig("safeguards", "quick").configurations;
  assert.deepEqual(all, [...safeguards, ...Object.keys(safeguardScans)]);
  const collapse = pairsStudyConfig("collapse", "quick");
  const asked = Object.fromEntries(
    collapse.configurations.map((name) => [name, pairsSettingsOf(name, collapse)]),
  );
  assert.deepEqual(
    learnedScan.map(({ name }) => [asked[name].objective.klSx, asked[name].objective.rec]),
    [1 / 64, 1 / 16, 1 / 4, 1, 4, 16, 64].map((alpha) => [alpha, 1]),
  );
  for (const { product, byAlpha, bySigma } of fixedScan)
    for (const { name } of [byAlpha, bySigma]) {
      const { model, objective } = asked[name];
      assert.equal(model.sigma, "fixed");
      assert.ok(Math.abs(objective.klZ * Math.exp(2 * model.initialLogSigma) - product) < 1e-12, name);
    }
  const { objective, training } = asked["A α 4 free bits 0.1"];
  assert.deepEqual([objective.klSx, objective.freeBitsSx, training.freeBits], [0, 4, 0.1]);
  assert.deepEqual(asked["A α 4 annealed"].training.annealEpochs, { klSx: 10, klZ: 10, klSy: 10 });
  assert.equal(asked["A α 4 annealed"].objective.klSy, 4);
  assert.equal(asked["A log σ 2"].model.initialLogSigma, 2);

  // The JEPA is one cell in both studies.
  const [first, second] = await Promise.all(
    (["removal", "safeguards"] as const).map((study) =>
      keysOf({ ...pairsStudyConfig(study, "quick"), configurations: ["jepa"] }),
    ),
  );
  assert.equal(first[1], second[1]);
  await assert.rejects(
    planPairsStudy({ ...pairsStudyConfig("removal", "quick"), configurations: ["jepas"] }),
    /configuration is "jepas"/,
  );
});

test("scans change the weights of their safeguard, and nothing else", () => {
  const base = pairsStudyConfig("safeguards", "quick");
  for (const name of Object.keys(safeguardScans)) {
    const own = pairsSettingsOf(name, base);
    const named = pairsSettingsOf(name.split(" ")[0], base);
    assert.notDeepEqual(own.objective, named.objective, name);
    assert.deepEqual({ ...own, objective: {} }, { ...named, objective: {} });
    assert.deepEqual(Object.keys(own.objective), Object.keys(named.objective));
  }
  const { prediction, sigregSx, sigregSy } = pairsSettingsOf("le-jepa λ 0.1", base).objective;
  assert.deepEqual([prediction, sigregSx, sigregSy], [0.9, 0.05, 0.05]);
});

test("a tiny study: measures, controls, curves, claims and the file", async () => {
  const quick = pairsStudyConfig("safeguards", "quick");
  const tiny: PairsStudyConfig = {
    ...quick,
    configurations: ["A", "jepa", "jepa-ema-0.9", "vicreg-jepa × 10"],
    changed: [{ name: "tanh", model: { activation: "tanh" } }],
    runs: 2,
    data: { ...quick.data, trainRows: 60, evaluationRows: 40 },
    model: { ...quick.model, hidden: 16 },
    training: { ...quick.training, epochs: 2, batchSize: 30, learningRate: 1e-2 },
    scoring: {
      probe: { ...quick.scoring.probe, hidden: 0, epochs: 1, batchSize: 60 },
      informationRows: 20,
    },
  };
  const study = await runPairsStudy(tiny);
  const names = [...new Set(study.cells.map(({ configuration }) => configuration))];
  assert.deepEqual(names, [
    ...["untrained", "raw", "pca", "one-component", "supervised"],
    ...tiny.configurations,
  ]);
  const cell = (configuration: string, measure: string, on = "means", setting?: string) =>
    study.cells.find(
      (own) =>
        own.configuration === configuration &&
        own.measure === measure &&
        own.on === on &&
        own.setting === setting,
    );
  assert.ok(cell("A", "r2SxGivenClass", "samples")!.std! > 0);
  assert.equal(cell("A", "r2SxGivenClass")!.runs, 2);
  assert.ok(cell("A", "informationUpper", "samples")!.mean > 0);
  assert.ok(cell("A", "logVarianceSy", "samples"));
  assert.equal(cell("jepa", "logVarianceSy", "samples"), undefined);
  assert.ok(cell("A", "activeUnitsZ")!.mean <= 8 && cell("A", "logSigmaX", "samples"));
  assert.ok(cell("jepa", "activeUnitsSx") && !cell("jepa", "activeUnitsZ") && !cell("jepa", "logSigmaX"));
  assert.equal(cell("untrained", "varianceRatio")!.mean, 1);
  assert.equal(cell("pca", "r2SxGivenClass")!.mean, cell("pca", "r2SxGivenClass", "samples")!.mean);
  assert.notEqual(
    cell("jepa", "r2SxGivenClass")!.mean,
    cell("jepa", "r2SxGivenClass", "means", "tanh")!.mean,
  );

  // A ratio is to the start of the same seed, so that it is what the curve ends with.
  const curve = study.curves.find((own) => own.configuration === "jepa" && own.setting === undefined)!;
  assert.equal(study.curves.length, 8);
  assert.deepEqual(
    curve.points.map(({ step }) => step),
    [0, 2, 4],
  );
  assert.equal(curve.points[0].varianceRatio, 1);
  const { least, most } = curve.points[2];
  assert.ok(Math.abs((least + most) / 2 - cell("jepa", "varianceRatio")!.mean) < 1e-6);

  const claim = study.claims.find(({ name }) => name === "jepa collapses to a point")!;
  assert.deepEqual(
    [claim.holds, claim.measured.held, claim.measured["held, tanh"], claim.measured.cases],
    [false, 0, 0, 4],
  );
  assert.ok(study.claims.some(({ name }) => name === "jepa-ema-0.9 keeps the variance"));
  assert.ok(!study.claims.some(({ name }) => name.startsWith("jepa-own")));

  savePairsStudy(study);
  const file = path.join(folder, "quick", "safeguards.json");
  const saved = JSON.parse(readFileSync(file, "utf8"));
  assert.deepEqual(Object.keys(saved), ["cells", "claims", "provenance", "curves"]);
  assert.equal(saved.cells.length, study.cells.length);
  assert.ok(Math.abs(saved.cells[0].mean / study.cells[0].mean - 1) < 1e-4);

  // Of a part of a study, what there is; it never takes the place of more of it.
  const { cells, assemblePart } = await planPairsStudy(tiny);
  const lacking = cells.findIndex(({ arm, seed }) => arm === "A" && seed === 1);
  const part = assemblePart!(cells.map((one, i) => (i === lacking ? undefined : readCell(one))));
  assert.equal(part.provenance.missing, 1);
  assert.deepEqual(
    part.cells.filter(({ runs }) => runs === 1).map(({ configuration }) => configuration),
    part.cells
      .filter(({ configuration, setting }) => configuration === "A" && setting === undefined)
      .map(() => "A"),
  );
  assert.equal(part.curves.length, study.curves.length);
  const said = mock.method(console, "error", () => {});
  savePairsStudy(part);
  said.mock.restore();
  assert.match(String(said.mock.calls[0].arguments[0]), /safeguards\.json is left as it is: 0 cells are/);
  assert.equal(JSON.parse(readFileSync(file, "utf8")).cells.length, study.cells.length);

  // What is finished is not made again.
  const files = readdirSync(process.env.VARJEPA_RUNS!).length;
  assert.deepEqual((await runPairsStudy(tiny)).cells, study.cells);
  assert.equal(readdirSync(process.env.VARJEPA_RUNS!).length, files);
});

/** A study of tiny size whose cells, those of some stages, are made in this process. */
async function made(study: PairsStudyName, configurations: readonly string[], stages: readonly string[]) {
  const quick = pairsStudyConfig(study, "quick");
  const { noise } = quick.scoring;
  const plan = await planPairsStudy({
    ...quick,
    configurations,
    data: { ...quick.data, trainRows: 60, evaluationRows: 40 },
    model: { ...quick.model, hidden: 16 },
    training: { ...quick.training, epochs: 2, batchSize: 30 },
    scoring: {
      probe: { ...quick.scoring.probe, hidden: 0, epochs: 1, batchSize: 60 },
      informationRows: 20,
      ...(noise && { noise: { ...noise, draws: 9, rows: 30 } }),
    },
  });
  const time = new Date(0).toISOString();
  const provenance = { engine: "", version: "", startedAt: time, finishedAt: time, seconds: 1 };
  const found: (FinishedCell<PairsRunResult> | undefined)[] = [];
  for (const { computations, input, ...cell } of plan.cells)
    found.push(
      stages.includes(cell.stage!)
        ? {
            ...{ ...cell, computations: { pairs: 1 }, key: cellKey({ ...cell, computations }), provenance },
            result: await run(input, () => {}),
          }
        : undefined,
    );
  const { cells, claims } = plan.assemblePart!(found);
  const names = (setting?: string) => [
    ...new Set(cells.filter((cell) => cell.setting === setting).map(({ configuration }) => configuration)),
  ];
  const read = (configuration: string, measure: string, setting?: string) =>
    cells.find((cell) =>
      isDeepStrictEqual([cell.configuration, cell.measure, cell.setting], [configuration, measure, setting]),
    )?.mean;
  return { plan, names, read, claims };
}

test("noise: three levels of one world, each measured, with regressions beside; a JEPA without decoders has no measure", async () => {
  const { plan, names, read, claims } = await made("noise", ["A", "jepa"], ["controls", "trained"]);
  assert.deepEqual(
    plan.cells.map(({ arm }) => arm),
    ["", " mild", " strong"].flatMap((level) => ["controls", "A", "jepa"].map((name) => name + level)),
  );
  assert.ok(["regression", "variance-regression", "told-sx"].every((name) => names("mild").includes(name)));
  for (const level of [undefined, "strong"]) {
    assert.ok(Math.abs(read("A", "noiseRankSy", level)!) <= 1);
    assert.ok(read("A", "coverageYHigh", level)! <= 1 && read("A", "widthY", level)! > 0);
    assert.ok(read("told-sx", "coverageY", level)! > 0.6);
    assert.equal(read("jepa", "noiseRankSy", level) ?? read("jepa", "noiseRankY", level), undefined);
    assert.ok(read("jepa", "r2SxGivenClass", level) !== undefined);
  }
  assert.notEqual(read("A", "r2SyGivenClass"), read("A", "r2SyGivenClass", "strong"));
  assert.ok(claims.find(({ name }) => name === "a deterministic JEPA has nothing to tell")!.holds);
});

test("digits: every named configuration is asked for, its data by their sum; what needs true latents is left out", async () => {
  const all = pairsStudyConfig("digits", "quick").configurations;
  assert.deepEqual(
    [...all, "var-jepa"].sort(),
    Object.keys(pairConfigurations).sort(),
    "var-jepa is A by another name",
  );
  const { plan, names, read, claims } = await made("digits", ["A", "jepa-ema-0.9", "vae"], ["trained"]);
  assert.match(plan.cells[0].data!, /^[0-9a-f]{64}$/);
  assert.deepEqual(names(), ["A", "jepa-ema-0.9", "vae"]);
  for (const name of names()) {
    assert.ok(read(name, "probeSx")! >= 0 && read(name, "effectiveRankSx")! > 0, name);
    assert.equal(read(name, "r2SxGivenClass"), undefined);
  }
  assert.ok(claims.some(({ name }) => name === "jepa-ema-0.9 keeps the variance"));
});
