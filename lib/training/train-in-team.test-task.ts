/** A small task for tests of teams, micro-batches and checkpoints: a Var-JEPA without its recipe. */

import { takeRows } from "../data/rows.js";
import { fold, normals, seedKey } from "../engine/random.js";
import type { Team } from "../engine/team.js";
import * as tf from "../engine/tf.js";
import { elboTerms } from "../losses/elbo.js";
import { termValues } from "../losses/term.js";
import {
  initialVarJepa,
  latentNoise,
  passVarJepa,
  type VarJepaConfig,
  varJepaDefaults,
} from "../models/var-jepa.js";
import { linear, warmupCosine } from "./schedule.js";
import { type Trained, type TrainingTask, train } from "./train.js";

/** What the small task can be asked to do besides training. */
export interface SmallTask {
  readonly seed: number;
  readonly rows?: number;
  readonly changes?: Partial<
    Omit<TrainingTask, "terms" | "onEpoch" | "onStep" | "learningRate" | "averageDecay">
  >;
  /** What happens in the pass over the batch's second half at step 3. */
  readonly deed?: "throw" | "NaN";
  /** The steps at which a term over the whole batch has a weight. */
  readonly batchTermAt?: readonly number[];
  /** Stop after this epoch. */
  readonly stopAfter?: number;
}

const model: VarJepaConfig = { ...varJepaDefaults, dx: 6, dy: 5, d: 4, dz: 2, hidden: 8 };

/** Builds the task. */
export function task({ seed, rows = 40, changes, deed, batchTermAt, stopAfter }: SmallTask): TrainingTask {
  const key = seedKey(seed);
  const x = normals(fold(key, "x"), rows * model.dx);
  const y = normals(fold(key, "y"), rows * model.dy);
  const anneal = linear(0, 1, 6);
  return {
    parameters: initialVarJepa(fold(key, "weights"), model),
    rows,
    batchSize: 16,
    epochs: 4,
    learningRate: warmupCosine(1e-2, 3, 12),
    weightDecay: 1e-3,
    averageDecay: linear(0.9, 1, 11),
    key: fold(key, "training"),
    onEpoch: ({ epoch }) => (epoch === stopAfter ? "stop" : undefined),
    ...changes,
    terms: (parameters, batch) => {
      const late = batch.step === 3 && batch.first > 0;
      if (late && deed === "throw") throw new RangeError("this pass cannot be computed");
      const views = [takeRows(x, model.dx, batch.rows), takeRows(y, model.dy, batch.rows)] as const;
      const noise = latentNoise(batch.key, batch.rows.length, model, batch.first);
      const elbo = termValues(elboTerms, passVarJepa(parameters, model, ...views, noise), model);
      const term = (weight: number, value: tf.Scalar) => ({ weight, value, over: "rows" as const });
      const poison = late && deed === "NaN" ? Number.NaN : 1;
      return {
        rec: term(1, elbo.rec),
        gen: term(1, tf.mul(elbo.gen, poison)),
        klSx: term(anneal(batch.step), elbo.klSx),
        klZ: term(anneal(batch.step), elbo.klZ),
        klSy: term(anneal(batch.step), elbo.klSy),
        ...(batchTermAt === undefined
          ? {}
          : {
              spread: {
                weight: Number(batchTermAt.includes(batch.step)),
                value: elbo.klSx,
                over: "batch" as const,
              },
            }),
      };
    },
  };
}

/** For `runTeam`: trains, then shows the weights of every member, one after the other. */
export async function run(input: SmallTask, team: Team): Promise<Float32Array> {
  const { values } = (await train(task(input), team)).parameters;
  const all = new Float32Array(team.size * values.length);
  all.set(values, team.index * values.length);
  return team.sum(all);
}

/** What training gave, as JSON that says every bit of it but how long it took. */
export function timeless({ parameters, average, log, history }: Trained): unknown {
  const bits = (numbers: Float32Array = new Float32Array()) =>
    Buffer.from(new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength)).toString("base64");
  return {
    weights: bits(parameters.values),
    average: bits(average?.values),
    columns: log.columns,
    log: bits(log.values),
    history: history.map((report) => ({ ...report, seconds: 0 })),
  };
}
