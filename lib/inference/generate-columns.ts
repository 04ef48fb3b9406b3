/** Hidden cells of a table generated from known ones by a trained Var-T-JEPA, in the table's own units and names. */
import { featureNames, knownCells } from "../data/tables/known-cells.js";
import { encodeTable, type NumericFeature, type TableSchema } from "../data/tables/preprocess.js";
import { type Table, takeTableRows } from "../data/tables/table.js";
import { drawnCategory } from "../distributions/categorical.js";
import { fold, type Key, keyOf, uniforms } from "../engine/random.js";
import {
  drawNumbers,
  type GeneratedFeature,
  type GeneratedTable,
  imputeCategory,
  imputeNumeric,
} from "../families/generate-features.js";
import { capability, familyNamed } from "../families/registry.js";
import type { VarTJepaConfig } from "../models/var-t-jepa.js";
import type { TableModel } from "../training/trained-model.js";
import { isMoved, underRule } from "./column-rule.js";
import { generateEncoded } from "./generate-encoded.js";

/** A generated numeric column, in its own units. */
export interface GeneratedNumbers {
  readonly kind: "numeric";
  readonly column: string;
  /**
   * Each from p(y | s_x, z) under one draw of s_x and z, as the column's numbers are (`underRule`) unless raw ones are asked for,
   * row-major `[samples, rows]`. Whether it is a peak or from the marginal instead is drawn apart from s_x and z.
   */
  readonly draws: Float64Array;
  /** How many draws that moved into the range seen in fitting. */
  readonly moved: number;
  /** Mean and standard deviation of each row under all samples, whatever the column's numbers are: `[rows]`. */
  readonly mean: Float64Array;
  readonly deviation: Float64Array;
}

/** A generated categorical column; only categories that the model was fitted on are ever generated. */
export interface GeneratedCategories {
  readonly kind: "categorical";
  readonly column: string;
  readonly categories: readonly string[];
  /** Positions in `categories`, each renormalised within its own sample, row-major `[samples, rows]`. */
  readonly draws: Int32Array;
  /** Under all samples, row-major `[rows, categories]`. */
  readonly probabilities: Float64Array;
}

/** What was generated of one column. */
export type GeneratedColumn = GeneratedNumbers | GeneratedCategories;

/** What to generate, and from what. */
export interface GenerateOptions {
  /** Names of the columns to generate; what a row holds in them is not looked at. */
  readonly hidden: readonly string[];
  /** Names of the columns to generate them from; by default all others. */
  readonly given?: readonly string[];
  /** Draws per row; 100 by default. */
  readonly samples?: number;
  /** Source of every draw; 1 by default. */
  readonly seed?: number | Key;
  /** Whether numbers stay as the model says them, neither rounded nor moved into the range seen in fitting. */
  readonly rawNumbers?: boolean;
  /** Called with the rows that are done, of how many. */
  readonly onRows?: (done: number, rows: number) => void;
}

/** Rows that give and hide the same features, by their place among the schema's, numeric ones first. */
export interface CellPattern {
  readonly given: readonly number[];
  readonly hidden: readonly number[];
  /** Their numbers in the table, ascending. */
  readonly rows: Int32Array;
}

/** Draws per row when no number is given. */
export const defaultSamples = 100;

/** Rows generated for at once: bounds memory, which grows with samples and categories too. */
export const ROWS_AT_ONCE = 1024;

/**
 * Generates columns of every row from others. A given cell that is missing, or whose category the model was not
 * fitted on, tells nothing and is left out of that row's context.
 * @returns one entry per hidden column, in the order of `hidden`
 * @throws when the family has no predictive distribution, a name is no feature of it, a column is named twice, or a row has no known given
 * cell.
 */
export function generateColumns(
  model: TableModel,
  table: Table,
  { hidden, given, ...options }: GenerateOptions,
): GeneratedColumn[] {
  const { samples = defaultSamples } = options;
  capability(model.family, "generate");
  const names = featureNames(model.schema);
  const hiddenFeatures = hidden.map((name) => featureOf(names, name, "hidden"));
  const givenFeatures =
    given?.map((name) => featureOf(names, name, "given")) ??
    [...names.keys()].filter((j) => !hiddenFeatures.includes(j));
  checkSeparate(names, hiddenFeatures, givenFeatures);
  const known = knownCells(model.schema, table);
  const patterns = groupRows(table.rows, (row) => ({
    given: givenFeatures.filter((j) => known[j][row]),
    hidden: hiddenFeatures,
  }));
  const columns = hiddenFeatures.map((j) => emptyColumn(model.schema, j, samples, table.rows));
  for (const { rows, generated } of generatePatterns(model, table, patterns, options))
    generated.forEach((part, i) => {
      columns[i] = placeRows(columns[i], part, rows, samples, table.rows);
    });
  return columns;
}

