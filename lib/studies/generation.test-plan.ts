/** A tiny study of generation, for tests. */
import { simulationDefaults } from "../data/simulation.js";
import { varJepaDefaults } from "../models/var-jepa.js";
import type { GenerationStudyConfig } from "./generation-plan.js";
import { simulationTraining } from "./simulation-study.js";

/** Two runs on simulated pairs of four columns. */
export const tinyGeneration: GenerationStudyConfig = {
  ...{ study: "generation", preset: "quick", models: ["A"], runs: 2, seed: 1 },
  tasks: [
    {
      name: "simulation",
      data: {
        ...simulationDefaults,
        trainRows: 60,
        evaluationRows: 20,
        d: 2,
        dz: 1,
        dObserved: 4,
        hidden: 4,
      },
      model: { ...varJepaDefaults, dx: 4, dy: 4, d: 2, dz: 1, hidden: 8 },
      training: { ...simulationTraining, epochs: 2, batchSize: 30 },
      networkEpochs: 2,
      scoring: {
        rows: 6,
        draws: { draws: 9, level: 0.8 },
        samples: { posterior: 32, predictor: 32, mode: 64, truth: 16 },
      },
    },
  ],
};
