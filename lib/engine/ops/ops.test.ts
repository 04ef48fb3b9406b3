import "../../node/world.js";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { adamwDefaults, adamwStart, adamwUpdate, movingAverage } from "../adamw.js";
import { tf } from "../backend.js";
import { everyEngine } from "../every-engine.js";
import { expectClose, finiteDifferences } from "../finite-differences.js";
import { useKernels } from "../fused.js";
import {
  droppedColumns,
  fold,
  type Key,
  normalRows,
  normals,
  permutation,
  seedKey,
  uniformRows,
  uniforms,
  unitVectors,
} from "../random.js";
import { attention } from "./attention.js";
import { characteristicDistance } from "./characteristic-distance.js";
import { softmaxCrossEntropy } from "./cross-entropy.js";
import { dense, denseGelu } from "./dense.js";
import { dropout } from "./dropout.js";
import { gatherRows } from "./gather-rows.js";
import {
  gaussianIsotropicLogProb,
  gaussianKl,
  gaussianKlToStandard,
  gaussianSample,
  softBound,
} from "./gaussian.js";
import { gelu } from "./gelu.js";
import { layerNorm } from "./layer-norm.js";
import { randomNormal } from "./random-normal.js";
import { randomUniform } from "./random-uniform.js";

const engines = await everyEngine();

/** A matrix `[rows, columns]` in double precision. */
interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float64Array;
}

/** One op with its shapes: what it computes on tensors, and what it must equal, written out in double precision. */
interface Case {
  readonly name: string;
  /** Shapes of the differentiable inputs. */
  readonly shapes: readonly (readonly number[])[];
  readonly op: (...inputs: tf.Tensor[]) => tf.Tensor;
  readonly reference: (...inputs: Float64Array[]) => Float64Array;
}

/** Φ(x) by Simpson's rule on the normal density from 0, 200 intervals: independent of the op's rational formula. */
function normalCdf(x: number): number {
  const n = 200;
  const h = x / n;
  const density = (t: number) => Math.exp((-t * t) / 2) / Math.sqrt(2 * Math.PI);
  let sum = density(0) + density(x);
  for (let i = 1; i < n; i++) sum += (i % 2 ? 4 : 2) * density(i * h);
  return 0.5 + (sum * h) / 3;
}
const geluOf = (x: number) => x * normalCdf(x);

const matrix = (values: Float64Array, rows: number, columns: number): Matrix => ({ values, rows, columns });
const fill = (count: number, f: (i: number) => number) =>
  Float64Array.from({ length: count }, (_, i) => f(i));
const sumOver = (count: number, f: (i: number) => number) => {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += f(i);
  return sum;
};

function affine(x: Matrix, weight: Float64Array, bias: Float64Array): Float64Array {
  const outputs = bias.length;
  return fill(x.rows * outputs, (at) => {
    const [i, j] = [Math.floor(at / outputs), at % outputs];
    return bias[j] + sumOver(x.columns, (k) => x.values[i * x.columns + k] * weight[k * outputs + j]);
  });
}

function normalised(
  { values, rows, columns }: Matrix,
  scale: Float64Array,
  shift: Float64Array,
): Float64Array {
  const out = new Float64Array(rows * columns);
  for (let r = 0; r < rows; r++) {
    const row = values.subarray(r * columns, (r + 1) * columns);
    const mean = sumOver(columns, (i) => row[i]) / columns;
    const variance = sumOver(columns, (i) => (row[i] - mean) ** 2) / columns;
    for (let i = 0; i < columns; i++)
      out[r * columns + i] = ((row[i] - mean) / Math.sqrt(variance + 1e-5)) * scale[i] + shift[i];
  }
  return out;
}

function attended(
  qkv: Float64Array,
  sequences: number,
  length: number,
  heads: number,
  width: number,
): Float64Array {
  const d = heads * width;
  const out = new Float64Array(sequences * length * d);
  const read = (s: number, t: number, part: number, h: number, c: number) =>
    qkv[(s * length + t) * 3 * d + part * d + h * width + c];
  for (let s = 0; s < sequences; s++)
    for (let h = 0; h < heads; h++)
      for (let i = 0; i < length; i++) {
        const scores = fill(length, (j) =>
          Math.exp(sumOver(width, (c) => read(s, i, 0, h, c) * read(s, j, 1, h, c)) / Math.sqrt(width)),
        );
        const total = sumOver(length, (j) => scores[j]);
        for (let c = 0; c < width; c++)
          out[(s * length + i) * d + h * width + c] =
            sumOver(length, (j) => scores[j] * read(s, j, 2, h, c)) / total;
      }
  return out;
}

