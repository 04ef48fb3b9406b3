/** A small table like SIM, and a small model of each kind, for tests of training on tables. */
import { simTableDefaults, simulateTable } from "../data/datasets/sim.js";
import { type EncodedTable, encodeTable, fitSchema } from "../data/tables/preprocess.js";
import { seedKey } from "../engine/random.js";
import type { ModelOf } from "../families/registry.js";
import type { TransformerConfig } from "../layers/transformer.js";
import { varTJepaDefaults } from "../models/var-t-jepa.js";
import type { FitOptions, ModelSettings } from "./fit.js";

/** 40 rows of 6 numbers and 2 categories. */
export function smallTable(): EncodedTable {
  const sizes = { rows: 40, numericFeatures: 6, categoricalFeatures: 2, informativeFeatures: 2, bins: 3 };
  const simulated = simulateTable(seedKey(7), { ...simTableDefaults, ...sizes });
  const table = { ...simulated, source: { title: "small", files: [], notes: [] } };
  return encodeTable(fitSchema(table), table);
}

const masks = { contextMin: 0.2, contextMax: 0.5, targetMin: 0.2, targetMax: 0.5, targetViews: 2 };
const encoder: TransformerConfig = {
  width: 8,
  layers: 1,
  heads: 2,
  ff: 12,
  dropout: 0.05,
  norm: "post",
  activation: "gelu",
};
const predictor = { ...encoder, width: 4, ff: 6 };
const training = {
  epochs: 4,
  batchSize: 16,
  learningRate: 5e-3,
  warmupEpochs: 1,
  weightDecay: 1e-5,
  clipNorm: 5,
};

/** Four epochs of three steps. */
export const smallVarTJepa = {
  model: { ...varTJepaDefaults, masks, encoder, predictor, poolTokens: 2, targetSamples: 2 },
  objective: { rec: 0.5, gen: 1, klSx: 1e-2, klZ: 1e-2, klSy: 1e-2 },
  training: {
    ...training,
    annealEpochs: { klSx: 2, klZ: 2, klSy: 1 },
  },
  seed: 4,
} satisfies ModelSettings<ModelOf<"var-t-jepa">> & FitOptions;

/** Four epochs of three steps. */
export const smallTJepa = {
  model: { masks, encoder, predictor, clsTokens: 1, auxiliaryTokens: 1, ema: { start: 0.9, end: 1 } },
  objective: { prediction: 1 },
  training,
  seed: 4,
} satisfies ModelSettings<ModelOf<"t-jepa">> & FitOptions;
