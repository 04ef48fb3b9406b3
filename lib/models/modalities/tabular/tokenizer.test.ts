import "../../../node/world.js";
import { before, test } from "node:test";
import { startEngine, tf } from "../../../engine/backend.js";
import { expectClose, finiteDifferences } from "../../../engine/finite-differences.js";
import { normals, seedKey } from "../../../engine/random.js";
import { packParameters, unpackParameters } from "../../../layers/parameters.js";
import { clsTokens, initialClsTokens } from "../../tokens/context-encoder.js";
import type { TableRows, TableShape } from "./table.js";
import { initialTokenizer, tokenize } from "./tokenizer.js";

before(startEngine);

const d = 4;
const cls = 2;
const mixed: TableShape = { numeric: 2, cardinalities: [3, 2] };
const input: TableRows = {
  rows: 3,
  numeric: normals(seedKey(1), 6),
  categorical: Int32Array.of(0, 1, 2, 0, 1, 1),
};

/** The sinusoid of one position and column. */
const position = (p: number, column: number): number => {
  const angle = p / 10_000 ** ((column - (column % 2)) / d);
  return column % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
};

for (const [name, shape] of [
  ["mixed", mixed],
  ["numeric", { numeric: 2, cardinalities: [] }],
  ["categorical", { numeric: 0, cardinalities: [3, 2] }],
] as const)
  test(`${name} columns: every token is its formula, and so is the gradient`, () => {
    const values: TableRows = {
      rows: input.rows,
      numeric: shape.numeric ? input.numeric : new Float32Array(),
      categorical: shape.cardinalities.length ? input.categorical : new Int32Array(),
    };
    const weights = packParameters({
      ...initialTokenizer(seedKey(2), shape, d),
      ...initialClsTokens(seedKey(2), cls, d),
    });
    const features = shape.numeric + shape.cardinalities.length;
    const plain = (theta: ArrayLike<number>): number[] => {
      const at = (label: string, row: number, column: number): number => {
        const slot = weights.layout.find((slot) => slot.name === `tokenizer.${label}`)!;
        return theta[slot.offset + row * d + column];
      };
      const token = (row: number, feature: number, column: number): number => {
        const where = position(cls + feature, column);
        if (feature < shape.numeric) {
          const x = values.numeric[row * shape.numeric + feature];
          return (
            at("numeric", 0, column) * x + at("numericBias", feature, column) + at("type", 0, column) + where
          );
        }
        const c = feature - shape.numeric;
        const code = values.categorical[row * shape.cardinalities.length + c];
        const offset = c === 0 ? 0 : 3;
        return at("category", offset + code, column) + at("type", 1, column) + where;
      };
      const tokens = Array.from({ length: input.rows * features * d }, (_, i) =>
        token(Math.floor(i / (features * d)), Math.floor(i / d) % features, i % d),
      );
      const leading = Array.from(
        { length: cls * d },
        (_, i) => at("cls", Math.floor(i / d), i % d) + position(Math.floor(i / d), i % d),
      );
      return [...leading, ...tokens];
    };
    const compute = (theta: tf.Tensor1D): tf.Tensor2D => {
      const parameters = unpackParameters(theta, weights.layout);
      return tf.concat([clsTokens(parameters), tokenize(parameters, shape, values, cls)], 0);
    };
    const upstream = normals(seedKey(3), (cls + input.rows * features) * d);
    const { value, grad } = tf.valueAndGrad((theta: tf.Tensor) => compute(theta as tf.Tensor1D))(
      tf.tensor1d(weights.values),
      tf.tensor2d(upstream, [upstream.length / d, d]),
    );
    expectClose(value.dataSync(), plain(weights.values), { absolute: 1e-5 });
    expectClose(
      grad.dataSync(),
      finiteDifferences(
        (theta) => plain(theta).reduce((sum, v, i) => sum + v * upstream[i], 0),
        weights.values,
      ),
      { absolute: 1e-4 },
    );
  });
