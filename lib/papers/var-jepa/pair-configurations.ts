/**
 * From Var-JEPA back to a JEPA, and what keeps a JEPA from collapse, as data: each configuration is a few choices of the one model
 * of pairs (`lib/models/pairs/config.ts`) and the weights of its terms.
 */
import { elboWeights } from "../../losses/elbo-weights.js";
import type { TermWeights } from "../../losses/term.js";
import type { VarJepaConfig } from "../../models/var-jepa.js";
import type { ModelSettings } from "../../training/fit.js";
import type { TrainingSettings } from "../../training/fit-task.js";
import { simulationVariants, type VariantName, variantNames } from "./simulation-variants.js";

/** A model and its objective by name. */
export interface PairConfiguration {
  readonly label: string;
  /** Choices that go over the sizes of a study's model; `dz` 0 leaves z out. */
  readonly model: Pick<
    Partial<VarJepaConfig>,
    "dz" | "initialLogSigma" | "sigma" | "latents" | "target" | "targetDecay" | "prior" | "decoders"
  >;
  readonly objective: TermWeights;
  /** What goes over a study's training: SIGReg's form, how weights rise, how many bits are free. */
  readonly training?: Pick<TrainingSettings, "sigregForm" | "annealEpochs" | "freeBits">;
}

/** What can be taken away from the ELBO, in the order in which names list it. */
const parts = ["rec", "gen", "klSx", "klZ", "klSy", "entropy"] as const;
type Part = (typeof parts)[number];

/** The ELBO without some of its parts, which are still logged. The entropy of q(s_y|s_x,z,y) goes alone, the prediction stays. */
function without(...removed: readonly Part[]): readonly [name: string, PairConfiguration] {
  const names = parts.filter((part) => removed.includes(part));
  const { klSy, ...others } = Object.fromEntries(
    Object.entries(elboWeights).map(([term, weight]) => [term, names.includes(term as Part) ? 0 : weight]),
  );
  const objective = names.includes("entropy")
    ? { ...others, crossEntropySy: klSy, negativeEntropySy: 0 }
    : { ...others, klSy };
  return [`no-${names.join("-")}`, { label: `ELBO without ${names.join(", ")}`, model: {}, objective }];
}

const decodersFirst = [
  without("rec"),
  without("rec", "gen"),
  without("rec", "gen", "klSx"),
  without("rec", "gen", "klSx", "klZ"),
  without("rec", "gen", "klSx", "klZ", "entropy"),
];
const klFirst = [
  without("klSx"),
  without("klSx", "klZ"),
  without("klSx", "klZ", "entropy"),
  without("rec", "klSx", "klZ", "entropy"),
  without("rec", "gen", "klSx", "klZ", "entropy"),
];

const points = { latents: "deterministic", dz: 0, decoders: "none" } as const;
const jepa = { ...points, target: "shared" } as const;
const prediction = { prediction: 1 };
const twoVaes = { prior: "standard", dz: 0 } as const;
const twoVaesObjective = { rec: 1, gen: 1, klSx: 1, klSy: 1 };
const letters = Object.fromEntries(
  variantNames.map((name) => [name, { ...simulationVariants[name], model: {} }]),
) as Record<VariantName, PairConfiguration>;

const average = (decay: number): PairConfiguration => ({
  label: `JEPA, the target encoder an average of the context encoder, decay ${decay}`,
  model: { ...jepa, targetDecay: decay },
  objective: prediction,
});
const decoded = (decoders: "x" | "y" | "both", objective: TermWeights): PairConfiguration => ({
  label: `JEPA + a decoder of ${decoders === "both" ? "x and of y" : decoders}`,
  model: { ...jepa, decoders },
  objective: { ...prediction, ...objective },
});