/**
 * Generates the hidden features of each pattern's rows, some rows at a time.
 * @returns the rows with their generated columns, in the order of the pattern's `hidden`
 * @throws when the family has no predictive distribution, a pattern gives nothing, or hides a column in which the model was fitted on no category.
 */
export function* generatePatterns(
  model: TableModel,
  table: Table,
  patterns: readonly CellPattern[],
  {
    samples = defaultSamples,
    seed = 1,
    rawNumbers = false,
    onRows,
  }: Omit<GenerateOptions, "hidden" | "given">,
): Generator<{ readonly rows: Int32Array; readonly generated: GeneratedColumn[] }> {
  const { labels: _, ...features } = table;
  capability(model.family, "generate");
  for (const { given, hidden, rows } of patterns) {
    if (given.length === 0)
      throw new Error(
        `row ${rows[0]} of "${table.name}" has no known cell to generate from; remove such rows or give more columns`,
      );
    for (const feature of hidden) checkGenerable(model.schema, feature);
  }
  const all = patterns.reduce((sum, { rows }) => sum + rows.length, 0);
  let done = 0;
  for (const { given, hidden, rows } of patterns) {
    const key = patternKey(seed, given, hidden);
    for (let first = 0; first < rows.length; first += ROWS_AT_ONCE) {
      const some = rows.subarray(first, first + ROWS_AT_ONCE);
      const encoded = encodeTable(model.schema, takeTableRows(features, some));
      const own = fold(key, first);
      const contexts = Array.from(some, () => given);
      const drawn = generateEncoded(model, encoded, contexts, hidden, samples, own);
      yield {
        rows: some,
        generated: drawn.hidden.map((entry) => inOwnUnits(model.schema, drawn, entry, own, rawNumbers)),
      };
      done += some.length;
      onRows?.(done, all);
    }
  }
}

/** The key of a pattern's latents: the same whatever other rows the table has. */
export function patternKey(seed: number | Key, given: readonly number[], hidden: readonly number[]): Key {
  return fold(fold(keyOf(seed), `given ${given}`), `hidden ${hidden}`);
}

/** Rows gathered by what they give and hide, in the order in which the patterns first occur. */
export function groupRows(
  rows: number,
  cellsOf: (row: number) => Pick<CellPattern, "given" | "hidden">,
): CellPattern[] {
  const groups = new Map<string, Pick<CellPattern, "given" | "hidden"> & { rows: number[] }>();
  for (let row = 0; row < rows; row++) {
    const { given, hidden } = cellsOf(row);
    if (hidden.length === 0) continue;
    const name = `${given} ${hidden}`;
    const group = groups.get(name);
    if (group) group.rows.push(row);
    else groups.set(name, { given, hidden, rows: [row] });
  }
  return [...groups.values()].map((group) => ({ ...group, rows: Int32Array.from(group.rows) }));
}

/**
 * Whether a model's family has a predictive distribution. What generates is so far a Var-T-JEPA, whose posteriors and
 * decoders evaluation looks at too.
 */
export function canGenerate(model: TableModel): model is TableModel<VarTJepaConfig> {
  return familyNamed(model.family).generate !== undefined;
}

function checkGenerable({ numeric, categorical }: TableSchema, feature: number): void {
  const column = categorical[feature - numeric.length];
  if (column?.categories.length === 0)
    throw new Error(
      `the column "${column.name}" had no value when the model was trained; train one without it (ignore)`,
    );
}

function featureOf(names: readonly string[], name: string, option: "hidden" | "given"): number {
  const feature = names.indexOf(name);
  if (feature >= 0) return feature;
  throw new Error(`${option} names "${name}", which is no feature of the model; use ${names.join(", ")}`);
}

function checkSeparate(names: readonly string[], hidden: readonly number[], given: readonly number[]): void {
  if (hidden.length === 0) throw new Error("hidden is empty; name at least one column to generate");
  if (given.length === 0) throw new Error("given is empty; leave at least one column to generate from");
  const all = [...hidden, ...given];
  const twice = all.find((feature, i) => all.indexOf(feature) < i);
  if (twice !== undefined)
    throw new Error(`the column "${names[twice]}" is named twice in hidden and given; name it once`);
}

