/** The two reconstruction terms, L_rec = −E log p(x|s_x) and L_gen = −E log p(y|s_y), in nats (Sections 3 and 5). */
import { isotropicLogProb } from "../distributions/diagonal-gaussian.js";
import * as tf from "../engine/tf.js";
import type { TokenPass } from "../models/tokens/pass.js";
import type { VarJepaPass } from "../models/var-jepa.js";
import { meanTerm } from "./term.js";

/** L_rec of pairs that are decoded, summed over the dimensions of x. */
export const rec = meanTerm(({ x, xMean, logSigmaX }: Required<VarJepaPass>) =>
  tf.neg(tf.mean<tf.Scalar>(isotropicLogProb(xMean, logSigmaX, x))),
);

/** L_gen of pairs that are decoded, summed over the dimensions of y. */
export const gen = meanTerm(({ y, yMean, logSigmaY }: Required<VarJepaPass>) =>
  tf.neg(tf.mean<tf.Scalar>(isotropicLogProb(yMean, logSigmaY, y))),
);

/** What a pass on tokens offers: −log p of x, of w and of y as it is predicted, averaged over tokens by its modality. */
type Likelihoods = Pick<
  TokenPass<unknown, unknown>,
  "negativeLogX" | "negativeLogW" | "negativeLogY" | "negativeLogYAtMean"
>;

/** L_rec of tokens: −E log p(x_j|s_x), mean over the tokens in the context. */
export const tokenRec = meanTerm(({ negativeLogX }: Likelihoods) => negativeLogX());

/** L_gen of tokens: −E log p(w_j|s_w), mean over all D tokens and the samples of s_w. */
export const tokenGen = meanTerm(({ negativeLogW }: Likelihoods) => negativeLogW());

/**
 * −E log p(y_j|s_x,z), mean over the K targets and theirs: y as the predictor generates it, without a look at y. Like
 * L_gen + KL_sy it is at least −log p(y|x), and so is every average of the two (Sohn, Lee & Yan 2015); not one of the paper's terms.
 */
export const tokenPredictive = meanTerm(({ negativeLogY }: Likelihoods) => negativeLogY());

/**
 * −log p(y_j|s_y) at the mean of p(s_y|s_x,z), mean over the K targets and theirs: of Gaussian decoders the squared error of the
 * prediction in units of σ_y. Neither a term of the paper nor a bound on −log p(y|x). In L_gen + KL_sy a large variance of the
 * predictor explains what its mean does not know yet, and divides the gradient of that mean (Seitzer et al. 2022); here it does not.
 */
export const tokenPredictedMean = meanTerm(({ negativeLogYAtMean }: Likelihoods) => negativeLogYAtMean());
