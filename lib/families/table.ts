/** What families of models of tables have in common. */
import { slotCount, type TableSchema } from "../data/tables/preprocess.js";
import type { TransformerConfig } from "../layers/transformer.js";
import {
  checkTableRows,
  featureCount,
  type TableRows,
  type TableShape,
} from "../models/modalities/tabular/table.js";
import { type Pooling, pooledTokens } from "./pooling.js";

/** The columns that a model of encoded tables has. */
export function tableShape({ numeric, categorical }: TableSchema): TableShape {
  return { numeric: numeric.length, cardinalities: categorical.map(slotCount) };
}

/** A model with the columns of a table. */
export function withTable<Model extends object>(
  model: Model,
  schema: TableSchema | undefined,
): Model & { readonly table: TableShape } {
  if (!schema) throw new Error("these data have no schema; give a table that encodeTable made");
  return { ...model, table: tableShape(schema) };
}

/** The features alone, checked: labels, schema and what else a table has do not reach training. */
export function tableRows(
  { table }: { readonly table: TableShape },
  { rows, numeric, categorical }: TableRows,
): TableRows {
  const features = { rows, numeric, categorical };
  checkTableRows(table, features);
  return features;
}

/** Tokens of one row's embedding: those of its D features, their average, or the CLS tokens, d wide each. */
export function tokensShape(
  { table, clsTokens, encoder }: { table: TableShape; clsTokens: number; encoder: TransformerConfig },
  pooling: Pooling,
): readonly [tokens: number, width: number] {
  return [pooledTokens(pooling, featureCount(table), clsTokens), encoder.width];
}
