import { checkChoice, checkNumber, checkWhole } from "../../checks.js";
import { checkTransformer, type TransformerConfig } from "../../layers/transformer.js";

/** Sizes and choices of the transformer model, whatever its tokens are. */
export interface TokenModelConfig {
  /** Context encoder and target posterior, one stack each; its width is d, the dimensions of s_x, s_w and z. */
  readonly encoder: TransformerConfig;
  /** Predictor; its width is Lp. */
  readonly predictor: TransformerConfig;
  /** N_CLS, learned tokens in front of every encoder's sequence. */
  readonly clsTokens: number;
  /**
   * Factor on the start values of tokenizer and CLS tokens, 1 when left out. Uniform on ±1/√d their deviation is 1/√(3d), a tenth
   * of the positions' 1/√2 at d = 64.
   */
  readonly tokenScale?: number;
  /** L_pool, tokens that s_x is pooled to. */
  readonly poolTokens: number;
  /** Layers (Linear, LayerNorm, GELU) of the auxiliary encoder before its heads. */
  readonly auxiliaryLayers: number;
  /** Samples of s_w per step that L_gen averages over; Algorithm 1 draws one for each of the K targets. */
  readonly targetSamples: number;
  /** Whether the decoders' scales σ_x and σ_y are learned scalars, learned for every token, or stay at their start value. */
  readonly sigma: "learned" | "per token" | "fixed";
  /** Start value of log σ_x and log σ_y. */
  readonly initialLogSigma: number;
  /** Bound B on every log variance, applied smoothly as B·tanh(v/B). */
  readonly logVarianceBound: number;
}

/** @throws naming the field that makes no sense. */
export function checkTokenModel(config: TokenModelConfig): void {
  checkTransformer("encoder", config.encoder);
  checkTransformer("predictor", config.predictor);
  for (const field of ["clsTokens", "poolTokens", "auxiliaryLayers", "targetSamples"] as const)
    checkWhole(field, config[field], 1, 1024);
  if (config.tokenScale !== undefined) checkNumber("tokenScale", config.tokenScale, 1e-3, 1e3);
  checkChoice("sigma", config.sigma, ["learned", "per token", "fixed"]);
  // Beyond these, exp leaves single precision.
  checkNumber("initialLogSigma", config.initialLogSigma, -40, 40);
  checkNumber("logVarianceBound", config.logVarianceBound, 1e-3, 80);
}
