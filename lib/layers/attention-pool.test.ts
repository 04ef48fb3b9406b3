import "../node/world.js";
import { before, test } from "node:test";
import { startEngine, tf } from "../engine/backend.js";
import { expectClose, finiteDifferences } from "../engine/finite-differences.js";
import { normals, seedKey } from "../engine/random.js";
import { applyAttentionPool, initialAttentionPool } from "./attention-pool.js";
import { packParameters, unpackParameters } from "./parameters.js";

before(startEngine);

test("attention pooling is the weighted mean of each sequence's tokens, with its gradient", () => {
  const [width, queries, sequences, length] = [3, 2, 2, 4];
  const parameters = packParameters(initialAttentionPool(seedKey(1), "pool", width, queries));
  const x = normals(seedKey(2), sequences * length * width);
  const plain = (q: ArrayLike<number>, x: ArrayLike<number>): number[] =>
    Array.from({ length: sequences * queries * width }, (_, i) => {
      const [sequence, query, column] = [
        Math.floor(i / (queries * width)),
        Math.floor(i / width) % queries,
        i % width,
      ];
      const token = (t: number, j: number) => x[(sequence * length + t) * width + j];
      const shares = Array.from({ length }, (_, t) => {
        let score = 0;
        for (let j = 0; j < width; j++) score += token(t, j) * q[j * queries + query];
        return Math.exp(score / Math.sqrt(width));
      });
      const total = shares.reduce((a, b) => a + b, 0);
      return shares.reduce((sum, share, t) => sum + (share / total) * token(t, column), 0);
    });
  const upstream = normals(seedKey(3), sequences * queries * width);
  const against = (y: number[]) => y.reduce((sum, v, i) => sum + v * upstream[i], 0);
  const { value, grads } = tf.valueAndGrads((theta: tf.Tensor, x: tf.Tensor) =>
    applyAttentionPool(
      unpackParameters(theta as tf.Tensor1D, parameters.layout),
      "pool",
      x as tf.Tensor2D,
      sequences,
    ),
  )(
    [tf.tensor1d(parameters.values), tf.tensor2d(x, [sequences * length, width])],
    tf.tensor2d(upstream, [sequences * queries, width]),
  );
  expectClose(value.dataSync(), plain(parameters.values, x), { absolute: 1e-5 });
  expectClose(
    grads[0].dataSync(),
    finiteDifferences((v) => against(plain(v, x)), parameters.values),
    { absolute: 1e-4, relative: 1e-3 },
  );
  expectClose(
    grads[1].dataSync(),
    finiteDifferences((v) => against(plain(parameters.values, v)), x),
    { absolute: 1e-4, relative: 1e-3 },
  );
});
