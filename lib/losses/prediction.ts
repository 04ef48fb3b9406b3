/** What a JEPA without distributions minimises: how far its predicted tokens are from those of the target encoder. */
import * as tf from "../engine/tf.js";
import { meanTerm } from "./term.js";

/** Tokens of all target features, `[tokens, d]` each. */
interface Predicted {
  readonly predicted: tf.Tensor2D;
  readonly wanted: tf.Tensor2D;
}

/** Mean squared error between predicted and target tokens (T-JEPA; Section 5 compares with it). */
export const prediction = meanTerm(({ predicted, wanted }: Predicted) =>
  tf.mean<tf.Scalar>(tf.square(tf.sub(predicted, wanted))),
);
