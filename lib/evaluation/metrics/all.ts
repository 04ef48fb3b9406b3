import { expectedCalibrationError } from "./calibration.js";
import { classificationScores, recallPerClass } from "./classification-scores.js";
import { partialCorrelation, rankShareOfGroups, spearman } from "./ranks.js";
import { rocAuc, rocCurve } from "./roc-curve.js";
import { keptScores, riskCoverage, selectiveScores } from "./selective.js";

/** Metrics of labels, predictions and uncertainties: pure functions, described where they are defined. */
export const metrics = {
  classificationScores,
  recallPerClass,
  expectedCalibrationError,
  rocAuc,
  rocCurve,
  selectiveScores,
  keptScores,
  riskCoverage,
  spearman,
  partialCorrelation,
  rankShareOfGroups,
} as const;
