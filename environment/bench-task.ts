/** The two training steps that `npm run bench` times, as tasks: every epoch is one step on a batch of 512 rows. */
import { takeRows } from "../lib/data/rows.js";
import { fold, normals, seedKey, uniforms } from "../lib/engine/random.js";
import { elboTerms } from "../lib/losses/elbo.js";
import { annealed, tabularElboTerms, weightedTabularElbo } from "../lib/losses/tabular-elbo.js";
import { drawMasks } from "../lib/models/modalities/tabular/masks.js";
import { selectRows, type TableRows } from "../lib/models/modalities/tabular/table.js";
import { initialVarJepa, latentNoise, passVarJepa, varJepaDefaults } from "../lib/models/var-jepa.js";
import type { VarTJepaConfig } from "../lib/models/var-t-jepa.js";
import { initialVarTJepa, passVarTJepa } from "../lib/models/var-t-jepa.js";
import { publishedModel, publishedSettings } from "../lib/papers/var-jepa/published.js";
import { constant } from "../lib/training/schedule.js";
import type { TrainingTask } from "../lib/training/train.js";

/** Which step is timed, and how often. */
export interface BenchInput {
  readonly model: "mlp" | "var-t-jepa";
  readonly steps: number;
}

const ROWS = 512;
const key = seedKey(1);

const common = ({ steps }: BenchInput) => ({
  rows: ROWS,
  batchSize: ROWS,
  epochs: steps,
  learningRate: constant(1e-3),
  weightDecay: 1e-2,
  key: fold(key, "training"),
});

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
export function task(input: BenchInput): TrainingTask {
  return input.model === "mlp" ? mlpTask(input) : tabularTask(input);
}

function mlpTask(input: BenchInput): TrainingTask {
  const model = mlpModel;
  const x = normals(fold(key, "x"), ROWS * model.dx);
  const y = normals(fold(key, "y"), ROWS * model.dy);
  return {
    ...common(input),
    weights: initialVarJepa(key, model),
    terms: (parameters, { rows, key, first }) => {
      const views = [takeRows(x, model.dx, rows), takeRows(y, model.dy, rows)] as const;
      const noise = latentNoise(key, rows.length, model, first);
      const terms = elboTerms(passVarJepa(parameters, model, ...views, noise), ...views);
      return Object.fromEntries(
        Object.entries(terms).map(([name, value]) => [name, { weight: 1, value, over: "rows" }]),
      );
    },
  };
}

function tabularTask(input: BenchInput): TrainingTask {
  const model = tabularModel;
  const { numeric, cardinalities } = model.table;
  const codes = uniforms(fold(key, "codes"), ROWS * cardinalities.length);
  const table: TableRows = {
    rows: ROWS,
    numeric: normals(fold(key, "numbers"), ROWS * numeric),
    categorical: Int32Array.from(codes, (u, i) => Math.floor(u * cardinalities[i % cardinalities.length])),
  };
  return {
    ...common(input),
    weights: initialVarTJepa(key, model),
    terms: (parameters, { rows, key, first }) => {
      const masks = drawMasks(fold(key, "masks"), model.masks, 14, rows.length, first);
      const chosen = selectRows(model.table, table, rows);
      const pass = passVarTJepa(parameters, model, chosen, masks, { key, firstRow: first });
      return weightedTabularElbo(tabularElboTerms(pass, model), publishedSettings.AD.weights, annealed);
    },
  };
}
