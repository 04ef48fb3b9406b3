/**
 * Makes a tiny cell of every computation and compares it with the committed result, made with plain kernels, which give
 * the same bits on every processor. `VARJEPA_RENEW=1 node --test dist/lib/studies/computations.test.js` writes
 * `computations.expected.json` anew.
 */
import "../node/world.js";
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { startEngine } from "../engine/backend.js";
import { seedKey } from "../engine/random.js";
import { predictors } from "../evaluation/predictors/all.js";
import type { Predictor } from "../evaluation/predictors/predictor.js";
import { tableFeatures } from "../evaluation/raw-features.js";
import { rowNorms } from "../evaluation/row-norms.js";
import { tableShape } from "../families/table.js";
import { writeWhole } from "../files/whole-file.js";
import { projectFolder } from "../settings.js";
import { smallTJepa, smallVarTJepa } from "../training/tabular.test-table.js";
import { type Computation, computationVersions } from "./computations.js";
import { trainDigits } from "./digit-training.js";
import { downstreamScores } from "./downstream-scores.js";
import { tinyGeneration } from "./generation.test-plan.js";
import { run as runGeneration } from "./generation-run.js";
import { planGeneration } from "./generation-study.js";
import { type PairsStudyName, pairsStudyConfig } from "./pairs-plan.js";
import { run as runPairs } from "./pairs-run.js";
import { planPairsStudy } from "./pairs-study.js";
import { run as runSimulation } from "./simulation-run.js";
import { planSimulationStudy, simulationPresets } from "./simulation-study.js";
import { run as runSpread } from "./spread-run.js";
import { planSpread } from "./spread-study.js";
import { readRunData } from "./tabular-run.js";
import { scoringDefaults } from "./tabular-scores.js";
import { planTabularStudy } from "./tabular-study.js";
import { run as runTabularJob } from "./tabular-study-job.js";
import { tinyVision } from "./vision.test-plan.js";
import { run as runVision } from "./vision-run.js";
import { planVision } from "./vision-study.js";

process.env.VARJEPA_ENGINE = "wasm";
process.env.VARJEPA_KERNELS = "plain";

/** Rounding of `Math` functions differs between versions of Node.js in the last digit. */
const TOLERANCE = 1e-5;

const file = path.join(projectFolder, "lib", "studies", "computations.expected.json");
const renew = process.env.VARJEPA_RENEW !== undefined;
const folder = mkdtempSync(path.join(tmpdir(), "computations-test-"));
after(() => rmSync(folder, { recursive: true }));

/** A result as numbers and words by path, and the configuration that it is of. */
interface Made {
  readonly configuration: unknown;
  readonly result: Readonly<Record<string, unknown>>;
}
type Expected = Readonly<Record<Computation, Made & { readonly version: number }>>;

const made = {} as Record<Computation, Made>;