const denseCase = (rows: number, inputs: number, outputs: number, activate: boolean): Case => ({
  name: `${activate ? "denseGelu" : "dense"} ${rows}×${inputs}→${outputs}`,
  shapes: [[rows, inputs], [inputs, outputs], [outputs]],
  op: (x, weight, bias) =>
    (activate ? denseGelu : dense)(x as tf.Tensor2D, weight as tf.Tensor2D, bias as tf.Tensor1D),
  reference: (x, weight, bias) => {
    const y = affine(matrix(x, rows, inputs), weight, bias);
    return activate ? y.map(geluOf) : y;
  },
});

const layerNormCase = (rows: number, columns: number, withResidual: boolean): Case => ({
  name: `layerNorm ${rows}×${columns}${withResidual ? " with residual" : ""}`,
  shapes: [[rows, columns], [columns], [columns], ...(withResidual ? [[rows, columns]] : [])],
  op: (x, scale, shift, residual) =>
    layerNorm(
      x as tf.Tensor2D,
      scale as tf.Tensor1D,
      shift as tf.Tensor1D,
      residual as tf.Tensor2D | undefined,
    ),
  reference: (x, scale, shift, residual) =>
    normalised(matrix(residual ? x.map((v, i) => v + residual[i]) : x, rows, columns), scale, shift),
});

const attentionCase = (sequences: number, length: number, heads: number, width: number): Case => ({
  name: `attention ${sequences}×${length}, ${heads} heads of ${width}`,
  shapes: [[sequences * length, 3 * heads * width]],
  op: (qkv) => attention(qkv as tf.Tensor2D, sequences, heads),
  reference: (qkv) => attended(qkv, sequences, length, heads, width),
});

function gatherCase(rows: number, columns: number, count: number): Case {
  const index = Int32Array.from(uniforms(seedKey(rows + count), count), (u) => Math.floor(u * rows));
  return {
    name: `gatherRows ${count} of ${rows}×${columns}`,
    shapes: [[rows, columns]],
    op: (x) => gatherRows(x as tf.Tensor2D, index),
    reference: (x) =>
      fill(count * columns, (at) => x[index[Math.floor(at / columns)] * columns + (at % columns)]),
  };
}

function crossEntropyCase(rows: number, classes: number): Case {
  const labels = Int32Array.from(uniforms(seedKey(rows), rows), (u) => Math.floor(u * classes));
  return {
    name: `softmaxCrossEntropy ${rows}×${classes}`,
    shapes: [[rows, classes]],
    op: (logits) => softmaxCrossEntropy(logits as tf.Tensor2D, labels),
    reference: (logits) =>
      fill(
        rows,
        (r) =>
          Math.log(sumOver(classes, (c) => Math.exp(logits[r * classes + c]))) -
          logits[r * classes + labels[r]],
      ),
  };
}

