/** `npm run bench`: time of a training step and of its ops against stock TensorFlow.js, and memory over 1,000 steps. */
import { mkdir } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { Command } from "commander";
import writeFileAtomic from "write-file-atomic";
import { simulate, simulationDefaults } from "../lib/data/simulation.js";
import { describeEngine, startEngine, tf } from "../lib/engine/backend.js";
import { dense } from "../lib/engine/ops/dense.js";
import { gelu } from "../lib/engine/ops/gelu.js";
import { normals, seedKey, unitVectors } from "../lib/engine/random.js";
import { tableText } from "../lib/figures/table.js";
import { elboWeights } from "../lib/losses/elbo.js";
import { sigreg, sigregForms } from "../lib/losses/sigreg.js";
import { varJepaDefaults } from "../lib/models/var-jepa.js";
import { figuresFolder } from "../lib/settings.js";
import { trainVarJepa, varJepaTrainingDefaults } from "../lib/training/train-var-jepa.js";

new Command("bench")
  .description(
    "Times ops against stock TensorFlow.js, alternating, and a training step; writes figures/bench.json.",
  )
  .parse();

const engine = await startEngine();
console.log(describeEngine(engine));

const median = (values: number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1];

/** Median milliseconds of several functions, run in turns so that the machine's moods hit all alike. */
function interleaved(candidates: Record<string, () => tf.Tensor[]>, rounds = 60): Record<string, number> {
  const times: Record<string, number[]> = {};
  for (let round = -10; round < rounds; round++)
    for (const [name, run] of Object.entries(candidates)) {
      const began = performance.now();
      tf.tidy(() => {
        for (const tensor of run()) tensor.dataSync();
      });
      times[name] ??= [];
      if (round >= 0) times[name].push(performance.now() - began);
    }
  return Object.fromEntries(Object.entries(times).map(([name, values]) => [name, median(values)]));
}

const rows = 512;
const draw = (seed: number, shape: [number, number]) =>
  tf.tensor2d(normals(seedKey(seed), shape[0] * shape[1]), shape);
const wide = draw(1, [rows, 128]);
const weight = draw(2, [128, 32]);
const bias = tf.zeros<tf.Rank.R1>([32]);
const stockGelu = (x: tf.Tensor) => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));
const backwardOf = (op: (...args: tf.Tensor[]) => tf.Tensor, args: tf.Tensor[]) => () =>
  tf.grads((...inputs: tf.Tensor[]) => tf.sum(tf.square(op(...inputs))))(args);

const opTimes = {
  "dense 512×128→32": interleaved({
    stock: backwardOf((x, w, b) => tf.add(tf.matMul(x, w), b), [wide, weight, bias]),
    ours: backwardOf(
      (x, w, b) => dense(x as tf.Tensor2D, w as tf.Tensor2D, b as tf.Tensor1D),
      [wide, weight, bias],
    ),
  }),
  "gelu 512×128": interleaved({
    stock: backwardOf(stockGelu, [wide]),
    ours: backwardOf((x) => gelu(x), [wide]),
  }),
};
const latents = draw(3, [rows, 16]);
const directions = unitVectors(seedKey(4), 64, 16);
const sigregTime = interleaved({
  ours: backwardOf((s) => sigreg(s as tf.Tensor2D, directions, sigregForms["var-jepa"]), [latents]),
}).ours;

const { train } = simulate(seedKey(1), { ...simulationDefaults, trainRows: 5_120, evaluationRows: 1 });
const stepTimes: number[] = [];
const residentMb: number[] = [];
await trainVarJepa(
  seedKey(1),
  train,
  varJepaDefaults,
  elboWeights,
  { ...varJepaTrainingDefaults, epochs: 110 },
  ({ seconds }) => {
    stepTimes.push((1000 * seconds) / 10);
    residentMb.push(process.memoryUsage().rss / 2 ** 20);
  },
);

const report = {
  machine: {
    cpu: os.cpus()[0].model,
    cores: os.availableParallelism(),
    node: process.version,
    engine: describeEngine(engine),
  },
  ops: Object.entries(opTimes).map(([op, { stock, ours }]) => ({
    op: `${op}, forward and backward`,
    stockMs: stock,
    oursMs: ours,
    ratio: ours / stock,
  })),
  sigregMs: sigregTime,
  step: { model: "mlp", batch: rows, medianMs: median(stepTimes.slice(10)) },
  memory: {
    residentMbAfter100Steps: residentMb[9],
    residentMbAfter1100Steps: residentMb[residentMb.length - 1],
  },
};
await mkdir(figuresFolder("standard"), { recursive: true });
await writeFileAtomic(
  path.join(figuresFolder("standard"), "bench.json"),
  `${JSON.stringify(report, null, 1)}\n`,
);
console.log(tableText(report.ops, { digits: 3 }));
console.log(
  `SIGReg with gradient: ${sigregTime.toFixed(1)} ms; Var-JEPA MLP step, batch ${rows}: ${report.step.medianMs.toFixed(1)} ms`,
);
console.log(
  `resident memory after 100 steps ${report.memory.residentMbAfter100Steps.toFixed(0)} MB, after 1,100 steps ${report.memory.residentMbAfter1100Steps.toFixed(0)} MB`,
);