before(async () => {
  process.env.VARJEPA_RUNS = folder;
  await startEngine();
  const { quick } = simulationPresets;
  const simulation = await planSimulationStudy({
    ...quick,
    variants: ["H"],
    data: { ...quick.data, trainRows: 60, evaluationRows: 40 },
    training: { ...quick.training, epochs: 2, batchSize: 30 },
    probe: { ...quick.probe, epochs: 2 },
  });
  const [{ configuration, input }] = simulation.cells;
  made.simulation = { configuration, result: flat(await runSimulation(input, () => {})) };

  const pairs = [
    ...(await tinyPairs("removal", ["no-entropy", "jepa-ema-0.9"])),
    ...(await tinyPairs("noise", ["A σ 0.5", "A α 4 free bits 0.1"])).filter(({ arm }) =>
      /strong$/.test(arm),
    ),
  ];
  const ofPairs: unknown[] = [];
  for (const { input } of pairs) ofPairs.push(await runPairs(input, () => {}));
  made.pairs = { configuration: pairs.map((cell) => cell.configuration), result: flat(ofPairs) };

  const generation = (await planGeneration({ ...tinyGeneration, runs: 1 })).cells;
  const ofGeneration: unknown[] = [];
  for (const { input } of generation) ofGeneration.push(await runGeneration(input, () => {}));
  made.generation = {
    configuration: generation.map((cell) => cell.configuration),
    result: flat(ofGeneration),
  };

  const vision = (await planVision({ ...tinyVision, seeds: [1] })).cells;
  const ofVision: unknown[] = [];
  for (const { input } of vision) ofVision.push((await runVision(input, () => {})).measures);
  made.vision = { configuration: vision.map((cell) => cell.configuration), result: flat(ofVision) };
  for (const family of ["var-i-jepa", "i-jepa"] as const) {
    const { digits, models } = tinyVision.models;
    const configuration = { family, settings: models[family], digits };
    const { terms } = await trainDigits(configuration, 1, () => {});
    made[family] = { configuration, result: flat(terms) };
  }

  const spread = await planSpread({
    study: "spread",
    tables: [{ dataset: "sim", rows: 60, seeds: [1], testRows: 10, trainRows: 40 }],
  });
  const [ofSpread] = spread.cells;
  made.spread = {
    configuration: ofSpread.configuration,
    result: flat((await runSpread(ofSpread.input, () => {})).columns),
  };

  const probe = { epochs: 2, batchSize: 16, learningRate: 1e-2, weightDecay: 0 };
  const shorter = <T extends { training: object }>(recipe: T) => ({
    ...recipe,
    training: { ...recipe.training, epochs: 2 },
  });
  const tabular = await planTabularStudy({
    dataset: "sim",
    preset: {
      rows: 60,
      probe: { every: 2, patience: 10 },
      models: { "var-t-jepa": shorter(smallVarTJepa), "t-jepa": shorter(smallTJepa) },
    },
    arms: [
      { name: "Var-T-JEPA", family: "var-t-jepa" },
      { name: "T-JEPA", family: "t-jepa" },
    ],
    seeds: [1],
    untrainedSeeds: [1],
    scoring: {
      ...scoringDefaults,
      online: { probe, trainRows: 30, validationRows: 20 },
      probe,
      imputation: { sets: 1, samples: 2, visible: [4], testRows: 10, trainRows: 30, features: [0, 29] },
    },
  });
  const probes: unknown[] = [];
  const [scores, imputation]: [unknown[], unknown[]] = [[], []];
  for (const { input, configuration } of tabular.cells) {
    const result = await runTabularJob(input, () => {});
    const { imputation: told, ...others } = result.scores;
    scores.push(others);
    if (told) imputation.push(told);
    if (!result.run) continue;
    const { epochs, selectedEpoch } = result.run;
    probes.push({ selectedEpoch, figures: epochs.map(({ probe }) => probe?.figures ?? null) });
    const terms = epochs.map(({ report }) => report.terms);
    made[input.config.family as Computation] = { configuration, result: flat(terms) };
  }
  const asked = tabular.cells.map(({ configuration }) => configuration);
  await makePredictions();
  made["online probe"] = { configuration: asked, result: flat(probes) };
  made.scores = { configuration: asked, result: flat(scores) };
  made.imputation = { configuration: asked, result: flat(imputation) };
});

/** Cells of a study of pairs, of tiny size. */
async function tinyPairs(study: PairsStudyName, configurations: readonly string[]) {
  const quick = pairsStudyConfig(study, "quick");
  const { probe, noise } = quick.scoring;
  const { cells } = await planPairsStudy({
    ...quick,
    configurations,
    data: { ...quick.data, trainRows: 60, evaluationRows: 40 },
    model: { ...quick.model, hidden: 16 },
    training: { ...quick.training, epochs: 2, batchSize: 30 },
    scoring: {
      probe: { ...probe, epochs: 1, batchSize: 60 },
      informationRows: 20,
      ...(noise && { noise: { ...noise, draws: 9, rows: 20 } }),
    },
  });
  return cells;
}

