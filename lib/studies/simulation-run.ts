/** One run of the simulation study: draw a world, train one variant, measure its latents. Runs in a worker process. */
import { type SimulatedViews, type SimulationConfig, simulate } from "../data/simulation.js";
import { describeEngine, startEngine } from "../engine/backend.js";
import { fold, type Key, seedKey, unitVectors } from "../engine/random.js";
import { conditionalPriorKl, embedViews } from "../evaluation/embed.js";
import { type LatentDiagnostics, latentDiagnostics } from "../evaluation/latent-diagnostics.js";
import { type ProbeConfig, probeAccuracy } from "../evaluation/predictors/mlp-probe.js";
import type { FlatParameters } from "../layers/parameters.js";
import { sigregForms } from "../losses/sigreg.js";
import type { TermWeights } from "../losses/term.js";
import type { VarJepaConfig } from "../models/var-jepa.js";
import type { Latent, VariantName } from "../papers/var-jepa/simulation-variants.js";
import { fit } from "../training/fit.js";
import type { TrainingSettings } from "../training/fit-task.js";

/** Everything that fixes one run. */
export interface SimulationRunInput {
  readonly variant: VariantName;
  /** 0, 1, … : the same run number means the same world, start weights and noise for every variant. */
  readonly run: number;
  readonly seed: number;
  readonly data: SimulationConfig;
  readonly model: Omit<VarJepaConfig, "dx" | "dy" | "d" | "dz">;
  readonly objective: TermWeights;
  readonly training: TrainingSettings;
  readonly probe: ProbeConfig;
  /** What the probe sees: the noise-free path s_x = μ, z = μ, s_y = μ, or one posterior sample. */
  readonly probeOn: "means" | "samples";
}

/** Diagnostics of one latent plus how much of the class a probe finds in it. */
export interface LatentResult extends LatentDiagnostics {
  /** Accuracy of the probe with `probe.hidden` hidden units, and of a linear one, on what `probeOn` says. */
  readonly accuracy: number;
  readonly linearAccuracy: number;
}

/** One epoch of training: averaged terms in nats and the diagnostics of both latents. */
export interface EpochResult {
  readonly epoch: number;
  readonly terms: Readonly<Record<string, number>>;
  readonly latents: Readonly<Record<Latent, LatentDiagnostics>>;
}

/** What one run measures. */
export interface SimulationRunResult {
  readonly variant: VariantName;
  readonly run: number;
  readonly latents: Readonly<Record<Latent, LatentResult>>;
  /** Mean KL(q(s_y|s_x,z,y) ‖ p(s_y|s_x,z)) over the evaluation rows, in nats. */
  readonly conditionalKl: number;
  readonly history: readonly EpochResult[];
  readonly engine: string;
  /** Wall-clock time, and processor time of this process, which other work on the machine does not stretch. */
  readonly seconds: number;
  readonly cpuSeconds: number;
}

const latents: readonly Latent[] = ["sx", "sy"];

/** Runs one variant once; `report` gets the share of the epochs that are made. */
export async function run(
  input: SimulationRunInput,
  report: (share: number) => void,
): Promise<SimulationRunResult> {
  const began = performance.now();
  const cpuBefore = process.cpuUsage();
  const engine = describeEngine({ ...(await startEngine()), workers: 1 });
  const key = fold(seedKey(input.seed), input.run);
  const { train, evaluation } = simulate(fold(key, "data"), input.data);
  const model: VarJepaConfig = {
    ...input.model,
    dx: input.data.dObserved,
    dy: input.data.dObserved,
    d: input.data.d,
    dz: input.data.dz,
  };
  const measure = (parameters: FlatParameters) =>
    diagnose(parameters, model, evaluation, fold(key, "evaluation"));

  const history: EpochResult[] = [];
  const { objective, training } = input;
  const { parameters: weights } = await fit("var-jepa", train, {
    model,
    objective,
    training,
    seed: fold(key, "model"),
    onEpoch: ({ epoch, terms }, parameters) => {
      history.push({ epoch, terms, latents: measure(parameters) });
      report(epoch / training.epochs);
    },
  });
  const diagnostics = measure(weights);
  const accuracies = await probeBoth(fold(key, "probe"), weights, model, train, evaluation, input);
  const conditionalKl = conditionalPriorKl(weights, model, evaluation, fold(key, "evaluation"));
  const cpu = process.cpuUsage(cpuBefore);
  return {
    variant: input.variant,
    run: input.run,
    latents: {
      sx: { ...diagnostics.sx, ...accuracies.sx },
      sy: { ...diagnostics.sy, ...accuracies.sy },
    },
    conditionalKl,
    history,
    engine,
    seconds: (performance.now() - began) / 1000,
    cpuSeconds: (cpu.user + cpu.system) / 1e6,
  };
}

/** Diagnostics of one posterior sample per evaluation row. */
function diagnose(
  parameters: FlatParameters,
  model: VarJepaConfig,
  views: SimulatedViews,
  key: Key,
): Record<Latent, LatentDiagnostics> {
  const sample = embedViews(parameters, model, views, fold(key, "noise"));
  const directions = unitVectors(fold(key, "directions"), sigregForms["var-jepa"].directions, model.d);
  return {
    sx: latentDiagnostics(sample.sx, model.d, directions),
    sy: latentDiagnostics(sample.sy, model.d, directions),
  };
}

/** Probe accuracies for the class c. */
async function probeBoth(
  key: Key,
  parameters: FlatParameters,
  model: VarJepaConfig,
  train: SimulatedViews,
  evaluation: SimulatedViews,
  { probe, probeOn }: SimulationRunInput,
): Promise<Record<Latent, Pick<LatentResult, "accuracy" | "linearAccuracy">>> {
  const noiseOf = (label: string) => (probeOn === "samples" ? fold(key, label) : undefined);
  const fitted = embedViews(parameters, model, train, noiseOf("fitted"));
  const scored = embedViews(parameters, model, evaluation, noiseOf("scored"));
  const score = (latent: Latent, hidden: number) =>
    probeAccuracy(
      fold(key, latent),
      model.d,
      { latents: fitted[latent], labels: train.labels },
      { latents: scored[latent], labels: evaluation.labels },
      { ...probe, hidden },
    );
  const results = {} as Record<Latent, Pick<LatentResult, "accuracy" | "linearAccuracy">>;
  for (const latent of latents)
    results[latent] = {
      accuracy: await score(latent, probe.hidden),
      linearAccuracy: await score(latent, 0),
    };
  return results;
}
