/** Rivals of a model whose columns are shrunk, shrunk by the same rule. */
import { logMixture } from "../distributions/log-mixture.js";
import { logNormal } from "../distributions/normal.js";
import {
  lookedUp,
  type PeakedGaussian,
  SMALLEST_DEVIATION,
  tiltedShares,
} from "../distributions/peaked-gaussian.js";
import { chooseForNumber, chooseShare, logTilted, type SaidNumber } from "../inference/choose-shrinkage.js";
import type { CellPredictions, ChosenPredictions, Marginal } from "./imputation-baselines.js";

/** What a rival says, mixed with the marginal. */
export interface MixedPredictions extends CellPredictions {
  /** The best mean log-likelihood, whatever ε, of the rows that it was mixed on. */
  readonly whereChosen: number;
}

/**
 * (1 − ε) p + ε m of what a rival says, m the marginal, with ε, and for a number the factor on its deviation and the tilt of its
 * peaks, chosen as `chooseShrinkage` does for a model, on the rows that the rival's settings were chosen on. The most probable
 * category is the rival's own.
 * @param own what it says of held-out rows and of those chosen on; Gaussian where the marginal is that of a number
 * @param truth of the held-out rows, `[rows]`
 */
export function shrunkPredictions(
  own: ChosenPredictions,
  truth: Float64Array,
  { peaked, say }: Marginal,
): MixedPredictions {
  const { chosenOn } = own;
  const flat = say(truth);
  if (!peaked) {
    const alike = Array.from(say(chosenOn.truth).logLikelihood);
    const { share, best } = chooseShare(Array.from(chosenOn.said.logLikelihood), alike);
    return {
      whereChosen: best,
      logLikelihood: own.logLikelihood.map((log, i) => logMixture(log, flat.logLikelihood[i], share)),
      point: own.point,
    };
  }
  const { share, stretch, tilt, best } = chooseForNumber(peaked, (stretch) =>
    saidNumbers(peaked, chosenOn.said, chosenOn.truth, stretch),
  );
  const said = saidNumbers(peaked, own, truth, stretch);
  return {
    whereChosen: best,
    logLikelihood: Float64Array.from(said, (cell, i) =>
      logMixture(logTilted(peaked, tilt, cell), flat.logLikelihood[i], share),
    ),
    point: Float64Array.from(said, ({ logsAt }, i) => {
      const shares = tiltedShares(peaked, tilt, logsAt);
      const tilted = peaked.peaks.reduce(
        (sum, { value }, k) => sum + shares[k] * value,
        shares[peaked.peaks.length] * own.point[i],
      );
      return (1 - share) * tilted + share * flat.point[i];
    }),
  };
}

/** What a rival says of numbers, its deviation so many times as wide; as it is, it may be no Gaussian but near one. */
function saidNumbers(
  peaked: PeakedGaussian,
  { logLikelihood, point, deviation }: CellPredictions,
  truth: Float64Array,
  stretch: number,
): SaidNumber[] {
  if (!deviation) throw new Error("what is said of a number has no deviation; give one of each row");
  const places = lookedUp(peaked);
  return Array.from(truth, (value, row) => {
    const log = (at: number) =>
      logNormal(at, point[row], Math.max(SMALLEST_DEVIATION, stretch * deviation[row]));
    return {
      truth: value,
      log: stretch === 1 ? logLikelihood[row] : log(value),
      logsAt: places.map(log),
    };
  });
}
