/** Embeddings of a table's rows by a trained model, whole or in pieces. */
import { type EncodedFeatures, encodeTable } from "../data/tables/preprocess.js";
import { type Table, takeTableRows } from "../data/tables/table.js";
import { embedTJepa } from "../models/t-jepa.js";
import { type Aggregation, embedTable } from "../models/var-t-jepa/embed.js";
import { featureCount } from "../models/var-t-jepa/table.js";
import type { TabularModel, TrainedTJepa, TrainedVarTJepa } from "../training/tabular-model.js";

/** What a row is embedded with: a model's configuration and the weights of its encoder. */
export type RowEncoder =
  | Pick<TrainedVarTJepa, "kind" | "config" | "weights">
  | Pick<TrainedTJepa, "kind" | "config" | "target">;

/** Embeddings of some rows. */
export interface RowEmbedding {
  /** Row-major `[rows, D · d]`. */
  readonly values: Float32Array;
  /** Aggregated standard deviation of q(s_w) per row, `[rows]`; a T-JEPA has none. */
  readonly uncertainty?: Float32Array;
}

/** Embeddings of rows that follow each other. */
export interface EmbeddedPiece extends RowEmbedding {
  /** Place of the first of these rows in the table. */
  readonly first: number;
  readonly count: number;
}

/** Numbers of one piece: 4 MiB of them. */
const NUMBERS_AT_ONCE = 2 ** 20;

/** D · d, the numbers of one row's embedding. */
export function embeddingColumns({ config }: Pick<TabularModel, "config">): number {
  return featureCount(config.table) * config.encoder.width;
}

/** Rows of one piece of `embedRowPieces`; the last one may have fewer. */
export function rowsPerPiece(model: Pick<TabularModel, "config">): number {
  return Math.max(1, Math.floor(NUMBERS_AT_ONCE / embeddingColumns(model)));
}

/**
 * Names of an embedding's columns, `[D · d]`: `age.0`, `age.1`, … in the order of the schema's features, numeric
 * ones first.
 */
export function embeddingColumnNames({ config, schema }: Pick<TabularModel, "config" | "schema">): string[] {
  const units = Array.from({ length: config.encoder.width }, (_, unit) => unit);
  return [...schema.numeric, ...schema.categorical].flatMap(({ name }) =>
    units.map((unit) => `${name}.${unit}`),
  );
}

/**
 * Embeds every row of a table: `values` `[rows, D · d]`, and from a Var-T-JEPA `uncertainty` `[rows]`. Labels are not
 * looked at, columns that the model does not know are passed over.
 * @param aggregation how a row's standard deviations become one number; the paper takes their mean on AD, CO, EL, CC and
 * BM, their 90th percentile on MNIST and SIM
 * @throws naming the column that the table lacks or has with another type.
 */
export function embedRows(
  model: TabularModel,
  table: Table,
  aggregation: Aggregation = "mean",
): RowEmbedding {
  const columns = embeddingColumns(model);
  const values = new Float32Array(table.rows * columns);
  const uncertainty = model.kind === "var-t-jepa" ? new Float32Array(table.rows) : undefined;
  for (const piece of embedRowPieces(model, table, aggregation)) {
    values.set(piece.values, piece.first * columns);
    if (piece.uncertainty) uncertainty?.set(piece.uncertainty, piece.first);
  }
  return { values, uncertainty };
}

/**
 * As `embedRows`, piece by piece: beside the table, memory does not grow with its rows.
 * @throws as `embedRows` does.
 */
export function* embedRowPieces(
  model: TabularModel,
  { labels: _, ...table }: Table,
  aggregation: Aggregation = "mean",
): Generator<EmbeddedPiece> {
  const size = rowsPerPiece(model);
  for (let first = 0; first < table.rows; first += size) {
    const count = Math.min(size, table.rows - first);
    const rows = Int32Array.from({ length: count }, (_, i) => first + i);
    const encoded = encodeTable(model.schema, takeTableRows(table, rows));
    yield { first, count, ...embedEncoded(model, encoded, aggregation) };
  }
}

/**
 * Embeds rows that are in the model's form already.
 * @throws when they do not fit the model's table.
 */
export function embedEncoded(
  model: RowEncoder,
  rows: EncodedFeatures,
  aggregation: Aggregation = "mean",
): RowEmbedding {
  return model.kind === "var-t-jepa"
    ? embedTable(model.weights, model.config, rows, aggregation)
    : { values: embedTJepa(model.target, model.config, rows) };
}
