/** What a hidden number's rivals gain by a spread that follows the row. */

import { featureNames, knownCells } from "../data/tables/known-cells.js";
import type { TableSchema } from "../data/tables/preprocess.js";
import type { TableSplit } from "../data/tables/split.js";
import type { Table } from "../data/tables/table.js";
import { hiddenColumn } from "./hidden-column.js";
import {
  type CellPredictions,
  type ChosenPredictions,
  fitMarginal,
  linearPredictions,
} from "./imputation-baselines.js";
import { averageScore, type Gain, gainOver, type ImputationScore } from "./imputation-score.js";
import { treePredictions } from "./imputation-trees.js";
import { shrunkPredictions } from "./shrunk-predictions.js";

/** A rival with one deviation for all rows and with one for each, and what the second tells more. */
export interface SpreadGain extends Gain {
  readonly alike: ImputationScore;
  readonly spread: ImputationScore;
  /** Whether the rows that it was mixed on are likelier with the second. */
  readonly spreadChosen: boolean;
}

/** A hidden number. */
export interface SpreadRivals {
  readonly column: string;
  /** Held-out rows that have the cell, and a visible one. */
  readonly rows: number;
  /** With peaks. */
  readonly marginal: ImputationScore;
  /** `converged`: whether the fit of the spread reached its optimum. */
  readonly linear: SpreadGain & { readonly converged: boolean };
  readonly trees: SpreadGain;
}

/**
 * Hides every number in turn, all other columns visible, and scores linear models and boosted trees as `imputationScores` scores them
 * beside a shrunk model (mixed with a marginal that has peaks, by the rule of `shrunkPredictions`), once with one deviation for all
 * rows and once with one that follows the row.
 * @param schema of the rows to learn from
 * @param onProgress called with numbers done of all
 * @returns the numbers that `hiddenColumn` allows
 */
export function spreadRivals(
  schema: TableSchema,
  { labels: _, ...table }: Table,
  split: TableSplit,
  onProgress?: (done: number, total: number) => void,
): SpreadRivals[] {
  const known = knownCells(schema, table);
  const features = featureNames(schema).length;
  const numbers = schema.numeric.length;
  const rivals = schema.numeric.flatMap((_, feature): SpreadRivals[] => {
    onProgress?.(feature, numbers);
    const visible = Array.from({ length: features }, (_, j) => j).filter((j) => j !== feature);
    const hidden = hiddenColumn(schema, table, known, split, feature, [visible]);
    if (!hidden) return [];
    const { name, truth, parts } = hidden;
    const asked = { ...parts, visible };
    const marginal = fitMarginal(asked, true);
    const trainingMean = fitMarginal(asked).say(truth).point[0];
    const score = (said: CellPredictions) => averageScore(true, truth, trainingMean, [said], name);
    const compared = (one: ChosenPredictions, each: ChosenPredictions): SpreadGain => {
      const [alike, spread] = [one, each].map((own) => shrunkPredictions(own, truth, marginal));
      return {
        alike: score(alike),
        spread: score(spread),
        spreadChosen: spread.whereChosen > alike.whereChosen,
        ...gainOver([alike], [spread]),
      };
    };
    const linear = linearPredictions(asked, true);
    return [
      {
        column: name,
        rows: truth.length,
        marginal: score(marginal.say(truth)),
        linear: { ...compared(linearPredictions(asked), linear), converged: linear.converged },
        trees: compared(treePredictions(asked), treePredictions(asked, true)),
      },
    ];
  });
  onProgress?.(numbers, numbers);
  return rivals;
}
