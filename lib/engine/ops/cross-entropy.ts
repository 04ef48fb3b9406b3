import { fusedKernels } from "../fused.js";
import * as tf from "../tf.js";
import { oneHot } from "./one-hot.js";
import { withGradient } from "./with-gradient.js";

/**
 * −log softmax(logits)[label] per row, in nats.
 * @param logits `[rows, classes]`
 * @param labels `[rows]`, 0 ≤ label < classes
 * @returns `[rows]`
 * @throws when a label lies outside or their number is not that of the rows.
 */
export function softmaxCrossEntropy(logits: tf.Tensor2D, labels: Int32Array): tf.Tensor1D {
  const [rows, classes] = logits.shape;
  if (labels.length !== rows)
    throw new Error(`softmaxCrossEntropy: ${labels.length} labels for ${rows} rows`);
  for (let i = 0; i < rows; i++)
    if (labels[i] < 0 || labels[i] >= classes)
      throw new Error(
        `softmaxCrossEntropy: label ${labels[i]} of row ${i} is outside the ${classes} classes`,
      );
  const fused = fusedKernels();
  return withGradient<tf.Tensor1D>([logits], () => {
    if (!fused) {
      const chosen = oneHot(tf.tensor1d(labels, "int32"), classes);
      const logProbabilities = tf.logSoftmax(logits);
      return {
        value: tf.neg(tf.sum<tf.Tensor1D>(tf.mul(logProbabilities, chosen), 1)),
        saved: [tf.sub(tf.exp(logProbabilities), chosen)],
        gradient: (upstream, [slope]) => [tf.mul(tf.expandDims(upstream, 1), slope)],
      };
    }
    const { run, at, output } = fused;
    const where = tf.tensor1d(labels, "int32");
    const [loss, probabilities] = [output<tf.Tensor1D>([rows]), output([rows, classes])];
    run.crossEntropy(at(logits), at(where), at(loss), at(probabilities), rows, classes);
    return {
      value: loss,
      saved: [where, probabilities],
      gradient: (upstream, [where, probabilities]) => {
        const dLogits = output([rows, classes]);
        run.crossEntropyGradient(at(upstream), at(where), at(probabilities), at(dLogits), rows, classes);
        return [dLogits];
      },
    };
  });
}
