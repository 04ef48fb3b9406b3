/** The two training steps that `npm run bench` times, as tasks: every epoch is one step on a batch of 512 rows. */
import { fold, normals, seedKey, uniforms } from "../lib/engine/random.js";
import { elboWeights } from "../lib/losses/elbo.js";

import { varJepaDefaults } from "../lib/models/var-jepa.js";
import type { VarTJepaConfig } from "../lib/models/var-t-jepa.js";

import { publishedModel, publishedSettings } from "../lib/papers/var-jepa/published.js";
import { type FitInput, fitTask } from "../lib/training/fit-task.js";
import type { TrainingTask } from "../lib/training/train.js";

/** Which step is timed, and how often. */
export interface BenchInput {
  readonly model: "mlp" | "var-t-jepa";
  readonly steps: number;
}

const ROWS = 512;
const key = seedKey(1);

/** Six networks with two hidden layers of 128, views of 32 dimensions, latents of 16 and 8. */
export const mlpModel = { ...varJepaDefaults, hiddenLayers: 2 };

/**
 * A table of Adult's shape (Table 6: 6 numeric, 8 categorical features) and Table 7's encoder; to make every step the
 * same work, masks have fixed sizes (3 features in the context, 5 in each target), dropout is off, one token is pooled
 * and one sample of s_w decoded. The predictor has four layers.
 */
export const tabularModel: VarTJepaConfig = (() => {
  const published = publishedModel("AD", { numeric: 6, cardinalities: [9, 16, 7, 15, 6, 5, 2, 42] });
  return {
    ...published,
    masks: {
      contextMin: 3 / 14,
      contextMax: 3 / 14,
      targetMin: 5 / 14,
      targetMax: 5 / 14,
      targetViews: 4,
    },
    encoder: { ...published.encoder, dropout: 0 },
    predictor: { ...published.predictor, layers: 4, dropout: 0 },
    poolTokens: 1,
    targetSamples: 1,
  };
})();

/** Builds the task of one step. */
export function task({ model, steps }: BenchInput): TrainingTask {
  const training = { epochs: steps, batchSize: ROWS, learningRate: 1e-3, weightDecay: 1e-2 };
  return fitTask({ ...(model === "mlp" ? pairs() : table()), training, seed: 1 });
}

type Timed = Pick<FitInput, "family" | "config" | "objective" | "data">;

function pairs(): Timed {
  const x = normals(fold(key, "x"), ROWS * mlpModel.dx);
  const y = normals(fold(key, "y"), ROWS * mlpModel.dy);
  return {
    family: "var-jepa",
    config: mlpModel,
    objective: elboWeights,
    data: { rows: ROWS, x, y } as FitInput["data"],
  };
}

function table(): Timed {
  const { numeric, cardinalities } = tabularModel.table;
  const codes = uniforms(fold(key, "codes"), ROWS * cardinalities.length);
  const data = {
    rows: ROWS,
    numeric: normals(fold(key, "numbers"), ROWS * numeric),
    categorical: Int32Array.from(codes, (u, i) => Math.floor(u * cardinalities[i % cardinalities.length])),
  };
  return { family: "var-t-jepa", config: tabularModel, objective: publishedSettings.AD.weights, data };
}
