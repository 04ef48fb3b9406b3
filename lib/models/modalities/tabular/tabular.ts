/** Tables as a modality: one token per feature of a row. */
import type { Modality } from "../../tokens/modality.js";
import { type Decoded, decode, initialDecoder, meanNegativeLogLikelihood } from "./decoders.js";
import { drawMasks, type MaskConfig } from "./masks.js";
import { checkTableRows, featureCount, selectRows, type TableRows, type TableShape } from "./table.js";
import { initialTokenizer, tokenize } from "./tokenizer.js";

/** Rows of a table with the given columns, masked as given. */
export function tabular({
  table,
  masks,
}: {
  readonly table: TableShape;
  readonly masks: MaskConfig;
}): Modality<TableRows, Decoded> {
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
    select: (rows, indices) => selectRows(table, rows, indices),
    check: (rows) => checkTableRows(table, rows),
  };
}
