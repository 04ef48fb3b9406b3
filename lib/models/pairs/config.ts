/**
 * One family of models of pairs (x, y), from Var-JEPA down to what is left of it when its parts are taken away one by one: a JEPA,
 * two VAEs, an autoencoder. Sizes, and six choices that are Var-JEPA's where they are left out, so that a configuration
 * without them means what it always meant. What is minimised is the objective's choice, not the model's.
 */
import { checkChoice, checkNumber, checkRecord, checkWhole } from "../../checks.js";
import type { ActivationName } from "../../layers/mlp.js";

/** Sizes and choices of a model of pairs. */
export interface VarJepaConfig {
  /** Dimensions of the context x and of the target y. */
  readonly dx: number;
  readonly dy: number;
  /** Dimensions of s_x and s_y, and of the auxiliary latent z; 0 leaves z out. */
  readonly d: number;
  readonly dz: number;
  /** Width of each hidden layer, and how many hidden layers each network has. */
  readonly hidden: number;
  readonly hiddenLayers: number;
  /** Nonlinearity between layers. */
  readonly activation: ActivationName;
  /** Start value of log σ_x and log σ_y, the decoders' scales. */
  readonly initialLogSigma: number;
  /** Whether log σ_x and log σ_y are learned (left out), or stay where they start. */
  readonly sigma?: "learned" | "fixed";
  /** Bound B on every log variance, applied smoothly as B·tanh(v/B). */
  readonly logVarianceBound: number;
  /** What encoders and predictor give: diagonal Gaussians (left out), or points, which are Gaussians without variance. */
  readonly latents?: "gaussian" | "deterministic";
  /**
   * What s_y is inferred by: the posterior q(s_y|s_x,z,y) (left out), an encoder of y alone with parameters of its own, or the
   * context encoder, which both views then share.
   */
  readonly target?: "posterior" | "own" | "shared";
  /**
   * Left out, the gradient reaches the encoder of y. Otherwise none does: y is encoded by a moving average of the parameters,
   * that of the step before with decay 0 (stop-gradient), that of the start with decay 1 (a frozen random target), between
   * them an exponential moving average. An encoder of its own that no gradient reaches never moves, so it is only ever frozen.
   */
  readonly targetDecay?: number;
  /** The prior of s_y: the predictor's p(s_y|s_x,z) (left out), or N(0, I), with which there is no predictor. */
  readonly prior?: "predictor" | "standard";
  /** Which views are decoded; both where it is left out. */
  readonly decoders?: "both" | "x" | "y" | "none";
}

/** The model of the simulation study. */
export const varJepaDefaults: VarJepaConfig = {
  dx: 32,
  dy: 32,
  d: 16,
  dz: 8,
  hidden: 128,
  hiddenLayers: 1,
  activation: "gelu",
  initialLogSigma: 0,
  logVarianceBound: 16,
};

/** The choices of a configuration, those left out filled in. */
export function choicesOf({
  latents = "gaussian",
  target = "posterior",
  prior = "predictor",
  decoders = "both",
  sigma = "learned",
}: VarJepaConfig) {
  const decodes = { x: decoders === "both" || decoders === "x", y: decoders === "both" || decoders === "y" };
  return { latents, target, prior, decodes, sigma } as const;
}

/** @throws naming the field that makes no sense, alone or beside another one, and the fix. */
export function checkVarJepa(config: VarJepaConfig): void {
  checkRecord("the configuration", config);
  for (const field of ["dx", "dy", "d", "hidden"] as const) checkWhole(field, config[field], 1, 65_536);
  checkWhole("dz", config.dz, 0, 65_536);
  checkWhole("hiddenLayers", config.hiddenLayers, 1, 512);
  checkChoice("activation", config.activation, ["gelu", "relu", "tanh"]);
  checkNumber("initialLogSigma", config.initialLogSigma, -40, 40);
  checkNumber("logVarianceBound", config.logVarianceBound, 1e-3, 80);
  const { dx, dy, dz, targetDecay, decoders = "both" } = config;
  const { latents, target, prior, sigma } = choicesOf(config);
  checkChoice("latents", latents, ["gaussian", "deterministic"]);
  checkChoice("target", target, ["posterior", "own", "shared"]);
  checkChoice("prior", prior, ["predictor", "standard"]);
  checkChoice("decoders", decoders, ["both", "x", "y", "none"]);
  checkChoice("sigma", sigma, ["learned", "fixed"]);
  if (latents === "deterministic" && dz > 0)
    throw new Error(
      `dz is ${dz}; a deterministic z tells the predictor nothing that s_x does not, so set dz to 0`,
    );
  if (target === "shared" && dx !== dy)
    throw new Error(
      `target is "shared", but x has ${dx} dimensions and y ${dy}; one encoder cannot read both, so use "own"`,
    );
  if (targetDecay === undefined) return;
  checkNumber("targetDecay", targetDecay, 0, 1);
  if (target === "posterior")
    throw new Error(
      `targetDecay is ${targetDecay}, but target is "posterior", which needs its gradient; use "shared" or "own", or leave targetDecay out`,
    );
  if (target === "own" && targetDecay < 1)
    throw new Error(
      `targetDecay is ${targetDecay}, but an encoder of its own that no gradient reaches never moves; say so with 1, or set target to "shared"`,
    );
  if (prior === "standard")
    throw new Error(
      `targetDecay is ${targetDecay}, but with prior "standard" nothing predicts that target; leave targetDecay out, or set prior to "predictor"`,
    );
}
