/** One job of a tabular study: train a model and score it, or score what stands beside it. Runs in a worker process. */
import { startEngine } from "../engine/backend.js";
import { compareWithControls, rawSource, untrainedSources } from "../evaluation/controls.js";
import { familyNamed } from "../families/registry.js";
import { studySplit } from "./study-split.js";
import {
  readRunData,
  resolveRun,
  runTabular,
  type TabularRunConfig,
  type TabularRunResult,
} from "./tabular-run.js";
import {
  finalScores,
  type Keep,
  onlineScores,
  probeKey,
  type TabularScores,
  type TabularScoring,
} from "./tabular-scores.js";

/** What one job is of. */
export interface TabularJob {
  readonly features: "trained" | "untrained" | "raw";
  readonly config: TabularRunConfig;
  readonly scoring: TabularScoring;
  readonly keep?: Keep;
}

/** What it found. */
export interface TabularJobResult {
  readonly scores: TabularScores;
  /** Of a trained model. */
  readonly run?: TabularRunResult;
  /** What it cost, all sittings of the training together. */
  readonly seconds: number;
}

/** Of a trained cell's time, the training's part; the rest is scoring. */
const TRAINING = 0.8;

/** Runs one job; `report` gets the share that is done. */
export async function run(
  { features, config, scoring, keep }: TabularJob,
  report: (share: number) => void,
): Promise<TabularJobResult> {
  await startEngine();
  let began = performance.now();
  const seconds = () => (performance.now() - began) / 1000;
  if (features === "trained") {
    const { result, model, data } = await runTabular(config, {
      onProbe: onlineScores(scoring, keep),
      probeSettings: { aggregation: scoring.aggregation, online: scoring.online, keep },
      workers: 1,
      onStep: ({ step, steps }) => report((TRAINING * step) / steps),
    });
    began = performance.now();
    const scores = await finalScores(model, data, scoring, resolveRun(config).shrink);
    return { run: result, scores, seconds: result.provenance.durationSeconds + seconds() };
  }
  const { table, encoded } = await readRunData(config);
  const { family, model } = resolveRun(config).recipe;
  const architecture = { family, config: familyNamed(family).config(model, encoded.schema) };
  const source =
    features === "raw" ? rawSource(encoded) : untrainedSources(architecture, encoded, [config.seed])[0];
  const [line] = await compareWithControls(probeKey, encoded, [source], studySplit(table), scoring);
  return { scores: { line }, seconds: seconds() };
}
