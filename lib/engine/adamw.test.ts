import "../node/world.js";
import { before, test } from "node:test";
import { adamwDefaults, adamwStart, adamwUpdate } from "./adamw.js";
import { startEngine, tf } from "./backend.js";
import { expectClose } from "./finite-differences.js";

before(startEngine);

test("the first update moves by the learning rate against the gradient's sign, plus decay where the mask is 1", () => {
  const start = adamwStart(tf.tensor1d([1, 1, -2, 0.5]));
  const gradient = tf.tensor1d([0.3, -20, 1e-3, 0]);
  const mask = tf.tensor1d([1, 0, 1, 1]);
  const { theta } = adamwUpdate(start, gradient, mask, 0.01, { ...adamwDefaults, weightDecay: 0.1 });
  expectClose(theta.dataSync(), [1 - 0.001 - 0.01, 1 + 0.01, -2 + 0.002 - 0.01, 0.5 - 0.0005]);
});

test("five updates agree with Algorithm 2 of the AdamW paper followed in double precision", () => {
  const gradients = [
    [0.5, -1],
    [0.1, -2],
    [-0.3, 0.5],
    [0, 3],
    [2, -0.2],
  ];
  const config = { weightDecay: 0.05, beta1: 0.8, beta2: 0.95, epsilon: 1e-6 };
  const theta = [1, -1];
  const m = [0, 0];
  const v = [0, 0];
  let state = adamwStart(tf.tensor1d(theta));
  gradients.forEach((g, i) => {
    const learningRate = 0.1 / (i + 1);
    state = adamwUpdate(state, tf.tensor1d(g), tf.ones([2]), learningRate, config);
    g.forEach((value, j) => {
      m[j] = config.beta1 * m[j] + (1 - config.beta1) * value;
      v[j] = config.beta2 * v[j] + (1 - config.beta2) * value * value;
      const mHat = m[j] / (1 - config.beta1 ** (i + 1));
      const vHat = v[j] / (1 - config.beta2 ** (i + 1));
      theta[j] -= learningRate * (mHat / (Math.sqrt(vHat) + config.epsilon) + config.weightDecay * theta[j]);
    });
  });
  expectClose(state.theta.dataSync(), theta);
});
