/** log σ_x and log σ_y, one scalar per decoder path: the scale of what is continuous. */
import * as tf from "../../engine/tf.js";
import type { InitialParameter, Parameters } from "../../layers/weights.js";
import type { TokenModelConfig } from "./config.js";
import type { DecoderPath } from "./modality.js";

type ScaleConfig = Pick<TokenModelConfig, "sigma" | "initialLogSigma">;

/** Start value of a learned log σ; a fixed one has no parameter. */
export function initialLogSigma(path: DecoderPath, config: ScaleConfig): Record<string, InitialParameter> {
  return config.sigma === "learned"
    ? { [`${path}.logSigma`]: { shape: [], values: Float32Array.of(config.initialLogSigma) } }
    : {};
}

/** log σ of a path: a learned parameter, or the start value when the configuration fixes it. */
export function logSigma(parameters: Parameters, path: DecoderPath, config: ScaleConfig): tf.Scalar {
  return config.sigma === "learned"
    ? (parameters[`${path}.logSigma`] as tf.Scalar)
    : tf.scalar(config.initialLogSigma);
}
