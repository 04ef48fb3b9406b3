import { encodeTable } from "../data/tables/preprocess.js";
import type { Table } from "../data/tables/table.js";
import { takeTableRows } from "../data/tables/table.js";
import type { Key } from "../engine/random.js";
import { featureNames, knownCells } from "../inference/generate-columns.js";
import type { TrainedVarTJepa } from "../training/tabular-model.js";
import {
  type ImputationResult,
  type ImputationSettings,
  imputationDefaults,
  imputationScores,
  largestContext,
} from "./imputation.js";

/**
 * `imputationScores` of a table with missing cells: a column is hidden in those rows only that have it, so that its
 * truth is known.
 * @param split rows that marginals and linear models are fitted on, and rows to score on
 * @param onColumn called after every column with how many are done, of how many
 * @returns the columns scored; one that no row of a part has is left out
 * @throws as `imputationScores` does.
 */
export async function tableImputation(
  { weights, config, schema }: TrainedVarTJepa,
  { labels: _, ...table }: Table,
  split: { readonly train: Int32Array; readonly test: Int32Array },
  key: Key,
  settings: ImputationSettings = imputationDefaults,
  onColumn?: (done: number, columns: number) => void,
): Promise<ImputationResult> {
  const names = featureNames(schema);
  const known = knownCells(schema, table);
  const encoded = (rows: Int32Array) => encodeTable(schema, takeTableRows(table, rows));
  const results: ImputationResult[] = [];
  const features = [...(settings.features ?? names.keys())];
  for (const [i, feature] of features.entries()) {
    const [training, heldOut] = [split.train, split.test].map((rows) =>
      rows.filter((row) => known[feature][row] === 1),
    );
    const alone = { ...settings, features: [feature] };
    if (training.length > 0 && heldOut.length > 0)
      results.push(
        await imputationScores(weights, config, encoded(training), encoded(heldOut), names, key, alone),
      );
    onColumn?.(i + 1, features.length);
  }
  const sum = (count: (result: ImputationResult) => number) =>
    results.reduce((total, result) => total + count(result), 0);
  return {
    columns: results.flatMap(({ columns }) => columns),
    visible: settings.visible ?? largestContext(config),
    rows: split.test.length,
    samples: settings.samples,
    aboveMarginal: sum(({ aboveMarginal }) => aboveMarginal),
    clearlyAboveMarginal: sum(({ clearlyAboveMarginal }) => clearlyAboveMarginal),
    aboveLinear: sum(({ aboveLinear }) => aboveLinear),
  };
}
