/**
 * The three KL terms with free bits (Kingma et al., "Improved variational inference with inverse autoregressive flow", 2016,
 * Section C.8): Σ_j max(λ, KL_j), KL_j that of dimension j in the mean over a batch. A dimension that costs less than λ has no
 * gradient, so that nothing presses it to the prior. λ is the training's `freeBits`, in nats; with 0 the terms are `klSx`, `klZ`, `klSy`.
 */
import { type DiagonalGaussian, klByDimension } from "../distributions/diagonal-gaussian.js";
import * as tf from "../engine/tf.js";
import type { VarJepaPass } from "../models/var-jepa.js";
import type { Term } from "./term.js";

type Posteriors = Pick<VarJepaPass, "qSx" | "qZ" | "qSy" | "pSy">;

const freeBitsTerm = (
  compared: (pass: Posteriors) => readonly [q: DiagonalGaussian, p: DiagonalGaussian],
): Term<Posteriors> => ({
  over: "batch",
  value: (pass, _, { freeBits = 0 }) => {
    const means = tf.mean(klByDimension(...compared(pass)), 0);
    return tf.sum(tf.add(tf.relu(tf.sub(means, freeBits)), freeBits));
  },
});

const besideStandard = (q: DiagonalGaussian) => {
  const zeros = tf.zerosLike(q.mean);
  return [q, { mean: zeros, logVariance: zeros }] as const;
};

/** KL(q(s_x|x) ‖ N(0, I)) with free bits. */
export const freeBitsSx = freeBitsTerm(({ qSx }) => besideStandard(qSx));
/** KL(q(z|s_x) ‖ N(0, I)) with free bits. */
export const freeBitsZ = freeBitsTerm(({ qZ }) => besideStandard(qZ));
/** KL(q(s_y|s_x,z,y) ‖ p(s_y|s_x,z)) with free bits. */
export const freeBitsSy = freeBitsTerm(({ qSy, pSy }) => [qSy, pSy]);
