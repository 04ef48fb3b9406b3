/** A family from outside the library: an autoencoder of a table's numbers, linear, with a term of its own. */
import { fold, type Key, normals } from "../engine/random.js";
import * as tf from "../engine/tf.js";
import { layoutOf, packParameters, unpackParameters } from "../layers/parameters.js";
import { meanTerm } from "../losses/term.js";
import { selectRows, type TableRows, type TableShape } from "../models/modalities/tabular/table.js";
import type { Family } from "./family.js";
import { tableRows, withTable } from "./table.js";

/** Its sizes. */
export interface ThirdConfig {
  readonly table: TableShape;
  readonly width: number;
}

interface ThirdPass {
  readonly x: tf.Tensor2D;
  readonly code: tf.Tensor2D;
  readonly decoded: tf.Tensor2D;
}

const parametersOf = (key: Key, { table: { numeric }, width }: ThirdConfig) =>
  Object.fromEntries(
    (
      [
        ["encoder", [numeric, width]],
        ["decoder", [width, numeric]],
      ] as const
    ).map(([name, shape]) => [name, { shape, values: () => normals(fold(key, name), shape[0] * shape[1]) }]),
  );

export const family: Family<ThirdConfig, TableRows, ThirdPass, Omit<ThirdConfig, "table">> = {
  name: "linear autoencoder",
  module: import.meta.url,
  terms: {
    rec: meanTerm(({ x, decoded }) => tf.mean<tf.Scalar>(tf.square(tf.sub(x, decoded)))),
    "code size": meanTerm(({ code }) => tf.mean<tf.Scalar>(tf.square(code))),
  },
  config: withTable,
  layout: (config) => layoutOf(parametersOf({ k0: 0, k1: 0 }, config)),
  initial: (key, config) => packParameters(parametersOf(key, config)),
  rows: tableRows,
  pass: ({ encoder, decoder }, { table }, data, { rows }) => {
    const { numeric } = selectRows(table, data, rows);
    const x = tf.tensor2d(numeric, [rows.length, table.numeric]);
    const code = tf.matMul<tf.Tensor2D>(x, encoder);
    return { x, code, decoded: tf.matMul<tf.Tensor2D>(code, decoder) };
  },
  averageDecay: () => ({ start: 0.5, end: 1 }),
  embedding: {
    uncertain: false,
    shape: ({ width }) => [1, width],
    embed: ({ values, layout }, { table }, { rows, numeric }) => {
      const code = tf.tidy(() =>
        tf.matMul(
          tf.tensor2d(numeric, [rows, table.numeric]),
          unpackParameters(tf.tensor1d(values), layout).encoder,
        ),
      );
      const numbers = code.dataSync<"float32">().slice();
      code.dispose();
      return { values: numbers };
    },
  },
};

/** Four epochs of three steps on the small table. */
export const settings = {
  model: { width: 3 },
  objective: { rec: 1, "code size": 0.01 },
  training: {
    epochs: 4,
    batchSize: 16,
    learningRate: 5e-2,
    weightDecay: 0,
    annealEpochs: { "code size": 2 },
  },
  seed: 4,
};
