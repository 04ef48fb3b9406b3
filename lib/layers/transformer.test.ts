import "../node/world.js";
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { startEngine, tf } from "../engine/backend.js";
import { expectClose, finiteDifferences } from "../engine/finite-differences.js";
import { normals, permutation, seedKey } from "../engine/random.js";
import { type FlatParameters, packParameters, unpackParameters } from "./parameters.js";
import { applyTransformer, initialTransformer, type TransformerConfig } from "./transformer.js";

before(startEngine);

type Matrix = number[][];

const small: TransformerConfig = {
  width: 4,
  layers: 2,
  heads: 2,
  ff: 6,
  norm: "post",
  activation: "gelu",
  dropout: 0,
};

/** Weights with biases, scales and shifts away from 0 and 1, so that a forgotten one shows. */
function someWeights(config: TransformerConfig): FlatParameters {
  const parameters = packParameters(initialTransformer(seedKey(1), "t", config));
  const shake = normals(seedKey(2), parameters.values.length);
  return { ...parameters, values: parameters.values.map((value, i) => value + 0.2 * shake[i]) };
}

/** The numbers of one parameter, in double precision. */
function reader({ layout }: FlatParameters, theta: ArrayLike<number>) {
  const numbers = (name: string): number[] => {
    const slot = layout.find((slot) => slot.name === name);
    if (!slot) throw new Error(`no parameter ${name}`);
    const size = slot.shape.reduce((a, b) => a * b, 1);
    return Array.from({ length: size }, (_, i) => theta[slot.offset + i]);
  };
  const affine = (name: string, x: Matrix): Matrix => {
    const [weight, bias] = [numbers(`${name}.weight`), numbers(`${name}.bias`)];
    return x.map((row) =>
      bias.map((b, j) => row.reduce((sum, v, i) => sum + v * weight[i * bias.length + j], b)),
    );
  };
  const norm = (name: string, x: Matrix): Matrix => {
    const [scale, shift] = [numbers(`${name}.scale`), numbers(`${name}.shift`)];
    return x.map((row) => {
      const mean = row.reduce((a, b) => a + b, 0) / row.length;
      const variance = row.reduce((sum, v) => sum + (v - mean) ** 2, 0) / row.length;
      return row.map((v, j) => ((v - mean) / Math.sqrt(variance + 1e-5)) * scale[j] + shift[j]);
    });
  };
  return { affine, norm };
}

