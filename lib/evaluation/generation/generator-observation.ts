import { checkObservations, takeRows } from "../../data/rows.js";
import * as tf from "../../engine/tf.js";
import { loadParameters } from "../../families/load-parameters.js";
import type { Pairs } from "../../families/var-jepa.js";
import type { FlatParameters } from "../../layers/parameters.js";
import { generateTarget, type VarJepaConfig } from "../../models/var-jepa.js";
import type { NonlinearGaussian } from "./laplace.js";

/**
 * What a trained model generates from x as a nonlinear Gaussian observation model of y: with the noise of the path
 * s_x = μ(x) + σ(x) ε_1, z = ε_2, s_y = μ_p(s_x, z) + σ_p(s_x, z) ε_3 as latents, p(y|x) is
 * ∫ N(ε; 0, I) N(y; U(s_y), σ_y² I) dε, the same density as that of `importanceWeights`.
 * @param pairs rows to be observed
 * @returns the model for `laplaceWeights` with n = 2d + dz latents [ε_1, ε_2, ε_3]; `dispose` frees its tensors
 * @throws when the pairs do not fit the model.
 */
export function generatorObservation(
  weights: FlatParameters,
  config: VarJepaConfig,
  { rows, x, y }: Pairs,
): NonlinearGaussian & { readonly dispose: () => void } {
  const { dx, dy, d, dz } = config;
  checkObservations("x", x, rows, dx);
  checkObservations("y", y, rows, dy);
  const parameters = loadParameters(weights);
  return {
    rows,
    latents: 2 * d + dz,
    outputs: dy,
    observed: y,
    deviation: Math.exp(parameters.logSigmaY.dataSync()[0]),
    mean: (latents, row) => {
      const yMean = tf.tidy(() => {
        const contexts = takeRows(x, dx, row);
        const [sx, z, sy] = tf.split<tf.Tensor2D>(
          tf.tensor2d(latents, [row.length, 2 * d + dz]),
          [d, dz, d],
          1,
        );
        return generateTarget(parameters, config, contexts, { sx, z, sy }).yMean;
      });
      const values = yMean.dataSync<"float32">().slice();
      yMean.dispose();
      return values;
    },
    dispose: () => tf.dispose(parameters),
  };
}
