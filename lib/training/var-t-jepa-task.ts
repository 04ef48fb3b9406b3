/** The training of a Var-T-JEPA as a task; a module that `trainInTeam` can use. */
import {
  checkTabularElbo,
  klAnnealing,
  type TabularElboWeights,
  varTJepaTerms,
  weightedTabularElbo,
} from "../losses/tabular-elbo.js";
import { checkTableRows, selectRows } from "../models/modalities/tabular/table.js";
import type { VarTJepaConfig } from "../models/var-t-jepa.js";
import { initialVarTJepa } from "../models/var-t-jepa.js";
import { stepsPerEpoch } from "./schedule.js";
import { type TabularTaskInput, type TabularTraining, tabularTask } from "./tabular-task.js";
import type { TrainingTask } from "./task.js";

/** How a Var-T-JEPA is optimised: the columns of Table 7 and what it leaves open. */
export interface VarTJepaTraining extends TabularTraining {
  /** Final weights of the five terms. */
  readonly weights: TabularElboWeights;
  /** Epochs over which each KL weight rises from 0. */
  readonly annealEpochs: { readonly klSx: number; readonly klZ: number; readonly klSy: number };
}

/** See `TabularTaskInput`. */
export type VarTJepaTaskInput = TabularTaskInput<VarTJepaConfig, VarTJepaTraining>;

/**
 * The task of training a Var-T-JEPA: the five terms of its negative ELBO under their weights, the KL weights rising.
 * @throws naming the field of data, configuration or training that makes no sense.
 */
export function varTJepaTask(input: VarTJepaTaskInput): TrainingTask {
  const { data, config, training } = input;
  const base = tabularTask("var-t-jepa", input, initialVarTJepa);
  checkTabularElbo(training.weights);
  checkTableRows(config.table, data);
  const steps = stepsPerEpoch(data.rows, training.batchSize);
  return {
    ...base,
    terms: (parameters, { rows, first, key, step }) => {
      const source = { key, firstRow: first };
      const terms = varTJepaTerms(parameters, config, selectRows(config.table, data, rows), source);
      return weightedTabularElbo(terms, training.weights, klAnnealing(step, steps, training.annealEpochs));
    },
  };
}

export { varTJepaTask as task };
