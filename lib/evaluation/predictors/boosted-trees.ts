/**
 * Gradient-boosted trees with XGBoost's objective and split rule: logistic loss of two classes, softmax of more, second-order
 * gain, λ = 1, γ = 0, least sum of second derivatives 1, start probability ½. Numbers are rounded to single precision where
 * XGBoost rounds them, so that equal gains are equal here too.
 */
import { checkChoice, checkNumber, checkWhole } from "../../checks.js";
import { checkFeatures, classCount, labelsOf, type Predictor, predictionsOf } from "./predictor.js";
import { boostRound } from "./trees/boosting.js";
import { exactGrower } from "./trees/exact.js";
import { histogramGrower } from "./trees/histogram.js";
import { probabilitiesOf, softmaxDerivatives } from "./trees/softmax-loss.js";

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
    const [learning, told] = [split.train, split.test].map((rows) => ({
      rows,
      margins: new Float32Array(outputs * rows.length),
    }));
    for (let round = 0; round < settings.trees; round++) {
      const derivatives = softmaxDerivatives(learning.margins, truth, outputs);
      boostRound(grow, derivatives, settings, values, columns, [learning, told]);
      onProgress?.(round + 1, settings.trees);
      await new Promise((resolve) => setTimeout(resolve));
    }
    const probabilities = probabilitiesOf(told.margins, split.test.length, outputs);
    return predictionsOf({ predictor: "boosted trees", settings, split, classes, labels, probabilities });
  },
};
