/** The training of a T-JEPA as a task; a module that `trainInTeam` can use. */
import { fold } from "../engine/random.js";
import { drawMasks } from "../models/modalities/tabular/masks.js";
import { checkTableRows, featureCount, selectRows } from "../models/modalities/tabular/table.js";
import { initialTJepa, type TJepaConfig, tJepaLoss } from "../models/t-jepa.js";
import { linear, stepsPerEpoch } from "./schedule.js";
import { type TabularTaskInput, type TabularTraining, tabularTask } from "./tabular-task.js";
import type { TrainingTask } from "./task.js";

/** See `TabularTaskInput`. */
export type TJepaTaskInput = TabularTaskInput<TJepaConfig, TabularTraining>;

/**
 * The task of training a T-JEPA (Table 8): one term `prediction`, the squared error against the tokens of a target
 * encoder that is the moving average of the weights, its decay running from `ema.start` to `ema.end`.
 * @throws naming the field of data, configuration or training that makes no sense.
 */
export function tJepaTask(input: TJepaTaskInput): TrainingTask {
  const { data, config, training } = input;
  const base = tabularTask("t-jepa", input, initialTJepa);
  checkTableRows(config.table, data);
  const steps = training.epochs * stepsPerEpoch(data.rows, training.batchSize);
  const features = featureCount(config.table);
  return {
    ...base,
    averageDecay: linear(config.ema.start, config.ema.end, steps - 1),
    terms: (parameters, { rows, first, key }, target) => {
      const masks = drawMasks(fold(key, "masks"), config.masks, features, rows.length, first);
      const chosen = selectRows(config.table, data, rows);
      const value = tJepaLoss(parameters, target, config, chosen, masks, { key, firstRow: first });
      return { prediction: { weight: 1, value, over: "rows" } };
    },
  };
}

export { tJepaTask as task };
