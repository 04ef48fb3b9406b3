/** Rivals of a model whose columns are shrunk, shrunk by the same rule. */
import { logMixture } from "../distributions/log-mixture.js";
import { chooseShare, SIGMA_STEPS } from "../inference/choose-shrinkage.js";
import { type CellPredictions, type ChosenPredictions, gaussian } from "./imputation-baselines.js";

/**
 * (1 − ε) p + ε m of what a rival says, m the marginal, with ε, and for a Gaussian number the factor on its deviation, chosen as
 * `chooseShrinkage` does for a model, on the rows that the rival's settings were chosen on. The most probable category is the
 * rival's own.
 * @param own what it says of held-out rows and of those chosen on
 * @param truth of the held-out rows, `[rows]`
 * @param marginal says what the marginal does of rows with these values
 */
export function shrunkPredictions(
  own: ChosenPredictions,
  truth: Float64Array,
  marginal: (values: Float64Array) => CellPredictions,
): CellPredictions {
  const { chosenOn } = own;
  const alike = Array.from(marginal(chosenOn.truth).logLikelihood);
  const steps = own.deviation ? SIGMA_STEPS : [0];
  const choices = steps.map((step) => ({
    step,
    ...chooseShare(Array.from(scaled(chosenOn.said, chosenOn.truth, step).logLikelihood), alike),
  }));
  const { share, step } = choices.reduce((best, choice) => (choice.best > best.best ? choice : best));
  const said = scaled(own, truth, step);
  const flat = marginal(truth);
  return {
    logLikelihood: said.logLikelihood.map((log, i) => logMixture(log, flat.logLikelihood[i], share)),
    point: own.deviation
      ? said.point.map((value, i) => (1 - share) * value + share * flat.point[i])
      : said.point,
  };
}

/** A Gaussian with e^step times the deviation, or what is said as it is. */
function scaled(said: CellPredictions, truth: Float64Array, step: number): CellPredictions {
  const { point, deviation } = said;
  return step !== 0 && deviation
    ? gaussian(
        truth,
        point,
        deviation.map((own) => own * Math.exp(step)),
      )
    : said;
}
