/**
 * The numbers printed in Table 1 of Gögl & Yau, "Var-JEPA" (arXiv:2603.20111v1): `[mean, std]` over 5 runs.
 * The paper's caption also announces a mean conditional-prior KL for s_y, but the table prints no such column.
 */
import type { Latent, VariantName } from "./simulation-variants.js";

/** Metrics that the paper prints. */
export type PublishedMetric = "accuracy" | "klAggregate" | "sigregMse" | "covarianceFrobenius" | "meanNorm";

type Cell = readonly [mean: number, std: number];

/** Table 1 by latent, variant and metric. */
export const publishedTable1: Record<Latent, Record<VariantName, Record<PublishedMetric, Cell>>> = {
  sx: {
    A: {
      accuracy: [0.996, 0.002],
      klAggregate: [0.113, 0.037],
      sigregMse: [0.0004, 0.0001],
      covarianceFrobenius: [0.649, 0.127],
      meanNorm: [0.082, 0.009],
    },
    B: {
      accuracy: [0.996, 0.002],
      klAggregate: [0.108, 0.032],
      sigregMse: [0.0004, 0.0001],
      covarianceFrobenius: [0.639, 0.113],
      meanNorm: [0.077, 0.018],
    },
    C: {
      accuracy: [0.996, 0.002],
      klAggregate: [0.11, 0.033],
      sigregMse: [0.0004, 0.0001],
      covarianceFrobenius: [0.647, 0.118],
      meanNorm: [0.077, 0.018],
    },
    D: {
      accuracy: [0.996, 0.002],
      klAggregate: [0.107, 0.03],
      sigregMse: [0.00039, 0.0001],
      covarianceFrobenius: [0.634, 0.108],
      meanNorm: [0.078, 0.018],
    },
    E: {
      accuracy: [0.996, 0.002],
      klAggregate: [8.374, 1.944],
      sigregMse: [0.051, 0.019],
      covarianceFrobenius: [7.197, 1.522],
      meanNorm: [2.55, 0.607],
    },
    F: {
      accuracy: [0.996, 0.002],
      klAggregate: [0.098, 0.038],
      sigregMse: [0.0003, 0.0001],
      covarianceFrobenius: [0.597, 0.124],
      meanNorm: [0.083, 0.01],
    },
    G: {
      accuracy: [0.571, 0.01],
      klAggregate: [0.015, 0.002],
      sigregMse: [0.00016, 1.1e-5],
      covarianceFrobenius: [0.229, 0.016],
      meanNorm: [0.055, 0.005],
    },
    H: {
      accuracy: [0.834, 0.044],
      klAggregate: [0.015, 0.001],
      sigregMse: [0.00017, 1.4e-5],
      covarianceFrobenius: [0.225, 0.008],
      meanNorm: [0.065, 0.006],
    },
    I: {
      accuracy: [0.995, 0.002],
      klAggregate: [10.465, 2.207],
      sigregMse: [0.057, 0.019],
      covarianceFrobenius: [8.807, 1.208],
      meanNorm: [3.1, 0.594],
    },
    J: {
      accuracy: [0.996, 0.002],
      klAggregate: [2.115, 0.093],
      sigregMse: [0.0033, 0.00054],
      covarianceFrobenius: [2.594, 0.077],
      meanNorm: [0.205, 0.032],
    },
  },
  sy: {
    A: {
      accuracy: [0.993, 0.001],
      klAggregate: [3.53, 0.377],
      sigregMse: [0.017, 0.0017],
      covarianceFrobenius: [4.727, 0.528],
      meanNorm: [1.32, 0.18],
    },
    B: {
      accuracy: [0.992, 0.002],
      klAggregate: [3.511, 0.449],
      sigregMse: [0.014, 0.003],
      covarianceFrobenius: [4.748, 0.651],
      meanNorm: [1.272, 0.198],
    },
    C: {
      accuracy: [0.993, 0.002],
      klAggregate: [1.999, 0.058],
      sigregMse: [0.0046, 0.0004],
      covarianceFrobenius: [3.423, 0.215],
      meanNorm: [0.189, 0.03],
    },
    D: {
      accuracy: [0.992, 0.002],
      klAggregate: [1.998, 0.057],
      sigregMse: [0.0046, 0.0004],
      covarianceFrobenius: [3.423, 0.216],
      meanNorm: [0.189, 0.03],
    },
    E: {
      accuracy: [0.993, 0.001],
      klAggregate: [4.051, 0.517],
      sigregMse: [0.021, 0.0034],
      covarianceFrobenius: [4.985, 0.591],
      meanNorm: [1.589, 0.201],
    },
    F: {
      accuracy: [0.983, 0.003],
      klAggregate: [6.201, 1.319],
      sigregMse: [0.028, 0.0055],
      covarianceFrobenius: [6.288, 1.636],
      meanNorm: [1.924, 0.348],
    },
    G: {
      accuracy: [0.543, 0.033],
      klAggregate: [0.055, 0.006],
      sigregMse: [0.00042, 3.2e-5],
      covarianceFrobenius: [0.428, 0.021],
      meanNorm: [0.164, 0.019],
    },
    H: {
      accuracy: [0.821, 0.067],
      klAggregate: [0.017, 0.001],
      sigregMse: [0.00016, 1.4e-5],
      covarianceFrobenius: [0.239, 0.018],
      meanNorm: [0.067, 0.014],
    },
    I: {
      accuracy: [0.984, 0.004],
      klAggregate: [20.276, 11.331],
      sigregMse: [0.084, 0.043],
      covarianceFrobenius: [11.342, 5.062],
      meanNorm: [4.871, 2.15],
    },
    J: {
      accuracy: [0.983, 0.001],
      klAggregate: [2.215, 0.249],
      sigregMse: [0.0034, 0.00078],
      covarianceFrobenius: [2.825, 0.271],
      meanNorm: [0.248, 0.068],
    },
  },
};