/** What every downstream predictor tells of twenty rows, and how that of one is scored, rows dropped by made-up uncertainties. */
async function makePredictions(): Promise<void> {
  const preset = { rows: 60, probe: { every: 1, patience: 1 }, models: { "t-jepa": smallTJepa } };
  const { table, encoded } = await readRunData({ dataset: "sim", family: "t-jepa", preset, seed: 1 });
  const features = tableFeatures(tableShape(encoded.schema), encoded);
  const rows = (from: number, to: number) => Int32Array.from({ length: to - from }, (_, i) => from + i);
  const split = { train: rows(0, 34), validation: rows(34, 40), test: rows(40, 60) };
  const latent = Array.from(split.test, (row) => (row * 7) % 20);
  const ambiguity = Array.from(split.test, (row) => table.ambiguity![row]);
  for (const [name, { defaults, fit }] of Object.entries(predictors) as [Computation, Predictor<object>][]) {
    const settings = { ...defaults, ...("epochs" in defaults ? { epochs: 2 } : { trees: 3 }) };
    const told = await fit(seedKey(1), features, encoded.labels!, split, settings);
    const configuration = { dataset: "sim", rows: 60, predictor: name, settings };
    made[name] = { configuration, result: flat({ probabilities: Array.from(told.probabilities) }) };
    if (name !== "linear") continue;
    made["downstream scores"] = {
      configuration,
      result: flat(downstreamScores(told, { latent, ambiguity, norm: rowNorms(encoded, split.test) })),
    };
  }
}

/** Leaves by path, times aside. */
function flat(value: unknown, at = ""): Record<string, unknown> {
  if (value === null || typeof value !== "object") return { [at]: value };
  return Object.assign(
    {},
    ...Object.entries(value)
      .filter(([name]) => !/seconds$|^engine$/i.test(name))
      .map(([name, part]) => flat(part, at === "" ? name : `${at}.${name}`)),
  );
}

const plain = <T>(value: T): T => JSON.parse(JSON.stringify(value));

/** Paths at which two results differ, with both values. */
function differences(actual: Made["result"], expected: Made["result"]): string[] {
  const close = (a: unknown, b: unknown) =>
    typeof a === "number" && typeof b === "number"
      ? Math.abs(a - b) <= TOLERANCE * Math.max(1, Math.abs(a), Math.abs(b))
      : a === b;
  return [...new Set([...Object.keys(actual), ...Object.keys(expected)])]
    .filter((at) => !close(actual[at], expected[at]))
    .map((at) => `${at}: ${actual[at]}, was ${expected[at]}`);
}

/** Computations that another one measures: when they change, so does it. */
const measured: Partial<Record<Computation, readonly Computation[]>> = {
  "online probe": ["var-t-jepa", "t-jepa"],
  scores: ["var-t-jepa", "t-jepa", "online probe"],
  imputation: ["var-t-jepa", "online probe"],
  vision: ["var-i-jepa", "i-jepa"],
  "downstream scores": ["linear"],
};

const committed: Partial<Expected> = JSON.parse(readFileSync(file, "utf8"));
const raised = (name: Computation) => computationVersions[name] !== committed[name]?.version;

for (const name of Object.keys(computationVersions) as Computation[])
  test(`${name}: a tiny cell comes out as it did when its version was raised last`, () => {
    const before = committed[name];
    const now = plain({ version: computationVersions[name], ...made[name] });
    const sameCell = JSON.stringify(before?.configuration) === JSON.stringify(now.configuration);
    const found = before && sameCell ? differences(now.result, before.result) : [];
    assert.ok(
      found.length === 0 || [name, ...(measured[name] ?? [])].some(raised),
      `results of "${name}" have changed, so that finished cells are out of date. If that is meant, raise "${name}" in ` +
        `lib/studies/computations.ts, build, and renew lib/studies/computations.expected.json by ` +
        `VARJEPA_RENEW=1 node --test dist/lib/studies/computations.test.js\n${found.slice(0, 5).join("\n")}`,
    );
    if (renew) {
      const expected = JSON.parse(readFileSync(file, "utf8"));
      writeWhole(file, `${JSON.stringify({ ...expected, [name]: now }, null, 1)}\n`);
    } else
      assert.ok(
        sameCell && !raised(name),
        `the tiny cell or the version of "${name}" is not that of lib/studies/computations.expected.json; renew it by ` +
          "VARJEPA_RENEW=1 node --test dist/lib/studies/computations.test.js",
      );
  });
