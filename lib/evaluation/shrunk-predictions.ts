/** Rivals of a model whose columns are shrunk, shrunk by the same rule. */
import { logMixture } from "../distributions/log-mixture.js";
import { chooseShare, STRETCHES } from "../inference/choose-shrinkage.js";
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
  const stretches = own.deviation ? STRETCHES : [1];
  const choices = stretches.map((stretch) => ({
    stretch,
    ...chooseShare(Array.from(stretched(chosenOn.said, chosenOn.truth, stretch).logLikelihood), alike),
  }));
  const { share, stretch } = choices.reduce((best, choice) => (choice.best > best.best ? choice : best));
  const said = stretched(own, truth, stretch);
  const flat = marginal(truth);
  return {
    logLikelihood: said.logLikelihood.map((log, i) => logMixture(log, flat.logLikelihood[i], share)),
    point: own.deviation
      ? said.point.map((value, i) => (1 - share) * value + share * flat.point[i])
      : said.point,
  };
}

/** A Gaussian with so many times the deviation, or what is said as it is. */
function stretched(said: CellPredictions, truth: Float64Array, stretch: number): CellPredictions {
  const { point, deviation } = said;
  return stretch !== 1 && deviation
    ? gaussian(
        truth,
        point,
        deviation.map((own) => own * stretch),
      )
    : said;
}