/** Every named configuration. */
export const pairConfigurations: Readonly<Record<string, PairConfiguration>> = {
  ...letters,
  "var-jepa": letters.A,
  ...Object.fromEntries(parts.map((part) => without(part))),
  ...Object.fromEntries([...decodersFirst, ...klFirst]),
  points: {
    label: "points in place of Gaussians, the target's still seen together with s_x",
    model: points,
    objective: prediction,
  },
  "jepa-own": {
    label: "JEPA, each view with an encoder of its own",
    model: { ...points, target: "own" },
    objective: prediction,
  },
  jepa: { label: "JEPA, one encoder for both views", model: jepa, objective: prediction },
  "jepa-stop-gradient": {
    label: "JEPA, no gradient through the target",
    model: { ...jepa, targetDecay: 0 },
    objective: prediction,
  },
  "jepa-ema-0.9": average(0.9),
  "jepa-ema-0.99": average(0.99),
  "jepa-ema-0.996": average(0.996),
  "jepa-frozen": {
    label: "JEPA, a frozen random target: what a stop-gradient makes of a target encoder of its own",
    model: { ...points, target: "own", targetDecay: 1 },
    objective: prediction,
  },
  "vicreg-jepa": {
    label: "JEPA + VICReg (weights 25, 25, 1 of its paper)",
    model: jepa,
    objective: { prediction: 25, varianceSx: 25, varianceSy: 25, covarianceSx: 1, covarianceSy: 1 },
  },
  "le-jepa": {
    label: "JEPA + SIGReg in LeJEPA's form (λ = .02 of its minimal example, the mean over both views)",
    model: jepa,
    objective: { prediction: 0.98, sigregSx: 0.01, sigregSy: 0.01 },
    training: { sigregForm: "lejepa" },
  },
  "le-jepa-mse": {
    label: "JEPA + SIGReg in this paper's form (λ = 10, Section 6.1)",
    model: jepa,
    objective: { prediction: 1, sigregSx: 10, sigregSy: 10 },
    training: { sigregForm: "var-jepa" },
  },
  "jepa-rec": decoded("x", { rec: 1 }),
  "jepa-gen": decoded("y", { gen: 1 }),
  "jepa-rec-gen": decoded("both", { rec: 1, gen: 1 }),
  "coupled-vae": {
    label: "VAEs of x and y coupled by q(s_y|s_x,y) alone: no predictor, N(0, I) as prior of both",
    model: twoVaes,
    objective: twoVaesObjective,
  },
  vae: {
    label: "a VAE of x and a VAE of y, not coupled",
    model: { ...twoVaes, target: "own" },
    objective: twoVaesObjective,
  },
  ae: {
    label: "an autoencoder of x and one of y",
    model: { ...twoVaes, target: "own", latents: "deterministic" },
    objective: { rec: 1, gen: 1 },
  },
};

/** The ELBO without one of its parts. */
export const singleRemovals: readonly string[] = parts.map((part) => without(part)[0]);

/** Both ways from the ELBO to a JEPA, step by step: what is left when one more part is gone. */
export const removalOrders = {
  decodersFirst: ["A", ...decodersFirst.map(([name]) => name), "points", "jepa-own", "jepa"],
  klFirst: ["A", ...klFirst.map(([name]) => name), "points", "jepa-own", "jepa"],
} as const satisfies Record<string, readonly string[]>;

/** The JEPA and what is put beside it so that it does not collapse. */
export const safeguards: readonly string[] = [
  "jepa",
  "jepa-stop-gradient",
  "jepa-ema-0.9",
  "jepa-ema-0.99",
  "jepa-ema-0.996",
  "jepa-frozen",
  "vicreg-jepa",
  "le-jepa",
  "le-jepa-mse",
  "jepa-rec",
  "jepa-gen",
  "jepa-rec-gen",
];

/**
 * The configuration of a name.
 * @throws when there is none.
 */
export function pairConfigurationOf(name: string): PairConfiguration {
  if (!Object.hasOwn(pairConfigurations, name))
    throw new Error(`configuration is "${name}"; use one of ${Object.keys(pairConfigurations).join(", ")}`);
  return pairConfigurations[name];
}

/**
 * A model, its objective and its training, as `fit` takes them.
 * @param configuration one, or its name
 * @param base sizes and training of a study, which the configuration goes over
 * @throws when there is no configuration of that name.
 */
export function pairSettings(
  configuration: string | PairConfiguration,
  base: Pick<ModelSettings<VarJepaConfig>, "model" | "training">,
): ModelSettings<VarJepaConfig> {
  const { model, objective, training } =
    typeof configuration === "string" ? pairConfigurationOf(configuration) : configuration;
  return {
    model: { ...base.model, ...model },
    objective,
    training: { ...base.training, ...training },
  };
}
