/** Tables as a modality: one token per feature of a row. */
import type { Modality } from "../../tokens/modality.js";
import {
  type Decoded,
  decode,
  initialDecoder,
  meanNegativeLogLikelihood,
  meanNegativeLogMarginal,
} from "./decoders.js";
import { checkMasks, drawMasks, type MaskConfig } from "./masks.js";
import {
  checkTableRows,
  checkTableShape,
  featureCount,
  selectRows,
  type TableRows,
  type TableShape,
} from "./table.js";
import { initialTokenizer, tokenize } from "./tokenizer.js";

/** What a model must know of the table that it is for, and of its masks. */
export interface TabularConfig {
  readonly table: TableShape;
  readonly masks: MaskConfig;
}

/** @throws naming the field that makes no sense. */
export function checkTabular({ table, masks }: TabularConfig): void {
  checkTableShape(table);
  checkMasks(masks, featureCount(table));
}

/** Rows of a table with the given columns, masked as given. */
export function tabular({ table, masks }: TabularConfig): Modality<TableRows, Decoded> {
  const tokens = featureCount(table);
  return {
    tokens,
    initialTokenizer: (key, width) => initialTokenizer(key, table, width),
    tokenize: (parameters, rows, firstPosition) => tokenize(parameters, table, rows, firstPosition),
    drawMasks: (key, rows, firstRow) => drawMasks(key, masks, tokens, rows, firstRow),
    initialDecoder: (key, path, width) => initialDecoder(key, path, table, width),
    decode: (parameters, path, s, cells) => decode(parameters, path, table, s, cells),
    negativeLogLikelihood: (decoded, rows, logSigma) =>
      meanNegativeLogLikelihood(decoded, table, rows, logSigma),
    negativeLogMarginal: (parameters, path, q, cells, rows, logSigma, noise) =>
      meanNegativeLogMarginal(parameters, path, table, q, cells, rows, logSigma, noise),
    select: (rows, indices) => selectRows(table, rows, indices),
    check: (rows) => checkTableRows(table, rows),
  };
}
