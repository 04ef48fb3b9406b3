/** The three KL terms, summed over latent dimensions and averaged over rows, in nats (Sections 3 and 5). */
import {
  crossEntropy,
  type DiagonalGaussian,
  entropy,
  kl,
  klToStandardNormal,
} from "../distributions/diagonal-gaussian.js";
import * as tf from "../engine/tf.js";
import type { TokenPass } from "../models/tokens/pass.js";
import { meanTerm } from "./term.js";

/** The distributions of a pass that the terms compare. */
interface Posteriors {
  readonly qSx: DiagonalGaussian;
  readonly qZ: DiagonalGaussian;
  readonly qSy: DiagonalGaussian;
  readonly pSy: DiagonalGaussian;
}

/** KL(q(s_x|x) ‖ N(0, I)) */
export const klSx = meanTerm(({ qSx }: Pick<Posteriors, "qSx">) =>
  tf.mean<tf.Scalar>(klToStandardNormal(qSx)),
);

/** KL(q(z|s_x) ‖ N(0, I)) */
export const klZ = meanTerm(({ qZ }: Pick<Posteriors, "qZ">) => tf.mean<tf.Scalar>(klToStandardNormal(qZ)));

/** KL(q(s_y|s_x,z,y) ‖ p(s_y|s_x,z)); of tokens the mean over the K targets and theirs. */
export const klSy = meanTerm(({ qSy, pSy }: Pick<Posteriors, "qSy" | "pSy">) =>
  tf.mean<tf.Scalar>(kl(qSy, pSy)),
);

/**
 * The prediction part of KL_sy alone: −E_q log p(s_y|s_x,z), summed over dimensions. Without the entropy beside it nothing keeps
 * q from a point, so that it falls without end but for the bound on the log variances.
 */
export const crossEntropySy = meanTerm(({ qSy, pSy }: Pick<Posteriors, "qSy" | "pSy">) =>
  tf.mean<tf.Scalar>(crossEntropy(qSy, pSy)),
);

/** The rest of KL_sy: minus the entropy of q(s_y|s_x,z,y). With equal weights it and `crossEntropySy` are `klSy`. */
export const negativeEntropySy = meanTerm(({ qSy }: Pick<Posteriors, "qSy">) =>
  tf.neg(tf.mean<tf.Scalar>(entropy(qSy))),
);

/** KL(q(s_x|x) ‖ N(0, I)) of tokens, mean over those in the context. The CLS tokens are not charged. */
export const contextKlSx = meanTerm(
  ({ qSx, masks }: TokenPass<unknown, unknown>, { clsTokens }: { readonly clsTokens: number }) => {
    const length = clsTokens + masks.contextSize;
    const share = 1 / (masks.rows * masks.contextSize);
    const weight = Float32Array.from({ length: masks.rows * length }, (_, i) =>
      i % length < clsTokens ? 0 : share,
    );
    return tf.sum<tf.Scalar>(tf.mul(klToStandardNormal(qSx), tf.tensor1d(weight)));
  },
);

/**
 * The s_y term in its two parts: KL = prediction − entropy, with (a) prediction −E_q log p(s_y|s_x,z), which a
 * plain JEPA keeps as its squared error, and (b) the entropy of q(s_y|s_x,z,y), which a plain JEPA lacks.
 */
export function splitSyTerm({ qSy, pSy }: Pick<Posteriors, "qSy" | "pSy">): {
  prediction: tf.Scalar;
  entropy: tf.Scalar;
} {
  return { prediction: tf.mean(crossEntropy(qSy, pSy)), entropy: tf.mean(entropy(qSy)) };
}
