/** Hidden features of encoded rows as a model says them: generated, and shrunk where the model has it. */
import { fold, type Key } from "../engine/random.js";
import type { GeneratedTable } from "../families/generate-features.js";
import { capability } from "../families/registry.js";
import { shrunk } from "../families/shrinkage.js";
import { tableShape } from "../families/table.js";
import { selectRows, type TableRows } from "../models/modalities/tabular/table.js";
import type { TableModel } from "../training/trained-model.js";

/** Numbers that the samples of rows take that are generated at once. */
const NUMBERS_AT_ONCE = 8_000_000;

/**
 * Generates hidden features of every row; see `generateFeatures`.
 * @throws as it does, and when the family has no predictive distribution.
 */
export function generateEncoded(
  {
    family,
    parameters,
    config,
    shrinkage,
  }: Pick<TableModel, "family" | "parameters" | "config" | "shrinkage">,
  input: TableRows,
  given: readonly (readonly number[])[],
  hidden: readonly number[],
  samples: number,
  key: Key,
): GeneratedTable {
  const generate = capability(family, "generate");
  const generated = generate(parameters, config, input, given, hidden, samples, key);
  return shrinkage ? shrunk(generated, shrinkage) : generated;
}

/** Some rows, by their place among all that were asked for, with what was generated. */
export interface GeneratedRows {
  readonly places: readonly number[];
  readonly generated: GeneratedTable;
  /** Source of these rows' draws. */
  readonly key: Key;
}

/**
 * Generates hidden features from each row's own context, rows with contexts of one size together, some at a time.
 * @param contexts of each row, at least one feature
 * @throws as `generateEncoded` does.
 */
export function* generateFromContexts(
  model: TableModel,
  input: TableRows,
  contexts: readonly (readonly number[])[],
  hidden: readonly number[],
  samples: number,
  key: Key,
): Generator<GeneratedRows> {
  const shape = tableShape(model.schema);
  const widths = hidden.map((feature) => shape.cardinalities[feature - shape.numeric] ?? 2);
  const perRow = samples * widths.reduce((sum, width) => sum + width, 0);
  const rowsAtOnce = Math.max(1, Math.floor(NUMBERS_AT_ONCE / perRow));
  for (const size of [...new Set(contexts.map(({ length }) => length))].sort((a, b) => a - b)) {
    const rows = [...contexts.keys()].filter((row) => contexts[row].length === size);
    for (let first = 0; first < rows.length; first += rowsAtOnce) {
      const places = rows.slice(first, first + rowsAtOnce);
      const own = fold(fold(key, size), first);
      const given = places.map((row) => contexts[row]);
      const generated = generateEncoded(model, selectRows(shape, input, places), given, hidden, samples, own);
      yield { places, generated, key: own };
    }
  }
}
