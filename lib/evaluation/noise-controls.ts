/** What a model's uncertainty must be measured against: densities of y given x that no model of pairs has made. */
import {
  coupledLatents,
  type SimulatedViews,
  type SimulatedWorld,
  type SimulationConfig,
} from "../data/simulation.js";
import { fold, type Key, normals } from "../engine/random.js";
import type { VarJepaConfig } from "../models/var-jepa.js";
import type { TrainingSettings } from "../training/fit-task.js";
import type { DrawnDensity } from "./generation/conditional-density.js";
import { fitGaussianRegression } from "./generation/gaussian-baselines.js";
import { lastTenthAside } from "./generation/last-tenth-aside.js";
import { fitVarianceRegression } from "./generation/variance-regression.js";

/** The controls of uncertainty. */
export type NoiseControl = "regression" | "variance-regression" | "told-sx";

/**
 * A linear regression whose variance is the same everywhere, a network that learns its variance too, and the world itself, told the true
 * s_x, as far as anything could get.
 * @param world that both sets of rows are from
 * @param scored the rows that will be drawn for, whose s_x the last one is told
 */
export async function noiseControls(
  key: Key,
  world: SimulatedWorld,
  data: SimulationConfig,
  fitted: SimulatedViews,
  scored: SimulatedViews,
  model: VarJepaConfig,
  training: TrainingSettings,
): Promise<Record<NoiseControl, DrawnDensity>> {
  const { own, validation } = lastTenthAside(fitted);
  return {
    regression: fitGaussianRegression(own, validation, "diagonal"),
    "variance-regression": await fitVarianceRegression(fold(key, "regression"), fitted, model, training),
    "told-sx": toldContexts(world, data, scored),
  };
}

/** Draws of y given the true s_x of rows, from the world. */
function toldContexts(
  { coupling, hy }: SimulatedWorld,
  config: SimulationConfig,
  { sx }: SimulatedViews,
): DrawnDensity {
  const { d, dz, dObserved, observationNoise } = config;
  return {
    draw: (key, { rows }, draws, first = 0) => {
      const out = new Float32Array(rows * draws * dObserved);
      for (let row = 0; row < rows; row++) {
        const noise = (label: string, columns: number) =>
          normals(fold(fold(key, label), first + row), draws * columns);
        const own = sx.subarray((first + row) * d, (first + row + 1) * d);
        const contexts = new Float32Array(draws * d).map((_, at) => own[at % d]);
        const sy = coupledLatents(config, coupling, contexts, noise("z", dz), noise("s_y", d));
        const ofY = noise("y", dObserved);
        out.set(
          hy(sy, draws).map((mean, at) => mean + observationNoise * ofY[at]),
          row * draws * dObserved,
        );
      }
      return out;
    },
  };
}
