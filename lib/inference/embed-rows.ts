/** Embeddings of a table's rows by a trained model, whole or in pieces. */
import { featureNames } from "../data/tables/known-cells.js";
import { type EncodedFeatures, encodeTable } from "../data/tables/preprocess.js";
import { type Table, takeTableRows } from "../data/tables/table.js";
import type { RowEmbedding } from "../families/family.js";
import type { Pooling } from "../families/pooling.js";
import { capability } from "../families/registry.js";
import type { ImageRows } from "../models/modalities/patches/images.js";
import type { TableModel } from "../training/trained-model.js";

/** What a row is embedded with: a model's family and configuration, and its parameters, trained or not. */
export type RowEncoder = Pick<TableModel, "family" | "config" | "parameters" | "average">;

/** Embeddings of rows that follow each other. */
export interface EmbeddedPiece extends RowEmbedding {
  /** Place of the first of these rows in the table. */
  readonly first: number;
  readonly count: number;
}

/** Numbers of one piece: 4 MiB of them. */
const NUMBERS_AT_ONCE = 2 ** 20;

/** One row's embedding: its tokens and their width. */
export function embeddingShape(
  { family, config }: Pick<TableModel, "family" | "config">,
  pooling: Pooling = "none",
): readonly [tokens: number, width: number] {
  return capability(family, "embedding").shape(config, pooling);
}

/** The numbers of one row's embedding: D · d, pooled d (mean) or clsTokens · d (cls). */
export function embeddingColumns(
  model: Pick<TableModel, "family" | "config">,
  pooling: Pooling = "none",
): number {
  const [tokens, width] = embeddingShape(model, pooling);
  return tokens * width;
}

/** Rows of one piece of `embedRowPieces`; the last one may have fewer. */
export function rowsPerPiece(model: Pick<TableModel, "family" | "config">): number {
  return Math.max(1, Math.floor(NUMBERS_AT_ONCE / embeddingColumns(model)));
}

/**
 * Names of an embedding's columns: `age.0`, `age.1`, … in the order of the schema's features, numeric ones first,
 * `[D · d]`; pooled, `mean.0`, … `[d]` or `cls.0`, … `[clsTokens · d]`.
 */
export function embeddingColumnNames(
  model: Pick<TableModel, "family" | "config" | "schema">,
  pooling: Pooling = "none",
): string[] {
  const columns = embeddingColumns(model, pooling);
  const features = featureNames(model.schema);
  const parts = pooling === "none" ? features : [pooling];
  const units = Array.from({ length: columns / parts.length }, (_, unit) => unit);
  return parts.flatMap((name) => units.map((unit) => `${name}.${unit}`));
}

/**
 * Embeds every row of a table: `values` `[rows, D · d]`, or fewer if they are pooled, and from a family that tells it
 * `uncertainty`, `mean` and `p90` `[rows]`. Labels are not looked at, columns that the model does not know are passed over.
 * @param pooling what becomes of the tokens of a row's features: side by side by default
 * @param onRows called after every piece (see `embedRowPieces`) with the rows done so far, of how many
 * @throws naming the column that the table lacks or has with another type.
 */
export function embedRows(
  model: TableModel,
  table: Table,
  pooling: Pooling = "none",
  onRows?: (done: number, rows: number) => void,
): RowEmbedding {
  const columns = embeddingColumns(model, pooling);
  const values = new Float32Array(table.rows * columns);
  const uncertainty = capability(model.family, "embedding").uncertain
    ? { mean: new Float32Array(table.rows), p90: new Float32Array(table.rows) }
    : undefined;
  for (const piece of embedRowPieces(model, table, pooling)) {
    values.set(piece.values, piece.first * columns);
    if (uncertainty && piece.uncertainty)
      for (const of of ["mean", "p90"] as const) uncertainty[of].set(piece.uncertainty[of], piece.first);
    onRows?.(piece.first + piece.count, table.rows);
  }
  return { values, uncertainty };
}

/**
 * As `embedRows`, piece by piece: beside the table, memory does not grow with its rows.
 * @throws as `embedRows` does.
 */
export function* embedRowPieces(
  model: TableModel,
  { labels: _, ...table }: Table,
  pooling: Pooling = "none",
): Generator<EmbeddedPiece> {
  const size = rowsPerPiece(model);
  for (let first = 0; first < table.rows; first += size) {
    const count = Math.min(size, table.rows - first);
    const rows = Int32Array.from({ length: count }, (_, i) => first + i);
    const encoded = encodeTable(model.schema, takeTableRows(table, rows));
    yield { first, count, ...embedEncoded(model, encoded, pooling) };
  }
}

/**
 * Embeds rows that are in the model's form already: of an encoded table, or images.
 * @throws when they do not fit the model.
 */
export function embedEncoded(
  model: RowEncoder,
  rows: EncodedFeatures | ImageRows,
  pooling: Pooling = "none",
): RowEmbedding {
  const { family, config, parameters, average = parameters } = model;
  return capability(family, "embedding").embed(average, config, rows, pooling);
}
