/**
 * Tables 7 and 8 of the paper (Gögl & Yau, arXiv:2603.20111v1, Appendix D.6) as data. In all columns that both have,
 * T-JEPA (Table 8) and Var-T-JEPA (Table 7) are set alike.
 */
import type { DataSetCode } from "../../data/datasets/data-set.js";
import type { TransformerConfig } from "../../layers/transformer.js";
import type { MaskConfig } from "../../models/modalities/tabular/masks.js";
import type { TableShape } from "../../models/modalities/tabular/table.js";
import { type VarTJepaConfig, varTJepaDefaults } from "../../models/var-t-jepa.js";

/** What the tables say about one data set. */
export interface PublishedSetting {
  readonly batchSize: number;
  readonly learningRate: number;
  readonly warmupEpochs: number;
  readonly masks: MaskConfig;
  readonly encoder: TransformerConfig;
  /** Its width is the tables' column Lp. The number of layers is not printed: 2 is the default of T-JEPA's code. */
  readonly predictor: TransformerConfig;
  /** Final weights, Table 7 only. */
  readonly weights: Readonly<Record<"rec" | "gen" | "klSx" | "klZ" | "klSy", number>>;
  /** Epochs over which each KL weight rises from 0, Table 7 only; Equations 53–55 count steps, `risenWeights` converts. */
  readonly annealEpochs: { readonly klSx: number; readonly klZ: number; readonly klSy: number };
}

/** Decay of T-JEPA's target encoder, from the first step (Table 8) to the last (T-JEPA's code), linear between. */
export const publishedEma = { start: 0.996, end: 1 } as const;

/** Tokens, heads and norm of a stack; the paper names no norm placement, T-JEPA's code normalises after each part. */
function stack(width: number, layers: number, heads: number, ff: number, dropout: number): TransformerConfig {
  return { width, layers, heads, ff, dropout, norm: "post", activation: "gelu" };
}

function masks(contextMin: number, contextMax: number, targetMin: number, targetMax: number): MaskConfig {
  return { contextMin, contextMax, targetMin, targetMax, targetViews: 4 };
}

const adult: PublishedSetting = {
  batchSize: 512,
  learningRate: 1e-3,
  warmupEpochs: 10,
  masks: masks(0.1, 0.3, 0.1, 0.6),
  encoder: stack(64, 8, 4, 256, 0.001),
  predictor: stack(16, 2, 4, 256, 0.002),
  weights: { rec: 0.1, gen: 1, klSx: 1e-4, klZ: 1e-6, klSy: 1e-5 },
  annealEpochs: { klSx: 15, klZ: 15, klSy: 15 },
};

/** Table 7, one entry per data set. */
export const publishedSettings: Readonly<Record<DataSetCode, PublishedSetting>> = {
  AD: adult,
  CO: {
    batchSize: 512,
    learningRate: 5e-4,
    warmupEpochs: 12,
    masks: masks(0.15, 0.35, 0.15, 0.6),
    encoder: stack(64, 8, 8, 64, 0.0015),
    predictor: stack(16, 2, 4, 256, 0.002),
    weights: { rec: 0.001, gen: 0.5, klSx: 1e-6, klZ: 1e-5, klSy: 1e-6 },
    annealEpochs: { klSx: 60, klZ: 60, klSy: 20 },
  },
  EL: {
    batchSize: 512,
    learningRate: 5e-4,
    warmupEpochs: 10,
    masks: masks(0.15, 0.6, 0.15, 0.9),
    encoder: stack(64, 6, 4, 64, 0.001),
    predictor: stack(16, 2, 4, 128, 0.002),
    weights: { rec: 0.001, gen: 0.25, klSx: 1e-6, klZ: 1e-5, klSy: 1e-6 },
    annealEpochs: { klSx: 40, klZ: 40, klSy: 15 },
  },
  CC: adult,
  BM: adult,
  MNIST: {
    batchSize: 256,
    learningRate: 1e-3,
    warmupEpochs: 10,
    masks: masks(0.15, 0.5, 0.15, 0.8),
    encoder: stack(64, 8, 4, 128, 0.002),
    predictor: stack(32, 2, 4, 256, 0.002),
    weights: { rec: 0.001, gen: 0.1, klSx: 1e-6, klZ: 1e-6, klSy: 1e-6 },
    annealEpochs: { klSx: 100, klZ: 100, klSy: 100 },
  },
  SIM: {
    batchSize: 512,
    learningRate: 5e-4,
    warmupEpochs: 10,
    masks: masks(0.15, 0.5, 0.15, 0.8),
    encoder: stack(64, 16, 2, 64, 0.002),
    predictor: stack(16, 2, 4, 256, 0.002),
    weights: { rec: 0.001, gen: 0.1, klSx: 1e-6, klZ: 1e-6, klSy: 1e-5 },
    annealEpochs: { klSx: 50, klZ: 50, klSy: 50 },
  },
};

/** The model of a published setting for a table, open choices as in `varTJepaDefaults`. */
export function publishedModel(dataset: DataSetCode, table: TableShape): VarTJepaConfig {
  const { masks, encoder, predictor } = publishedSettings[dataset];
  return { ...varTJepaDefaults, table, masks, encoder, predictor };
}
