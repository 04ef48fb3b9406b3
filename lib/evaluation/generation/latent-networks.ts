/** The networks of a Var-JEPA of pairs one by one, for draws and densities that take another path than training does. */
import type { DiagonalGaussian } from "../../distributions/diagonal-gaussian.js";
import * as tf from "../../engine/tf.js";
import { applyGaussianHead } from "../../layers/gaussian-head.js";
import { applyMlp } from "../../layers/mlp.js";
import type { Parameters } from "../../layers/parameters.js";
import type { VarJepaConfig } from "../../models/var-jepa.js";

/** q(s_x|x), q(z|s_x), q(s_y|s_x,z,y), p(s_y|s_x,z) and the means of p(x|s_x) and p(y|s_y), each of `[rows, ·]`. */
export interface LatentNetworks {
  readonly qSx: (x: tf.Tensor2D) => DiagonalGaussian;
  readonly qZ: (sx: tf.Tensor2D) => DiagonalGaussian;
  readonly qSy: (sx: tf.Tensor2D, z: tf.Tensor2D, y: tf.Tensor2D) => DiagonalGaussian;
  readonly pSy: (sx: tf.Tensor2D, z: tf.Tensor2D) => DiagonalGaussian;
  readonly xMean: (sx: tf.Tensor2D) => tf.Tensor2D;
  readonly yMean: (sy: tf.Tensor2D) => tf.Tensor2D;
}

/** The networks that `passVarJepa` goes through (Section 3). */
export function latentNetworks(
  parameters: Parameters,
  { activation, logVarianceBound }: VarJepaConfig,
): LatentNetworks {
  const gaussian = (name: string, ...inputs: tf.Tensor2D[]) => {
    const told = inputs.filter(({ shape }) => shape[1] > 0);
    const trunk = applyMlp(parameters, name, tf.concat(told, 1), activation, true);
    return applyGaussianHead(parameters, name, trunk, logVarianceBound);
  };
  return {
    qSx: (x) => gaussian("contextEncoder", x),
    qZ: (sx) => gaussian("auxiliaryEncoder", sx),
    qSy: (sx, z, y) => gaussian("targetPosterior", sx, z, y),
    pSy: (sx, z) => gaussian("predictor", sx, z),
    xMean: (sx) => applyMlp(parameters, "contextDecoder", sx, activation),
    yMean: (sy) => applyMlp(parameters, "targetDecoder", sy, activation),
  };
}
