/** The two reconstruction terms, L_rec = −E log p(x|s_x) and L_gen = −E log p(y|s_y), in nats (Sections 3 and 5). */
import { isotropicLogProb } from "../distributions/diagonal-gaussian.js";
import * as tf from "../engine/tf.js";
import type { VarJepaPass } from "../models/var-jepa.js";
import { meanNegativeLogLikelihood } from "../models/var-t-jepa/decoders.js";
import type { TableShape } from "../models/var-t-jepa/table.js";
import type { VarTJepaPass } from "../models/var-t-jepa/var-t-jepa.js";
import { meanTerm } from "./term.js";

/** L_rec of pairs, summed over the dimensions of x. */
export const rec = meanTerm(({ x, xMean, logSigmaX }: VarJepaPass) =>
  tf.neg(tf.mean<tf.Scalar>(isotropicLogProb(xMean, logSigmaX, x))),
);

/** L_gen of pairs, summed over the dimensions of y. */
export const gen = meanTerm(({ y, yMean, logSigmaY }: VarJepaPass) =>
  tf.neg(tf.mean<tf.Scalar>(isotropicLogProb(yMean, logSigmaY, y))),
);

/** What a likelihood must know of a table. */
interface OfTable {
  readonly table: TableShape;
}

/** L_rec of a table: −E log p(x_j|s_x), mean over the features in the context. */
export const tableRec = meanTerm(({ input, contextDecoded, logSigmaX }: VarTJepaPass, { table }: OfTable) =>
  meanNegativeLogLikelihood(contextDecoded, table, input, logSigmaX),
);

/** L_gen of a table: −E log p(w_j|s_w), mean over all D features and the samples of s_w. */
export const tableGen = meanTerm(({ input, targetDecoded, logSigmaY }: VarTJepaPass, { table }: OfTable) =>
  meanNegativeLogLikelihood(targetDecoded, table, input, logSigmaY),
);
