/**
 * Gradient-boosted trees with XGBoost's objective and split rule: logistic loss of two classes, softmax of more, second-order
 * gain, λ = 1, γ = 0, least sum of second derivatives 1, start probability ½. Numbers are rounded to single precision where
 * XGBoost rounds them, so that equal gains are equal here too.
 */
import { checkChoice, checkNumber, checkWhole } from "../../checks.js";
import { checkFeatures, classCount, labelsOf, type Predictor, predictionsOf } from "./predictor.js";
import { exactGrower } from "./trees/exact.js";
import { histogramGrower } from "./trees/histogram.js";
import { type Derivatives, leafOf } from "./trees/tree.js";

/** How trees are grown. */
export interface BoostedTreesConfig {
  /** Rounds; of more than two classes each grows one tree per class. */
  readonly trees: number;
  readonly maxDepth: number;
  readonly learningRate: number;
  /** Thresholds at all midpoints between values, or at the bounds of at most 256 bins per column. */
  readonly splits: "exact" | "histogram";
}

/** The paper's setting (Appendix D.6.4). */
export const boostedTreesDefaults: BoostedTreesConfig = {
  trees: 100,
  maxDepth: 3,
  learningRate: 0.1,
  splits: "histogram",
};

/** Trees on the numbers of all tokens side by side; codes of categories are taken as numbers. Nothing is drawn, so the key says nothing. */
export const boostedTrees: Predictor<BoostedTreesConfig> = {
  name: "boosted trees",
  defaults: boostedTreesDefaults,
  async fit(_, features, labels, split, settings = boostedTreesDefaults, onProgress) {
    checkFeatures(features, labels, split);
    checkWhole("trees", settings.trees, 1, 1e6);
    checkWhole("maxDepth", settings.maxDepth, 1, 64);
    checkNumber("learningRate", settings.learningRate, Number.MIN_VALUE, Number.MAX_VALUE);
    checkChoice("splits", settings.splits, ["exact", "histogram"]);
    const { values, shape } = features;
    const columns = shape[1] * shape[2];
    const classes = Math.max(2, classCount(labels));
    const outputs = classes > 2 ? classes : 1;
    const truth = labelsOf(labels, split.train);
    const grow = (settings.splits === "exact" ? exactGrower : histogramGrower)(values, columns, split.train);
    // Output by output, `[outputs, rows]`.
    const margins = new Float32Array(outputs * split.train.length);
    const told = new Float32Array(outputs * split.test.length);
    for (let round = 0; round < settings.trees; round++) {
      derivativesOf(margins, truth, outputs).forEach((derivatives, output) => {
        const tree = grow(derivatives, settings);
        for (const [rows, sums] of [
          [split.train, margins],
          [split.test, told],
        ] as const)
          for (let i = 0; i < rows.length; i++)
            sums[output * rows.length + i] += leafOf(tree, values, rows[i] * columns);
      });
      onProgress?.(round + 1, settings.trees);
      await new Promise((resolve) => setTimeout(resolve));
    }
    const probabilities = probabilitiesOf(told, split.test.length, outputs);
    return predictionsOf({ predictor: "boosted trees", settings, split, classes, labels, probabilities });
  },
};

/**
 * Probabilities of margins: logistic of one output, of more softmax.
 * @param margins `[outputs, rows]`
 * @returns row-major `[rows, classes]`
 */
function probabilitiesOf(margins: Float32Array, rows: number, outputs: number): Float32Array {
  const classes = Math.max(2, outputs);
  const out = new Float32Array(rows * classes);
  for (let i = 0; i < rows; i++) {
    if (outputs === 1) {
      out[2 * i + 1] = 1 / (1 + Math.exp(-margins[i]));
      out[2 * i] = 1 - out[2 * i + 1];
      continue;
    }
    let top = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < outputs; c++) top = Math.max(top, margins[c * rows + i]);
    let total = 0;
    for (let c = 0; c < outputs; c++) {
      out[i * classes + c] = Math.exp(margins[c * rows + i] - top);
      total += out[i * classes + c];
    }
    for (let c = 0; c < outputs; c++) out[i * classes + c] /= total;
  }
  return out;
}

/** p − y and its own derivative, p(1 − p), of softmax twice that as in XGBoost; one pair per output. */
function derivativesOf(margins: Float32Array, labels: Int32Array, outputs: number): Derivatives[] {
  const rows = labels.length;
  const classes = Math.max(2, outputs);
  const probabilities = probabilitiesOf(margins, rows, outputs);
  const smallest = 1e-16;
  return Array.from({ length: outputs }, (_, output) => {
    const c = outputs === 1 ? 1 : output;
    const first = new Float32Array(rows);
    const second = new Float32Array(rows);
    for (let i = 0; i < rows; i++) {
      const p = probabilities[i * classes + c];
      first[i] = p - Number(labels[i] === c);
      second[i] = Math.max(smallest, (outputs === 1 ? 1 : 2) * p * Math.fround(1 - p));
    }
    return { first, second };
  });
}
