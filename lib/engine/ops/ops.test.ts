import { before, test } from "node:test";
import { startEngine, tf } from "../backend.js";
import { expectClose, finiteDifferences } from "../finite-differences.js";
import { normals, seedKey } from "../random.js";
import { dense } from "./dense.js";
import { gelu } from "./gelu.js";

before(startEngine);

/** Φ(x) by Simpson's rule on the normal density from 0, 2,000 intervals: independent of the op's rational formula. */
function normalCdf(x: number): number {
  const n = 2000;
  const h = x / n;
  const density = (t: number) => Math.exp((-t * t) / 2) / Math.sqrt(2 * Math.PI);
  let sum = density(0) + density(x);
  for (let i = 1; i < n; i++) sum += (i % 2 ? 4 : 2) * density(i * h);
  return 0.5 + (sum * h) / 3;
}

test("gelu is x Φ(x), and its gradient that function's slope", () => {
  const x = Float32Array.from([-6, -3, -1, -0.1, 0, 1e-4, 0.3, 1, 2.5, 7]);
  const { value, grad } = tf.valueAndGrad((t: tf.Tensor) => gelu(t))(tf.tensor1d(x), tf.ones([x.length]));
  expectClose(
    value.dataSync(),
    Array.from(x, (v) => v * normalCdf(v)),
    { absolute: 1e-6, relative: 1e-6 },
  );
  expectClose(
    grad.dataSync(),
    Array.from(x, (v) => finiteDifferences(([u]) => u * normalCdf(u), [v])[0]),
    { absolute: 2e-6, relative: 1e-5 },
  );
});

for (const [rows, inputs, outputs] of [
  [1, 1, 1],
  [5, 3, 7],
  [4, 9, 2],
])
  test(`dense ${rows}×${inputs}→${outputs}: value and all three gradients`, () => {
    const draw = (seed: number, count: number) => normals(seedKey(seed), count);
    const x = draw(1, rows * inputs);
    const weight = draw(2, inputs * outputs);
    const bias = draw(3, outputs);
    const upstream = draw(4, rows * outputs);
    const affine = (x: ArrayLike<number>, weight: ArrayLike<number>, bias: ArrayLike<number>) =>
      Float64Array.from({ length: rows * outputs }, (_, at) => {
        const [i, j] = [Math.floor(at / outputs), at % outputs];
        let sum = bias[j];
        for (let k = 0; k < inputs; k++) sum += x[i * inputs + k] * weight[k * outputs + j];
        return sum;
      });
    const against = (y: Float64Array) => y.reduce((sum, v, i) => sum + v * upstream[i], 0);
    const { value, grads } = tf.valueAndGrads((...args: tf.Tensor[]) =>
      dense(...(args as [tf.Tensor2D, tf.Tensor2D, tf.Tensor1D])),
    )(
      [tf.tensor2d(x, [rows, inputs]), tf.tensor2d(weight, [inputs, outputs]), tf.tensor1d(bias)],
      tf.tensor2d(upstream, [rows, outputs]),
    );
    expectClose(value.dataSync(), affine(x, weight, bias), { absolute: 1e-5 });
    const expected = [
      finiteDifferences((v) => against(affine(v, weight, bias)), x),
      finiteDifferences((v) => against(affine(x, v, bias)), weight),
      finiteDifferences((v) => against(affine(x, weight, v)), bias),
    ];
    grads.forEach((grad, i) => {
      expectClose(grad.dataSync(), expected[i], { absolute: 1e-5 });
    });
  });