/** Φ(x) by its power series, good to 1e-12 for the arguments here. */
function normalCdf(x: number): number {
  let [sum, term] = [x, x];
  for (let n = 1; n < 200; n++) {
    term *= (x * x) / (2 * n + 1);
    sum += term;
  }
  return 0.5 + (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
}

/** The whole stack on one sequence, straight from its definition. */
function plainTransformer(
  parameters: FlatParameters,
  theta: ArrayLike<number>,
  config: TransformerConfig,
  x: Matrix,
): Matrix {
  const { affine, norm } = reader(parameters, theta);
  const plus = (a: Matrix, b: Matrix) => a.map((row, i) => row.map((v, j) => v + b[i][j]));
  const dh = config.width / config.heads;
  const attend = (name: string, x: Matrix): Matrix => {
    const qkv = affine(`${name}.qkv`, x);
    const mixed = x.map((_, i) =>
      Array.from({ length: config.width }, (_, column) => {
        const head = Math.floor(column / dh);
        const part = (row: number, which: number) =>
          qkv[row].slice(which * config.width + head * dh, which * config.width + (head + 1) * dh);
        const scores = x.map((_, t) =>
          Math.exp(part(i, 0).reduce((s, q, k) => s + q * part(t, 1)[k], 0) / Math.sqrt(dh)),
        );
        const total = scores.reduce((a, b) => a + b, 0);
        return x.reduce((s, _, t) => s + (scores[t] / total) * part(t, 2)[column % dh], 0);
      }),
    );
    return affine(`${name}.attentionOut`, mixed);
  };
  const feed = (name: string, x: Matrix): Matrix => {
    const activate = (v: number) => (config.activation === "gelu" ? v * normalCdf(v) : Math.max(0, v));
    return affine(
      `${name}.down`,
      affine(`${name}.up`, x).map((row) => row.map(activate)),
    );
  };
  for (let i = 0; i < config.layers; i++) {
    const name = `t.${i}`;
    if (config.norm === "post") {
      x = norm(`${name}.norm1`, plus(x, attend(name, x)));
      x = norm(`${name}.norm2`, plus(x, feed(name, x)));
    } else {
      x = plus(x, attend(name, norm(`${name}.norm1`, x)));
      x = plus(x, feed(name, norm(`${name}.norm2`, x)));
    }
  }
  return config.norm === "pre" ? norm("t.norm", x) : x;
}

const rowsOf = (x: ArrayLike<number>, width: number, from: number, count: number): Matrix =>
  Array.from({ length: count }, (_, i) => Array.from({ length: width }, (_, j) => x[(from + i) * width + j]));

for (const norm of ["post", "pre"] as const)
  for (const activation of ["gelu", "relu"] as const)
    test(`a ${norm}-norm stack with ${activation} is its definition, for two sequence lengths`, () => {
      const config = { ...small, norm, activation };
      const weights = someWeights(config);
      const parameters = unpackParameters(tf.tensor1d(weights.values), weights.layout);
      for (const [sequences, length] of [
        [3, 5],
        [2, 1],
      ]) {
        const x = normals(seedKey(3), sequences * length * config.width);
        const y = applyTransformer(
          parameters,
          "t",
          config,
          tf.tensor2d(x, [sequences * length, config.width]),
          sequences,
        );
        const expected = Array.from({ length: sequences }, (_, s) =>
          plainTransformer(weights, weights.values, config, rowsOf(x, config.width, s * length, length)),
        );
        expectClose(y.dataSync(), expected.flat(2), { absolute: 2e-5 });
      }
    });

for (const norm of ["post", "pre"] as const)
  test(`${norm}-norm: gradients of the input and of every parameter are finite differences of the definition`, () => {
    const config = { ...small, layers: 1, norm };
    const parameters = someWeights(config);
    const [sequences, length] = [2, 3];
    const x = normals(seedKey(4), sequences * length * config.width);
    const upstream = normals(seedKey(5), x.length);
    const against = (theta: ArrayLike<number>, x: ArrayLike<number>) =>
      [0, 1]
        .flatMap((s) =>
          plainTransformer(parameters, theta, config, rowsOf(x, config.width, s * length, length)).flat(),
        )
        .reduce((sum, v, i) => sum + v * upstream[i], 0);
    const [dTheta, dx] = tf.grads((theta: tf.Tensor, x: tf.Tensor) =>
      applyTransformer(
        unpackParameters(theta as tf.Tensor1D, parameters.layout),
        "t",
        config,
        x as tf.Tensor2D,
        sequences,
      ),
    )(
      [tf.tensor1d(parameters.values), tf.tensor2d(x, [sequences * length, config.width])],
      tf.tensor2d(upstream, [sequences * length, config.width]),
    );
    const tolerance = { absolute: 2e-4, relative: 1e-3 };
    expectClose(
      dx.dataSync(),
      finiteDifferences((v) => against(parameters.values, v), x),
      tolerance,
    );
    expectClose(
      dTheta.dataSync(),
      finiteDifferences((v) => against(v, x), parameters.values),
      tolerance,
    );
  });

test("permuting the tokens of a sequence permutes its outputs and touches no other sequence", () => {
  const weights = someWeights(small);
  const parameters = unpackParameters(tf.tensor1d(weights.values), weights.layout);
  const length = 6;
  const x = normals(seedKey(6), 2 * length * small.width);
  const order = permutation(seedKey(7), length);
  const permuted = x.slice();
  order.forEach((from, to) => {
    permuted.set(x.subarray(from * small.width, (from + 1) * small.width), to * small.width);
  });
  const run = (x: Float32Array) =>
    applyTransformer(
      parameters,
      "t",
      small,
      tf.tensor2d(x, [2 * length, small.width]),
      2,
    ).dataSync<"float32">();
  const [plain, shuffled] = [run(x), run(permuted)];
  order.forEach((from, to) => {
    expectClose(
      shuffled.subarray(to * small.width, (to + 1) * small.width),
      plain.subarray(from * small.width, (from + 1) * small.width),
      { absolute: 1e-5 },
    );
  });
  assert.deepEqual(shuffled.subarray(length * small.width), plain.subarray(length * small.width));
});

test("dropout changes the result, follows its key, and does not see where a batch is cut", () => {
  const config = { ...small, dropout: 0.5 };
  const weights = someWeights(config);
  const parameters = unpackParameters(tf.tensor1d(weights.values), weights.layout);
  const [sequences, length] = [4, 3];
  const x = tf.tensor2d(normals(seedKey(8), sequences * length * config.width), [
    sequences * length,
    config.width,
  ]);
  const key = seedKey(9);
  const run = (x: tf.Tensor2D, count: number, source?: { key: typeof key; firstSequence: number }) =>
    applyTransformer(parameters, "t", config, x, count, source).dataSync<"float32">();
  const whole = run(x, sequences, { key, firstSequence: 0 });
  assert.notDeepEqual(whole, run(x, sequences));
  assert.notDeepEqual(whole, run(x, sequences, { key: seedKey(10), firstSequence: 0 }));
  const tail = tf.slice(x, [length, 0], [-1, -1]);
  expectClose(run(tail, sequences - 1, { key, firstSequence: 1 }), whole.subarray(length * config.width), {
    absolute: 1e-5,
  });
});

test("start values: Xavier bound for query, key and value, 1/√inputs elsewhere, norms 1 and 0", () => {
  const { values, layout } = packParameters(
    initialTransformer(seedKey(1), "t", { ...small, width: 32, ff: 64, norm: "pre" }),
  );
  const start = (wanted: string) => {
    const { shape, offset } = layout.find(({ name }) => name === wanted)!;
    return values.subarray(offset, offset + shape.reduce((size, n) => size * n, 1));
  };
  const largest = (name: string) => Math.max(...start(name).map(Math.abs));
  const close = (name: string, bound: number) =>
    assert.ok(largest(name) <= bound && largest(name) > 0.95 * bound, `${name}: ${largest(name)}`);
  close("t.0.qkv.weight", Math.sqrt(6 / 128));
  close("t.1.up.weight", 1 / Math.sqrt(32));
  close("t.1.down.weight", 1 / Math.sqrt(64));
  assert.equal(largest("t.0.qkv.bias"), 0);
  assert.equal(largest("t.0.attentionOut.bias"), 0);
  assert.ok(start("t.norm.scale").every((v) => v === 1));
  assert.ok(start("t.0.norm2.shift").every((v) => v === 0));
});

test("a configuration that cannot be built is refused by name", () => {
  assert.throws(
    () => initialTransformer(seedKey(1), "encoder", { ...small, heads: 3 }),
    /encoder: heads is 3; it must divide width, 4/,
  );
  assert.throws(() => initialTransformer(seedKey(1), "encoder", { ...small, layers: 0 }), /layers is 0/);
  assert.throws(
    () => initialTransformer(seedKey(1), "encoder", { ...small, layers: 1e7 }),
    /encoder: layers is 10000000; use a whole number from 1 to 512/,
  );
  const unknown = { ...small, activation: "swish" as "gelu" };
  assert.throws(
    () => initialTransformer(seedKey(1), "encoder", unknown),
    /encoder: activation is "swish"; use "gelu" or "relu"/,
  );
  assert.throws(() => initialTransformer(seedKey(1), "encoder", { ...small, dropout: 1 }), /dropout is 1/);
});