function gaussianCases(rows: number, columns: number): Case[] {
  const shape = [rows, columns];
  const noise = normals(seedKey(columns), rows * columns);
  const perRow = (f: (at: number) => number) =>
    fill(rows, (r) => sumOver(columns, (i) => f(r * columns + i)));
  const two = (inputs: tf.Tensor[]) => inputs as tf.Tensor2D[];
  return [
    {
      name: `gaussianSample ${rows}×${columns}`,
      shapes: [shape, shape],
      op: (...inputs) => {
        const [mean, logVariance] = two(inputs);
        return gaussianSample(mean, logVariance, tf.tensor2d(noise, [rows, columns]));
      },
      reference: (mean, logVariance) => mean.map((m, i) => m + Math.exp(logVariance[i] / 2) * noise[i]),
    },
    {
      name: `gaussianKlToStandard ${rows}×${columns}`,
      shapes: [shape, shape],
      op: (...inputs) => gaussianKlToStandard(two(inputs)[0], two(inputs)[1]),
      reference: (m, v) => perRow((i) => 0.5 * (Math.exp(v[i]) + m[i] ** 2 - v[i] - 1)),
    },
    {
      name: `gaussianKl ${rows}×${columns}`,
      shapes: [shape, shape, shape, shape],
      op: (...inputs) => gaussianKl(...(two(inputs) as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Tensor2D])),
      reference: (qm, qv, pm, pv) =>
        perRow(
          (i) => 0.5 * (Math.exp(qv[i] - pv[i]) + (qm[i] - pm[i]) ** 2 / Math.exp(pv[i]) + pv[i] - qv[i] - 1),
        ),
    },
    {
      name: `gaussianIsotropicLogProb ${rows}×${columns}`,
      shapes: [shape, [], shape],
      op: (mean, logScale, value) =>
        gaussianIsotropicLogProb(mean as tf.Tensor2D, logScale as tf.Scalar, value as tf.Tensor2D),
      reference: (m, [logScale], v) =>
        perRow(
          (i) => -0.5 * ((v[i] - m[i]) ** 2 / Math.exp(2 * logScale) + 2 * logScale + Math.log(2 * Math.PI)),
        ),
    },
    {
      name: `softBound ${rows}×${columns}`,
      shapes: [shape],
      op: (x) => softBound(x, 1.5),
      reference: (x) => x.map((v) => 1.5 * Math.tanh(v / 1.5)),
    },
  ];
}

function characteristicCase(rows: number, d: number, count: number): Case {
  const directions = unitVectors(seedKey(d), 3, d);
  const weights = Array.from({ length: count }, (_, k) => 1 / (1 + k));
  return {
    name: `characteristicDistance ${rows}×${d}, ${count} frequencies`,
    shapes: [[rows, d]],
    op: (s) => characteristicDistance(s as tf.Tensor2D, directions, { spacing: 0.2, weights }),
    reference: (s) =>
      Float64Array.of(
        sumOver(3, (m) =>
          sumOver(count, (k) => {
            const angle = (n: number) => 0.2 * k * sumOver(d, (j) => s[n * d + j] * directions[m * d + j]);
            const re = sumOver(rows, (n) => Math.cos(angle(n))) / rows - Math.exp(-((0.2 * k) ** 2) / 2);
            const im = sumOver(rows, (n) => Math.sin(angle(n))) / rows;
            return (weights[k] * (re * re + im * im)) / 3;
          }),
        ),
      ),
  };
}

const cases: Case[] = [
  { name: "gelu 13", shapes: [[13]], op: (x) => gelu(x), reference: (x) => x.map(geluOf) },
  ...[
    [1, 1, 1],
    [5, 3, 7],
    [4, 8, 16],
    [101, 5, 9],
    [2, 33, 20],
  ].flatMap(([rows, inputs, outputs]) => [
    denseCase(rows, inputs, outputs, false),
    denseCase(rows, inputs, outputs, true),
  ]),
  layerNormCase(1, 3, false),
  layerNormCase(6, 8, true),
  layerNormCase(5, 13, true),
  attentionCase(1, 1, 1, 1),
  attentionCase(3, 5, 2, 4),
  attentionCase(2, 9, 3, 5),
  attentionCase(2, 17, 1, 9),
  gatherCase(1, 1, 1),
  gatherCase(7, 5, 12),
  gatherCase(6, 8, 3),
  crossEntropyCase(1, 2),
  crossEntropyCase(5, 7),
  crossEntropyCase(3, 16),
  ...gaussianCases(1, 1),
  ...gaussianCases(3, 4),
  ...gaussianCases(4, 7),
  characteristicCase(1, 1, 1),
  characteristicCase(6, 3, 17),
  characteristicCase(9, 5, 64),
  characteristicCase(4, 2, 70),
];

