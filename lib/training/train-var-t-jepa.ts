import type { EncodedTable } from "../data/tables/preprocess.js";
import { startEngine } from "../engine/backend.js";
import type { VarTJepaConfig } from "../models/var-t-jepa.js";
import { type TrainedVarTJepa, tableShape } from "./tabular-model.js";
import { featuresOf, runTableTask, type TableTrainingOptions } from "./train-table.js";
import { type VarTJepaTaskInput, type VarTJepaTraining, varTJepaTask } from "./var-t-jepa-task.js";

/** What to train, and how. `tabularPreset` has both. */
export interface VarTJepaOptions extends TableTrainingOptions {
  readonly model: Omit<VarTJepaConfig, "table">;
  readonly training: VarTJepaTraining;
}

/**
 * Trains a Var-T-JEPA on all rows of a table; labels are not looked at.
 * @throws naming the field that makes no sense; TrainingDiverged naming the term that is no longer finite; when the
 * checkpoint holds another run.
 */
export async function trainVarTJepa(table: EncodedTable, options: VarTJepaOptions): Promise<TrainedVarTJepa> {
  await startEngine();
  const { model, training, seed = 1, checkpoint } = options;
  const config = { ...model, table: tableShape(table.schema) };
  const input: VarTJepaTaskInput = { seed, data: featuresOf(table), config, training, checkpoint };
  const module = new URL("./var-t-jepa-task.js", import.meta.url);
  const { weights, history } = await runTableTask(module, varTJepaTask, input, options);
  return { kind: "var-t-jepa", config, schema: table.schema, training, seed, history, weights };
}
