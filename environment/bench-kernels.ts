/** The kernels by themselves: floating-point operations a second against the machine's peak, time against composed ops. */
import { tf } from "../lib/engine/backend.js";
import { fusedKernels, useKernels } from "../lib/engine/fused.js";
import { attention } from "../lib/engine/ops/attention.js";
import { characteristicDistance } from "../lib/engine/ops/characteristic-distance.js";
import { softmaxCrossEntropy } from "../lib/engine/ops/cross-entropy.js";
import { dense, denseGelu } from "../lib/engine/ops/dense.js";
import { gatherRows } from "../lib/engine/ops/gather-rows.js";
import { gaussianKl } from "../lib/engine/ops/gaussian.js";
import { layerNorm } from "../lib/engine/ops/layer-norm.js";
import { randomNormal } from "../lib/engine/ops/random-normal.js";
import { normals, seedKey, unitVectors } from "../lib/engine/random.js";
import { sigregForms } from "../lib/losses/sigreg.js";

/** One op, forward and backward. */
export interface KernelTime {
  readonly op: string;
  readonly fusedMs: number;
  /** The same op composed of TensorFlow.js ops on the same backend, in turns with the fused one. */
  readonly composedMs: number;
  readonly ratio: number;
  /** Of the fused op, where its floating-point operations are mostly those of matrix products. */
  readonly gflops?: number;
  readonly shareOfPeak?: number;
}

interface Candidate {
  readonly op: string;
  readonly run: () => tf.Tensor[];
  readonly products?: number;
}

/** The middle value, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}

function matrix(seed: number, rows: number, columns: number): tf.Tensor2D {
  return tf.tensor2d(normals(seedKey(seed), rows * columns), [rows, columns]);
}

/** Value and gradients of the sum of an op. */
const bothWays = (op: (...inputs: tf.Tensor[]) => tf.Tensor, inputs: tf.Tensor[]) => () =>
  tf.grads((...args: tf.Tensor[]) => tf.sum(op(...args)))(inputs);

function candidates(): Candidate[] {
  const affine = (op: typeof dense, rows: number, inputs: number, outputs: number): Candidate => ({
    op: `${op === dense ? "dense" : "dense + GELU"} ${rows}×${inputs}→${outputs}`,
    run: bothWays(
      (x, w, b) => op(x as tf.Tensor2D, w as tf.Tensor2D, b as tf.Tensor1D),
      [matrix(1, rows, inputs), matrix(2, inputs, outputs), tf.zeros([outputs])],
    ),
    products: 6 * rows * inputs * outputs,
  });
  const [rows, columns] = [2176, 64];
  const table = matrix(3, rows, columns);
  const index = Int32Array.from({ length: rows }, (_, i) => (i * 7919) % rows);
  const labels = Int32Array.from({ length: 512 }, (_, i) => i % 42);
  const directions = unitVectors(seedKey(4), 64, 16);
  const [scale, shift] = [tf.ones([columns]), tf.zeros([columns])];
  return [
    affine(dense, 512, 128, 128),
    affine(denseGelu, 1088, 64, 256),
    affine(dense, 1088, 256, 64),
    {
      op: "attention 128 sequences of 17, 4 heads of 16",
      run: bothWays((qkv) => attention(qkv as tf.Tensor2D, 128, 4), [matrix(5, 128 * 17, 192)]),
      products: 128 * 4 * 17 * 17 * 16 * 2 * 7,
    },
    {
      op: `layer norm with residual ${rows}×${columns}`,
      run: bothWays(
        (x, s, b, y) => layerNorm(x as tf.Tensor2D, s as tf.Tensor1D, b as tf.Tensor1D, y as tf.Tensor2D),
        [table, scale, shift, table],
      ),
    },
    {
      op: `gather ${rows} rows of ${columns}`,
      run: bothWays((x) => gatherRows(x as tf.Tensor2D, index), [table]),
    },
    {
      op: "softmax cross-entropy 512×42",
      run: bothWays((x) => softmaxCrossEntropy(x as tf.Tensor2D, labels), [matrix(6, 512, 42)]),
    },
    {
      op: `Gaussian KL ${rows}×${columns}`,
      run: bothWays(
        (...args) => gaussianKl(...(args as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Tensor2D])),
        [table, table, table, table],
      ),
    },
    { op: `normal numbers ${rows}×${columns}`, run: () => [randomNormal(seedKey(1), rows, columns)] },
    {
      op: "SIGReg 512×16, 64 directions, 64 frequencies",
      run: bothWays(
        (s) => characteristicDistance(s as tf.Tensor2D, directions, sigregForms["var-jepa"]),
        [matrix(7, 512, 16)],
      ),
    },
  ];
}

/** Highest rate of multiply-adds on four lanes, GFLOP/s: what a kernel could reach if memory took no time. */
export function peakGflops(): number {
  const { run } = fusedKernels()!;
  const rounds = 2_000_000;
  const seconds = Array.from({ length: 20 }, () => {
    const began = performance.now();
    run.multiplyAdd(rounds, 0.5);
    return (performance.now() - began) / 1000;
  });
  return (64 * rounds) / Math.min(...seconds) / 1e9;
}

/** Times every op, fused and composed in turns. Ends with the relaxed kernels in use. */
export function timeKernels(peak: number, rounds = 15): KernelTime[] {
  return candidates().map(({ op, run, products }) => {
    const times = { composed: [] as number[], relaxed: [] as number[] };
    for (let round = -3; round < rounds; round++)
      for (const build of ["composed", "relaxed"] as const) {
        useKernels(build === "composed" ? undefined : build);
        const began = performance.now();
        tf.tidy(() => void run());
        if (round >= 0) times[build].push(performance.now() - began);
      }
    const [composedMs, fusedMs] = [median(times.composed), median(times.relaxed)];
    const rates =
      products === undefined
        ? {}
        : { gflops: products / fusedMs / 1e6, shareOfPeak: products / fusedMs / 1e6 / peak };
    return { op, fusedMs, composedMs, ratio: fusedMs / composedMs, ...rates };
  });
}
