/** The simulated table of the paper (C.1.2): three classes in 28 numbers and 4 categories, with a known ambiguity per row. */
import { fold, type Key, normals, permutation, seedKey, uniforms } from "../../engine/random.js";
import { squares } from "../../moments.js";
import type { CategoricalColumn, NumericColumn, Table } from "../tables/table.js";
import type { PaperDataSet } from "./data-set.js";

/** Sizes and constants; the paper gives the sizes and γ only, the other constants are chosen (see `simTableDefaults`). */
export interface SimTableConfig {
  readonly rows: number;
  readonly classes: number;
  readonly numericFeatures: number;
  readonly categoricalFeatures: number;
  /** γ: a row's ambiguity is a = u^γ of its score u. */
  readonly ambiguityExponent: number;
  /** Standard deviation of the prototypes' coordinates around 0, and of rows around their prototype. */
  readonly prototypeStd: number;
  readonly noiseStd: number;
  /** A row of ambiguity a moves by this share of a towards the prototype of another class, … */
  readonly blend: number;
  /** … and each of its numbers, with probability `mixedShare`, once more by this share of a. */
  readonly mixedShare: number;
  readonly mix: number;
  /** So many numbers, those on which the prototypes differ most, get noise of standard deviation `ambiguityNoise` · a. */
  readonly informativeFeatures: number;
  readonly ambiguityNoise: number;
  /** Categories per categorical column: quantile bins of a numeric one. */
  readonly bins: number;
  /** A category becomes another one with probability `flip` · a. */
  readonly flip: number;
}

/** With these a linear classifier is right in most rows of low ambiguity and wrong in most of high ambiguity. */
export const simTableDefaults: SimTableConfig = {
  rows: 10_000,
  classes: 3,
  numericFeatures: 28,
  categoricalFeatures: 4,
  ambiguityExponent: 2,
  prototypeStd: 1,
  noiseStd: 1,
  blend: 0.5,
  mixedShare: 0.3,
  mix: 0.8,
  informativeFeatures: 4,
  ambiguityNoise: 1,
  bins: 4,
  flip: 0.5,
};

/** SIM with `simTableDefaults`: no files, drawn from the seed. */
export const sim: PaperDataSet<"sim"> = {
  name: "sim",
  code: "SIM",
  title: "SIM, generated",
  sources: [[]],
  paperTypes: "original",
  read(_, source, seed) {
    const table = simulateTable(fold(seedKey(seed), "sim"), simTableDefaults);
    return { ...table, source: { ...source, notes: [`generated with seed ${seed}`] } };
  },
};

/**
 * Draws the table: class prototypes, then per row a class, a score u ~ U(0, 1) (kept as `ambiguity`), another class to
 * lean towards, and the numbers; at last categories from bins of the numbers.
 */
export function simulateTable(key: Key, config: SimTableConfig): Omit<Table, "source"> {
  const { rows, classes, ambiguityExponent } = config;
  const codes = Int32Array.from(uniforms(fold(key, "class"), rows), (v) => Math.floor(classes * v));
  const other = Int32Array.from(
    uniforms(fold(key, "other class"), rows),
    (v, row) => (codes[row] + 1 + Math.floor((classes - 1) * v)) % classes,
  );
  const u = uniforms(fold(key, "u"), rows);
  const ambiguity = u.map((score) => score ** ambiguityExponent);
  const numeric = numericFeatures(key, config, codes, other, ambiguity);
  const binned = permutation(fold(key, "binned"), numeric.length).subarray(0, config.categoricalFeatures);
  const categorical = Array.from(binned, (j, i) =>
    binnedFeature(fold(fold(key, "category"), i), `c${i + 1}`, numeric[j].values, ambiguity, config),
  );
  return {
    name: "sim",
    rows,
    columns: [...numeric, ...categorical],
    labels: { name: "class", classes: Array.from({ length: classes }, (_, c) => String(c + 1)), codes },
    ambiguity: u,
  };
}

function numericFeatures(
  key: Key,
  config: SimTableConfig,
  codes: Int32Array,
  other: Int32Array,
  ambiguity: Float64Array,
): NumericColumn[] {
  const { rows, numericFeatures: d, classes } = config;
  const prototypes = normals(fold(key, "prototypes"), classes * d).map((v) => config.prototypeStd * v);
  const informative = mostSpread(prototypes, classes, d).slice(0, config.informativeFeatures);
  return Array.from({ length: d }, (_, j) => {
    const draw = fold(fold(key, "feature"), j);
    const noise = normals(fold(draw, "noise"), rows);
    const mixed = uniforms(fold(draw, "mixed"), rows);
    const extra = normals(fold(draw, "extra noise"), rows);
    const values = Float64Array.from({ length: rows }, (_, row) => {
      const a = ambiguity[row];
      const towards = prototypes[other[row] * d + j];
      let value = prototypes[codes[row] * d + j] + config.noiseStd * noise[row];
      value += config.blend * a * (towards - value);
      if (mixed[row] < config.mixedShare) value += config.mix * a * (towards - value);
      return informative.includes(j) ? value + config.ambiguityNoise * a * extra[row] : value;
    });
    return { name: `x${j + 1}`, kind: "numeric", values };
  });
}

/** Features in descending order of the prototypes' variance. */
function mostSpread(prototypes: Float32Array, classes: number, d: number): number[] {
  const spread = Array.from({ length: d }, (_, j) => {
    return squares(Array.from({ length: classes }, (_, c) => prototypes[c * d + j]));
  });
  return [...spread.keys()].sort((a, b) => spread[b] - spread[a]);
}

/** Equally filled bins of a numeric feature, some of them flipped to another bin. */
function binnedFeature(
  key: Key,
  name: string,
  values: Float64Array,
  ambiguity: Float64Array,
  { bins, flip }: SimTableConfig,
): CategoricalColumn {
  const sorted = values.slice().sort();
  const edges = Array.from(
    { length: bins - 1 },
    (_, b) => sorted[Math.floor(((b + 1) * values.length) / bins)],
  );
  const flipped = uniforms(fold(key, "flipped"), values.length);
  const shift = uniforms(fold(key, "shift"), values.length);
  const codes = Int32Array.from(values, (value, row) => {
    const bin = edges.filter((edge) => value >= edge).length;
    if (flipped[row] >= flip * ambiguity[row]) return bin;
    return (bin + 1 + Math.floor((bins - 1) * shift[row])) % bins;
  });
  return {
    name,
    kind: "categorical",
    categories: Array.from({ length: bins }, (_, b) => `bin ${b + 1}`),
    codes,
  };
}
