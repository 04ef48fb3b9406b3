/** What a run of the playground is made from: what is fixed when it starts, and what can be turned while it goes on. Loads no engine. */
import { type PairTerm, pairTermNames, usefulPairTerms } from "../../lib/losses/pair-terms.js";
import { choicesOf, type VarJepaConfig, varJepaDefaults } from "../../lib/models/pairs/config.js";
import { pairConfigurationOf, pairSettings } from "../../lib/papers/var-jepa/pair-configurations.js";
import type { ModelSettings } from "../../lib/training/fit.js";
import { halfPixels } from "./digits.js";

export const dataSets = ["simulation", "digits"] as const;
export const latentSizes = [2, 4, 8, 16] as const;

/** What is fixed when a run starts. */
export interface Start {
  /** Pairs of views of the paper's simulation (Section 6.1), or the left and right halves of handwritten digits. */
  readonly data: (typeof dataSets)[number];
  /** Name of one of `pairConfigurations`. */
  readonly configuration: string;
  /** Dimensions of s_x and s_y; z has half as many, and the simulation's views have twice as many, as in the paper. */
  readonly d: number;
  /** Source of the data, the start weights, the order of rows and all noise. */
  readonly seed: number;
  /** `best` takes relaxed SIMD where there is some; `plain` gives the same numbers everywhere. */
  readonly kernels: "best" | "plain";
}

/** Terms whose weight can be turned: all but those with free bits, which say nothing without a setting of their own. */
export type KnobTerm = Exclude<PairTerm, `freeBits${string}`>;
export const knobTerms = pairTermNames.filter((term): term is KnobTerm => !term.startsWith("freeBits"));

/** Those of them that a model has a use for. */
export function usefulKnobTerms(model: VarJepaConfig): KnobTerm[] {
  const useful = usefulPairTerms(model);
  return knobTerms.filter((term) => useful.includes(term));
}

/** What can be turned: the weight of a term, the learning rate, the decoders' noise, the decay of the target encoder's average. */
export type KnobName = KnobTerm | "learningRate" | "decoderNoise" | "targetDecay";

/** The knobs that a configuration has, each with its value. `decoderNoise` 0 leaves log σ_x and log σ_y to be learned. */
export type Knobs = Readonly<Partial<Record<KnobName, number>>>;

export const defaultStart: Start = {
  data: "simulation",
  configuration: "A",
  d: 4,
  seed: 1,
  kernels: "best",
};

/** Whether two runs have the same data, model and objective. */
export function sameModel(a: Start, b: Start): boolean {
  return a.data === b.data && a.configuration === b.configuration && a.d === b.d;
}

/** Seeds are whole numbers from 0 to this. */
export const mostSeed = 999_999;

/** Most steps of a run. */
export const mostSteps = 20_000;

/** Rows of a batch. */
export const batchSize = 128;

/** Least and most of each knob. */
export const knobBounds: Readonly<Record<KnobName, readonly [least: number, most: number]>> = {
  ...(Object.fromEntries(knobTerms.map((term) => [term, [0, 1000]])) as Record<KnobTerm, [0, 1000]>),
  learningRate: [1e-5, 0.1],
  decoderNoise: [0, 10],
  targetDecay: [0, 1],
};

/** Least noise that a decoder can be fixed at; 0, below it, stands for a learned one. */
export const leastDecoderNoise = 0.01;

/** Model, objective and training of a run, as `fit` takes them. */
export function settingsOf({ data, configuration, d }: Start): ModelSettings<VarJepaConfig> {
  const observed = data === "digits" ? halfPixels : 2 * d;
  return pairSettings(configuration, {
    model: { ...varJepaDefaults, dx: observed, dy: observed, d, dz: d / 2, hidden: 64 },
    training: {
      epochs: Math.ceil((mostSteps * batchSize) / trainRows),
      batchSize,
      microBatch: batchSize,
      learningRate: 1e-3,
      weightDecay: 1e-6,
    },
  });
}

/** Rows that are trained on, and other rows that are drawn and measured. */
export const trainRows = 2048;
export const shownRows = 300;

/** The knobs of a configuration as it sets them. */
export function knobsOf(start: Start): Knobs {
  const { model, objective, training } = settingsOf(start);
  const { target, decodes } = choicesOf(model);
  return {
    ...Object.fromEntries(usefulKnobTerms(model).map((term) => [term, objective[term] ?? 0])),
    learningRate: training.learningRate,
    ...((decodes.x || decodes.y) && { decoderNoise: 0 }),
    ...(target === "shared" && model.targetDecay !== undefined && { targetDecay: model.targetDecay }),
  };
}

/** The terms whose value is known under these knobs: those of the configuration's objective, and those that have a weight. */
export function measuredTerms({ configuration }: Start, knobs: Knobs): KnobTerm[] {
  const { objective } = pairConfigurationOf(configuration);
  return knobTerms.filter((term) => term in objective || (knobs[term] ?? 0) > 0);
}

/** Whether every weight is 0. */
export function minimisesNothing(knobs: Knobs): boolean {
  return knobTerms.every((term) => !knobs[term]);
}
