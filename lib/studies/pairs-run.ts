/**
 * One run of a study of pairs: draw a world, train a configuration and measure it, or measure what stands beside them. Runs in a
 * worker process.
 */
import { type DigitPairsConfig, digitPairs } from "../data/digit-pairs.js";
import {
  firstRows,
  type SimulatedViews,
  type SimulationConfig,
  simulate,
  simulatedWorld,
  type Views,
} from "../data/simulation.js";
import { describeEngine, startEngine } from "../engine/backend.js";
import { fold, type Key, seedKey } from "../engine/random.js";
import { activeUnits } from "../evaluation/active-units.js";
import { encodePairs, type PairModel } from "../evaluation/embed.js";
import { type FeatureSets, featureMeasures } from "../evaluation/feature-measures.js";
import type { DrawnDensity } from "../evaluation/generation/conditional-density.js";
import { drawTargets } from "../evaluation/generation/draw-targets.js";
import { aggregateKl } from "../evaluation/latent-diagnostics.js";
import { noiseControls } from "../evaluation/noise-controls.js";
import { drawnNoiseMeasures, type NoiseScoring, priorNoiseMeasures } from "../evaluation/noise-measures.js";
import { pairControls, untrainedPairs } from "../evaluation/pair-controls.js";
import {
  type LatentMeasures,
  listPairMeasures,
  measurePairs,
  type PairMeasure,
  type PairScoring,
} from "../evaluation/pair-measures.js";
import { spread } from "../evaluation/spread.js";
import { choicesOf } from "../models/pairs/config.js";
import type { VarJepaConfig } from "../models/var-jepa.js";
import { mean } from "../moments.js";
import { fit, type ModelSettings } from "../training/fit.js";
import { stepsPerEpoch } from "../training/schedule.js";

/** What pairs are made of: a simulated world, or digits. */
export type PairsData = SimulationConfig | DigitPairsConfig;

/** How a configuration is measured; uncertainty too where it is said how, which takes simulated pairs. */
export interface PairsScoring extends PairScoring {
  readonly noise?: NoiseScoring;
}

/** Everything that fixes one run. */
export interface PairsRunInput extends ModelSettings<VarJepaConfig> {
  /** The model trained, or the controls of its sizes, the model at its start among them. */
  readonly measured: "trained" | "controls";
  /** 0, 1, … : the same run number means the same world, start weights and noise for every configuration. */
  readonly run: number;
  readonly seed: number;
  readonly data: PairsData;
  readonly scoring: PairsScoring;
}

/** How far the means of s_x spread after so many steps. */
export interface SpreadPoint {
  readonly step: number;
  /** Total variance over that at the start. */
  readonly varianceRatio: number;
  readonly effectiveRank: number;
}

