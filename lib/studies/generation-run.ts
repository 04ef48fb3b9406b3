/** One cell of the study of generation: draw pairs, fit a density of y given x, or several, and measure it. Runs in a worker process. */
import { type DigitTargetsConfig, digitTargets } from "../data/digit-targets.js";
import {
  firstRows,
  type SimulationConfig,
  simulate,
  simulatedWorld,
  type Views,
} from "../data/simulation.js";
import { describeEngine, startEngine } from "../engine/backend.js";
import { fold, type Key, seedKey } from "../engine/random.js";
import type { ConditionalDensity } from "../evaluation/generation/conditional-density.js";
import { corruptedDensity } from "../evaluation/generation/corrupted-density.js";
import {
  drawMeasures,
  likelihoodMeasures,
  type MeasuredDensity,
  sampleMeasures,
} from "../evaluation/generation/density-measures.js";
import { drawTargets } from "../evaluation/generation/draw-targets.js";
import { fitGaussianMarginal, fitGaussianRegression } from "../evaluation/generation/gaussian-baselines.js";
import { laplaceDefaults } from "../evaluation/generation/laplace.js";
import { lastTenthAside } from "../evaluation/generation/last-tenth-aside.js";
import {
  refitLinearPredictor,
  refitPredictorNetwork,
  withPredictor,
} from "../evaluation/generation/refit-predictor.js";
import { trueDensity, trueLikelihood } from "../evaluation/generation/true-likelihood.js";
import { fitVarianceRegression } from "../evaluation/generation/variance-regression.js";
import type { FlatParameters } from "../layers/parameters.js";
import type { VarJepaConfig } from "../models/var-jepa.js";
import { mean } from "../moments.js";
import { fit, type ModelSettings } from "../training/fit.js";
import type { GenerationArm, GenerationScoring } from "./generation-plan.js";

/** Everything that fixes one cell. */
export interface GenerationRunInput {
  readonly arm: GenerationArm;
  /** 0, 1, … : the same run number means the same pairs and start weights for every arm. */
  readonly run: number;
  readonly seed: number;
  readonly data: SimulationConfig | DigitTargetsConfig;
  readonly scoring: GenerationScoring;
}

