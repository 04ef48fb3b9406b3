import type { EncodedTable } from "../data/tables/preprocess.js";
import { startEngine } from "../engine/backend.js";
import type { Weights } from "../layers/weights.js";
import type { TJepaConfig } from "../models/t-jepa.js";
import { type TJepaTaskInput, tJepaTask } from "./t-jepa-task.js";
import { type TrainedTJepa, tableShape } from "./tabular-model.js";
import type { TabularTraining } from "./tabular-task.js";
import { featuresOf, runTableTask, type TableTrainingOptions } from "./train-table.js";

/** What to train, and how. `tabularPreset` has both. */
export interface TJepaOptions extends TableTrainingOptions {
  readonly model: Omit<TJepaConfig, "table">;
  readonly training: TabularTraining;
}

/**
 * Trains a T-JEPA, the deterministic baseline, on all rows of a table; labels are not looked at.
 * @throws as `trainVarTJepa` does.
 */
export async function trainTJepa(table: EncodedTable, options: TJepaOptions): Promise<TrainedTJepa> {
  await startEngine();
  const { model, training, seed = 1, checkpoint } = options;
  const config = { ...model, table: tableShape(table.schema) };
  const input: TJepaTaskInput = { seed, data: featuresOf(table), config, training, checkpoint };
  const module = new URL("./t-jepa-task.js", import.meta.url);
  const { weights, average, history } = await runTableTask(module, tJepaTask, input, options);
  const target = average as Weights;
  return { kind: "t-jepa", config, schema: table.schema, training, seed, history, weights, target };
}