for (const engine of engines)
  for (const { name, shapes, op, reference } of cases)
    test(`${engine.name}: ${name}: value and gradients (40 coordinates of each input)`, async () => {
      await engine.use();
      const inputs = shapes.map((shape, i) =>
        normals(
          seedKey(i + 1),
          shape.reduce((a, b) => a * b, 1),
        ),
      );
      const exact = inputs.map((values) => Float64Array.from(values));
      const expected = reference(...exact);
      const upstream = normals(seedKey(99), expected.length);
      const tensors = inputs.map((values, i) => tf.tensor(values, [...shapes[i]]));
      const shape = tf.tidy(() => op(...tensors).shape);
      const before = tf.memory().numTensors;
      const { value, grads } = tf.valueAndGrads((...args: tf.Tensor[]) => op(...args))(
        tensors,
        tf.tensor(upstream, shape),
      );
      expectClose(value.dataSync(), expected, { absolute: 2e-6, relative: 2e-5 });
      grads.forEach((grad, i) => {
        assert.deepEqual(grad.shape, shapes[i]);
        const found = grad.dataSync();
        const chosen = permutation(seedKey(i), found.length).subarray(0, 40);
        const along = finiteDifferences(
          (x) => {
            const values = exact[i].slice();
            chosen.forEach((at, c) => {
              values[at] = x[c];
            });
            const y = reference(...exact.map((other, j) => (i === j ? values : other)));
            return y.reduce((sum, v, at) => sum + v * upstream[at], 0);
          },
          Array.from(chosen, (at) => exact[i][at]),
        );
        expectClose(
          Array.from(chosen, (at) => found[at]),
          along,
          { absolute: 1e-5, relative: 5e-5 },
        );
      });
      tf.dispose([value, ...grads]);
      assert.ok(tf.memory().numTensors <= before + 1, "the op leaves tensors behind");
      tf.dispose(tensors);
    });

for (const engine of engines) {
  test(`${engine.name}: normals and uniforms are the same bits as in plain TypeScript`, async () => {
    await engine.use();
    const key: Key = fold(seedKey(5), "stream");
    for (const [rows, columns, firstRow] of [
      [1, 1, 0],
      [1000, 16, 0],
      [7, 5, 3],
      [2, 4, 2 ** 31],
    ]) {
      assert.deepEqual(
        randomNormal(key, rows, columns, firstRow).dataSync(),
        normalRows(key, rows, columns, firstRow),
      );
      assert.deepEqual(
        randomUniform(key, rows, columns, firstRow).dataSync(),
        uniformRows(key, rows, columns, firstRow),
      );
    }
    const whole = randomNormal(key, 10, 3).dataSync();
    assert.deepEqual([...whole.slice(12)], [...randomNormal(key, 6, 3, 4).dataSync()]);
  });

  test(`${engine.name}: dropout drops each number alike, masks the gradient alike, and is x itself at rate 0`, async () => {
    await engine.use();
    const [rows, columns] = [4000, 7];
    const x = tf.ones<tf.Rank.R2>([rows, columns]);
    assert.equal(dropout(x, seedKey(1), 0), x);
    for (const rate of [0.02, 0.25, 0.8]) {
      const op = (t: tf.Tensor) => dropout(t as tf.Tensor2D, seedKey(1), rate, 3);
      const { value, grad } = tf.valueAndGrad(op)(x);
      const kept = [...value.dataSync()];
      assert.deepEqual([...grad.dataSync()], kept);
      // Every column and, within a row, every pair of neighbours: shares within 5 standard deviations of 4,000 draws.
      const within = (share: number, p: number, what: string) =>
        assert.ok(Math.abs(share - p) < 5 * Math.sqrt((p * (1 - p)) / rows), `${what}: ${share}, not ${p}`);
      for (let c = 0; c < columns; c++) {
        const dropped = (r: number, c: number) => Number(kept[r * columns + c] === 0);
        const sum = (f: (r: number) => number) => sumOver(rows, f) / rows;
        within(
          sum((r) => dropped(r, c)),
          rate,
          `column ${c}`,
        );
        if (c > 0)
          within(
            sum((r) => dropped(r, c) * dropped(r, c - 1)),
            rate * rate,
            `columns ${c - 1} and ${c}`,
          );
      }
      expectClose(
        kept.filter((v) => v !== 0),
        kept.filter((v) => v !== 0).map(() => 1 / (1 - rate)),
      );
      const cut = dropout(tf.ones([10, columns]), seedKey(1), rate, 13).dataSync();
      assert.deepEqual([...cut], kept.slice(10 * columns, 20 * columns));
      const expected = Array.from({ length: 50 }, (_, r) => droppedColumns(seedKey(1), r + 3, columns, rate));
      assert.deepEqual(
        expected,
        Array.from({ length: 50 }, (_, r) =>
          Array.from({ length: columns }, (_, c) => c).filter((c) => kept[r * columns + c] === 0),
        ),
      );
    }
    assert.throws(() => dropout(x, seedKey(1), 1), /dropout rate is 1/);
  });

  test(`${engine.name}: two AdamW updates and a moving average of 7 numbers`, async () => {
    await engine.use();
    const start = normals(seedKey(1), 7);
    const mask = Float32Array.from([1, 1, 0, 1, 0, 1, 1]);
    const gradients = [normals(seedKey(2), 7), normals(seedKey(3), 7)];
    const config = { ...adamwDefaults, weightDecay: 0.1 };
    let state = adamwStart(tf.tensor1d(start));
    for (const gradient of gradients)
      state = adamwUpdate(state, tf.tensor1d(gradient), tf.tensor1d(mask), 0.01, config);
    // Loshchilov & Hutter 2019, Algorithm 2, number by number.
    const expected = Array.from(start, (theta, i) => {
      let [m, v, value] = [0, 0, theta];
      gradients.forEach((gradient, step) => {
        m = 0.9 * m + 0.1 * gradient[i];
        v = 0.999 * v + 0.001 * gradient[i] ** 2;
        const corrected = m / (1 - 0.9 ** (step + 1));
        const spread = Math.sqrt(v / (1 - 0.999 ** (step + 1))) + 1e-8;
        value = value - 0.01 * 0.1 * mask[i] * value - (0.01 * corrected) / spread;
      });
      return value;
    });
    expectClose(state.theta.dataSync(), expected, { absolute: 1e-7, relative: 1e-5 });
    expectClose(
      movingAverage(tf.tensor1d(start), tf.tensor1d(mask), 0.996).dataSync(),
      Array.from(start, (v, i) => 0.996 * v + 0.004 * mask[i]),
    );
  });
}

