/** Predictors side by side on the same rows, each on several kinds of features. */
import type { EncodedTable } from "../data/tables/preprocess.js";
import { fold, type Key } from "../engine/random.js";
import { shareError } from "../moments.js";
import { type FeatureSource, type SelectiveScores, scorePredictions } from "./controls.js";
import type { Features, Predictions, PredictorSplit } from "./predictors/predictor.js";

/** A predictor whose settings are settled. */
export interface SettledPredictor {
  readonly name: string;
  /** As `Predictor.fit`. */
  fit(
    key: Key,
    features: Features,
    labels: ArrayLike<number>,
    split: PredictorSplit,
    onProgress?: (done: number, total: number) => void,
  ): Promise<Predictions>;
}

/** Scores of one predictor on one source of features. */
export interface PredictorLine extends SelectiveScores {
  readonly predictor: string;
  readonly settings: unknown;
  readonly features: string;
  readonly seed: number | null;
  /** Of the accuracy, as that of a share of the rows scored. */
  readonly standardError: number;
}

/**
 * Scores every predictor on every source, source by source, so that features are computed once and one set of them is in
 * memory at a time. A linear probe gets what `compareWithControls` gives it. Rows are dropped by the mean of the deviations.
 * @param sources the last one is usually `tableSource`: predictors make of codes what suits them
 * @param onProgress called with the shares of a whole done so far, of how many, and with what is being done
 * @throws when the table has no labels, and as the predictors do.
 */
export async function comparePredictors(
  key: Key,
  { labels }: Pick<EncodedTable, "labels">,
  sources: readonly FeatureSource[],
  predictors: readonly SettledPredictor[],
  split: PredictorSplit,
  onProgress?: (done: number, total: number, detail: string) => void,
): Promise<PredictorLine[]> {
  if (!labels) throw new Error("the table has no labels; encode one with a target");
  const lines: PredictorLine[] = [];
  const total = sources.length * predictors.length;
  for (const { features, seed, compute } of sources) {
    const { uncertainty, ...computed } = compute();
    for (const { name, fit } of predictors) {
      const before = lines.length;
      const told = await fit(fold(key, "probe"), computed, labels, split, (done, steps) => {
        if (done < steps) onProgress?.(before + done / steps, total, `${name}, ${features}`);
      });
      const { settings } = told;
      const scores = scorePredictions(told, uncertainty?.mean);
      const standardError = shareError(scores.accuracy, split.test.length);
      lines.push({ predictor: name, settings, features, seed, standardError, ...scores });
      onProgress?.(lines.length, total, `${name}, ${features}`);
    }
  }
  return lines;
}