/** What one run measures. */
export interface PairsRunResult {
  /** Under `trained`, or under the names of the controls. */
  readonly measures: Readonly<Record<string, readonly PairMeasure[]>>;
  /** Over training, from its start; none of controls. */
  readonly curve: readonly SpreadPoint[];
  readonly engine: string;
  /** Wall-clock time, and processor time of this process, which other work on the machine does not stretch. */
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/** Makes one run; `report` gets the share of the epochs that are made. */
export async function run(input: PairsRunInput, report: (share: number) => void): Promise<PairsRunResult> {
  const began = performance.now();
  const cpuBefore = process.cpuUsage();
  const engine = describeEngine({ ...(await startEngine()), workers: 1 });
  const key = fold(seedKey(input.seed), input.run);
  const { train, evaluation } =
    "digits" in input.data ? digitPairs(input.data) : simulate(fold(key, "data"), input.data);
  const made =
    input.measured === "controls"
      ? { measures: await controls(key, train, evaluation, input), curve: [] }
      : await trained(key, train, evaluation, input, report);
  const cpu = process.cpuUsage(cpuBefore);
  return {
    ...made,
    engine,
    seconds: (performance.now() - began) / 1000,
    cpuSeconds: (cpu.user + cpu.system) / 1e6,
  };
}

/** The start that `fit` gives the configuration. */
const startOf = (key: Key, model: VarJepaConfig) =>
  untrainedPairs(fold(fold(key, "model"), "weights"), model);

async function trained(
  key: Key,
  train: Views | SimulatedViews,
  evaluation: Views | SimulatedViews,
  { model, objective, training, scoring }: PairsRunInput,
  report: (share: number) => void,
): Promise<Pick<PairsRunResult, "measures" | "curve">> {
  const start = spreadOf(startOf(key, model), evaluation);
  const curve: SpreadPoint[] = [{ step: 0, varianceRatio: 1, effectiveRank: start.effectiveRank }];
  const steps = stepsPerEpoch(train.rows, training.batchSize);
  const end = await fit("var-jepa", train, {
    ...{ model, objective, training, seed: fold(key, "model") },
    onEpoch: ({ epoch }, parameters, average) => {
      report(epoch / training.epochs);
      if (!isShown(epoch, training.epochs)) return;
      const { totalVariance, effectiveRank } = spreadOf({ parameters, config: model, average }, evaluation);
      const varianceRatio = totalVariance / start.totalVariance;
      curve.push({ step: epoch * steps, varianceRatio, effectiveRank });
    },
  });
  return {
    measures: { trained: await measuresOf(key, end, start.totalVariance, train, evaluation, scoring) },
    curve,
  };
}

/** The first ten epochs, where a collapse is quick, and about 25 in all; the last among them. */
function isShown(epoch: number, epochs: number): boolean {
  return epoch <= 10 || epoch === epochs || epoch % Math.ceil(epochs / 25) === 0;
}

function spreadOf(model: PairModel, views: Views) {
  return spread(encodePairs(model, views, undefined).sx, model.config.d);
}

/**
 * The measures of pairs, and some that need more than those: `varianceRatio`, the total variance of s_x over that of the untrained
 * encoder's means of the same seed, on means and on samples alike; `activeUnitsSx`, `activeUnitsSy`, `activeUnitsZ`; of
 * Gaussians `logVarianceSy`, the mean log variance of the posterior of s_y; `logSigmaX` and `logSigmaY`, the decoders' learned scales.
 */
async function measuresOf(
  key: Key,
  model: PairModel,
  untrainedVariance: number,
  train: Views | SimulatedViews,
  evaluation: Views | SimulatedViews,
  scoring: PairsScoring,
): Promise<PairMeasure[]> {
  const scores = fold(key, "scores");
  const listed = listPairMeasures(await measurePairs(scores, model, train, evaluation, scoring));
  const ratios = listed.flatMap(({ measure, on, value }): PairMeasure[] =>
    measure === "totalVarianceSx" ? [{ measure: "varianceRatio", on, value: value / untrainedVariance }] : [],
  );
  const { d, dz } = model.config;
  const means = encodePairs(model, evaluation, undefined);
  const samples = encodePairs(model, evaluation, fold(scores, "scored"));
  const { layout, values } = model.parameters;
  const scale = (name: string) => values[layout.find((slot) => slot.name === name)?.offset ?? values.length];
  const others: PairMeasure[] = [
    { measure: "activeUnitsSx", on: "means", value: activeUnits(means.sx, d) },
    { measure: "activeUnitsSy", on: "means", value: activeUnits(means.sy, d) },
    { measure: "activeUnitsZ", on: "means", value: dz > 0 ? activeUnits(means.z, dz) : Number.NaN },
    { measure: "logVarianceSy", on: "samples", value: mean(samples.qSy.logVariance) },
    { measure: "logSigmaX", on: "samples", value: scale("logSigmaX") },
    { measure: "logSigmaY", on: "samples", value: scale("logSigmaY") },
  ];
  return [
    ...[...listed, ...ratios, ...others.filter(({ value }) => Number.isFinite(value))],
    ...(scoring.noise && "sx" in evaluation
      ? noiseMeasures(fold(key, "noise"), model, evaluation, scoring.noise)
      : []),
  ];
}

/** What a model tells of noise: by its prior of s_y, and by draws of y where it decodes them. */
function noiseMeasures(
  key: Key,
  model: PairModel,
  evaluation: SimulatedViews,
  scoring: NoiseScoring,
): PairMeasure[] {
  const { parameters, config } = model;
  const views = firstRows(evaluation, scoring.rows);
  const prior = (on: PairMeasure["on"], noise?: Key) =>
    priorNoiseMeasures(encodePairs(model, views, noise).pSy, views, on);
  const draw: DrawnDensity["draw"] = (drawKey, contexts, draws, first) =>
    drawTargets(parameters, config, contexts, draws, drawKey, first);
  return [
    ...prior("means"),
    ...prior("samples", fold(key, "prior")),
    ...(choicesOf(config).decodes.y ? drawnNoiseMeasures({ draw }, views, fold(key, "draws"), scoring) : []),
  ];
}

/** The controls of x in the place of s_x, those of y in the place of s_y; they have no samples, so their means stand for both. */
async function controls(
  key: Key,
  train: Views | SimulatedViews,
  evaluation: Views | SimulatedViews,
  { data, model, training, scoring }: PairsRunInput,
): Promise<PairsRunResult["measures"]> {
  const start = startOf(key, model);
  const { totalVariance } = spreadOf(start, evaluation);
  const measures: Record<string, readonly PairMeasure[]> = {
    untrained: await measuresOf(key, start, totalVariance, train, evaluation, scoring),
  };
  const own = fold(key, "controls");
  const latent = async (features: FeatureSets): Promise<LatentMeasures> => ({
    ...(await featureMeasures(own, features, train, evaluation, scoring.probe)),
    klAggregate: aggregateKl(features.scored, features.columns),
  });
  const x = await pairControls(own, "x", train, evaluation, model, training);
  const y = await pairControls(own, "y", train, evaluation, model, training);
  for (const name of Object.keys(x) as (keyof typeof x)[]) {
    const both = { sx: await latent(x[name]), sy: await latent(y[name]) };
    measures[name] = listPairMeasures({ means: both, samples: both });
  }
  if (scoring.noise && "sx" in train && "sx" in evaluation && !("digits" in data)) {
    const views = firstRows(evaluation, scoring.noise.rows);
    const world = simulatedWorld(fold(key, "data"), data);
    const densities = await noiseControls(fold(own, "noise"), world, data, train, views, model, training);
    for (const [name, density] of Object.entries(densities))
      measures[name] = drawnNoiseMeasures(density, views, fold(own, "draws"), scoring.noise);
  }
  return measures;
}