test("an index or a label outside is refused with its place", () => {
  const x = tf.zeros<tf.Rank.R2>([2, 3]);
  assert.throws(() => gatherRows(x, Int32Array.of(0, 2)), /index 2 at position 1 is outside the 2 rows/);
  assert.throws(
    () => softmaxCrossEntropy(x, Int32Array.of(0, 3)),
    /label 3 of row 1 is outside the 3 classes/,
  );
  assert.throws(() => attention(tf.zeros([4, 7]), 2, 2), /7 columns/);
});

for (const build of ["plain", "relaxed"] as const)
  test(`the ${build} kernels hold no data and import nothing but memory`, async () => {
    const code = readFileSync(new URL(`../kernels/${build}.wasm`, import.meta.url));
    const module = new WebAssembly.Module(code);
    assert.deepEqual(
      WebAssembly.Module.imports(module).map(({ name, kind }) => `${name}: ${kind}`),
      ["memory: memory"],
    );
    // Sections are (id, length, content); 11 would be data.
    const sections: number[] = [];
    for (let at = 8; at < code.length; ) {
      sections.push(code[at++]);
      let length = 0;
      for (let shift = 0; ; shift += 7) {
        const byte = code[at++];
        length += (byte & 127) * 2 ** shift;
        if (byte < 128) break;
      }
      at += length;
    }
    assert.ok(sections.includes(10) && !sections.includes(11), `sections ${sections}`);
  });

test("kernels find tensors above 2 GiB", async () => {
  await engines[engines.length - 1].use();
  useKernels("relaxed");
  // Two blocks of 1.2 GiB push what comes after them beyond the sign bit of an address.
  const blocks = [tf.zeros([300 * 2 ** 20]), tf.zeros([300 * 2 ** 20])];
  const x = tf.tensor2d(normals(seedKey(1), 12), [3, 4]);
  const weight = tf.tensor2d(normals(seedKey(2), 20), [4, 5]);
  const bias = tf.tensor1d(normals(seedKey(3), 5));
  const y = dense(x, weight, bias).dataSync();
  const [exactX, exactW, exactB] = [x, weight, bias].map((t) => Float64Array.from(t.dataSync()));
  expectClose(y, affine(matrix(exactX, 3, 4), exactW, exactB), { absolute: 1e-5 });
  tf.dispose(blocks);
});