/** What the model generated for some rows, brought back to units and names, with its draws. */
function inOwnUnits(
  schema: TableSchema,
  generated: GeneratedTable,
  entry: GeneratedFeature,
  key: Key,
  rawNumbers: boolean,
): GeneratedColumn {
  const { samples, rows } = generated;
  const noise = fold(fold(key, "y"), entry.feature);
  if (entry.kind === "numeric") {
    const feature = schema.numeric[entry.feature];
    const { name, mean: shift, std } = feature;
    const { mean, deviation } = imputeNumeric(generated, entry);
    const peaks = new Map(entry.mixed?.peaks.map(({ value }) => [value, heldNumber(feature, value)]));
    const draws = drawNumbers(entry, noise).map((v) => peaks.get(v) ?? v * std + shift);
    return {
      kind: "numeric",
      column: name,
      draws: rawNumbers ? draws : draws.map((draw) => underRule(feature, draw)),
      moved: rawNumbers ? 0 : draws.filter((draw) => isMoved(feature, draw)).length,
      mean: mean.map((v) => v * std + shift),
      deviation: deviation.map((v) => v * std),
    };
  }
  const { name, categories } = schema.categorical[entry.feature - schema.numeric.length];
  const draws = Int32Array.from(uniforms(noise, samples * rows), (u, i) =>
    drawnCategory(amongKnown(entry.logProbabilities, i * entry.categories, categories.length), u),
  );
  const probabilities = imputeCategory(generated, entry, categories.length);
  return { kind: "categorical", column: name, categories, draws, probabilities };
}

/**
 * A number that a column holds, from its encoded one: of those that are encoded so in single precision the smallest or the largest
 * fitted on, or else 0, or else the one with the fewest digits.
 */
function heldNumber({ mean, std, range = [0, 0] }: NumericFeature, encoded: number): number {
  const raw = encoded * std + mean;
  const shorter = Array.from({ length: 15 }, (_, i) => Number(raw.toPrecision(i + 1)));
  return [...range, 0, ...shorter].find((held) => Math.fround((held - mean) / std) === encoded) ?? raw;
}

/** Probabilities of the first `known` slots, given that it is one of them. */
function amongKnown(logProbabilities: Float32Array, first: number, known: number): Float64Array {
  const logs = Float64Array.from(logProbabilities.subarray(first, first + known));
  const largest = logs.reduce((a, b) => Math.max(a, b));
  const own = logs.map((log) => Math.exp(log - largest));
  const sum = own.reduce((total, p) => total + p, 0);
  return own.map((p) => p / sum);
}

function emptyColumn(schema: TableSchema, feature: number, samples: number, rows: number): GeneratedColumn {
  if (feature < schema.numeric.length)
    return {
      kind: "numeric",
      column: schema.numeric[feature].name,
      draws: new Float64Array(samples * rows),
      moved: 0,
      mean: new Float64Array(rows),
      deviation: new Float64Array(rows),
    };
  const { name, categories } = schema.categorical[feature - schema.numeric.length];
  return {
    kind: "categorical",
    column: name,
    categories,
    draws: new Int32Array(samples * rows),
    probabilities: new Float64Array(rows * categories.length),
  };
}

/** Puts what was generated for some rows into the columns of all. @returns the whole with what the part adds to its counts */
function placeRows(
  whole: GeneratedColumn,
  part: GeneratedColumn,
  rows: Int32Array,
  samples: number,
  allRows: number,
): GeneratedColumn {
  rows.forEach((row, i) => {
    for (let s = 0; s < samples; s++) whole.draws[s * allRows + row] = part.draws[s * rows.length + i];
    if (whole.kind === "numeric" && part.kind === "numeric") {
      whole.mean[row] = part.mean[i];
      whole.deviation[row] = part.deviation[i];
    } else if (whole.kind === "categorical" && part.kind === "categorical") {
      const width = whole.categories.length;
      whole.probabilities.set(part.probabilities.subarray(i * width, (i + 1) * width), row * width);
    }
  });
  if (whole.kind !== "numeric" || part.kind !== "numeric") return whole;
  return { ...whole, moved: whole.moved + part.moved };
}