/** What one cell measures. */
export interface GenerationRunResult {
  readonly densities: Readonly<Record<string, MeasuredDensity>>;
  readonly engine: string;
  /** Wall-clock time, and processor time of this process, which other work on the machine does not stretch. */
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/** Pairs to learn from and to measure on, with what measures a density on them. */
interface Bench {
  readonly key: Key;
  readonly train: Views;
  readonly evaluation: Views;
  readonly scored: Views;
  readonly scoring: GenerationScoring;
  readonly report: (share: number) => void;
}

/** Makes one cell; `report` gets the share of a training's epochs that are made. */
export async function run(
  { arm, run, seed, data, scoring }: GenerationRunInput,
  report: (share: number) => void,
): Promise<GenerationRunResult> {
  const began = performance.now();
  const cpuBefore = process.cpuUsage();
  const engine = describeEngine({ ...(await startEngine()), workers: 1 });
  const key = fold(seedKey(seed), run);
  const { train, evaluation } =
    "digits" in data ? digitTargets(fold(key, "data"), data) : simulate(fold(key, "data"), data);
  const scored = firstRows(evaluation, scoring.rows);
  const bench = { key, train, evaluation, scored, scoring, report };
  const densities = await (arm.kind === "truth" ? truth(bench, data) : fitted(bench, arm));
  const cpu = process.cpuUsage(cpuBefore);
  return {
    ...{ densities, engine, seconds: (performance.now() - began) / 1000 },
    cpuSeconds: (cpu.user + cpu.system) / 1e6,
  };
}

async function fitted(
  bench: Bench,
  arm: Exclude<GenerationArm, { kind: "truth" }>,
): Promise<GenerationRunResult["densities"]> {
  const { key, train } = bench;
  switch (arm.kind) {
    case "gaussians":
      return gaussians(bench);
    case "variance-regression": {
      const own = await fitVarianceRegression(fold(key, "variance"), train, arm.model, arm.training);
      return { "variance-regression": closedForm(bench, own) };
    }
    case "model": {
      const { parameters, config } = await trained(bench, arm.settings);
      return { model: generator(bench, parameters, config) };
    }
    case "coupled-vae": {
      const own = await trained(bench, arm.settings);
      const { parameters, config } = withPredictor(own.parameters, own.config);
      const told = fold(key, "refit");
      const network = await refitPredictorNetwork(parameters, config, train, told, arm.refit);
      return {
        "coupled-vae linear": generator(
          bench,
          refitLinearPredictor(parameters, config, train, told, 1),
          config,
        ),
        "coupled-vae network": generator(bench, network, config),
      };
    }
  }
}

function trained({ key, train, report }: Bench, settings: ModelSettings<VarJepaConfig>) {
  return fit("var-jepa", train, {
    ...{ ...settings, seed: fold(key, "model") },
    onEpoch: ({ epoch }) => report(epoch / settings.training.epochs),
  });
}

/** The pairs' own density: of a simulated world by Laplace importance sampling, of corrupted digits in closed form. */
function truth(
  bench: Bench,
  data: SimulationConfig | DigitTargetsConfig,
): Promise<GenerationRunResult["densities"]> | GenerationRunResult["densities"] {
  const { key, scored, scoring } = bench;
  if ("digits" in data) return { truth: closedForm(bench, corruptedDensity) };
  const world = simulatedWorld(fold(key, "data"), data);
  const settings = { ...laplaceDefaults, samples: scoring.samples.truth };
  const { perRow, change, curve } = trueLikelihood(world, data, scored, fold(key, "truth"), settings);
  return {
    truth: {
      measures: {
        ...{ logLikelihood: mean(perRow), changeMode: change.mean },
        ...draws(bench, trueDensity(world, data, fold(key, "truth"), settings)),
      },
      curves: { mode: curve },
    },
  };
}

/** Marginals and regressions by the form of their covariance. */
function gaussians(bench: Bench): GenerationRunResult["densities"] {
  const { own, validation } = lastTenthAside(bench.train);
  return {
    "marginal full": closedForm(bench, fitGaussianMarginal(own, validation, "full")),
    "marginal diagonal": closedForm(bench, fitGaussianMarginal(own, validation, "diagonal")),
    "regression full": closedForm(bench, fitGaussianRegression(own, validation, "full")),
    "regression diagonal": closedForm(bench, fitGaussianRegression(own, validation, "diagonal")),
    "regression isotropic": closedForm(bench, fitGaussianRegression(own, validation, "isotropic")),
  };
}

/** A density whose likelihood needs no samples. */
function closedForm(bench: Bench, density: ConditionalDensity): MeasuredDensity {
  const logLikelihood = mean(density.logLikelihood(bench.scored));
  return { measures: { logLikelihood, ...draws(bench, density) }, curves: {} };
}

/** What a model generates. */
function generator(bench: Bench, parameters: FlatParameters, config: VarJepaConfig): MeasuredDensity {
  const { key, scored, evaluation, scoring } = bench;
  const { measures, curves } = likelihoodMeasures(
    fold(key, "likelihood"),
    parameters,
    config,
    scored,
    scoring.samples,
  );
  const draw: ConditionalDensity["draw"] = (drawKey, contexts, count, first) =>
    drawTargets(parameters, config, contexts, count, drawKey, first);
  return {
    measures: {
      ...{ ...measures, ...draws(bench, { draw }) },
      ...sampleMeasures(fold(key, "samples"), parameters, config, evaluation),
    },
    curves,
  };
}

const draws = ({ key, scored, evaluation, scoring }: Bench, density: Pick<ConditionalDensity, "draw">) =>
  drawMeasures(fold(key, "draws"), density, scored, evaluation, scoring.draws);
