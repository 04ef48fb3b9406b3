/** Training whose every step is asked for: between any two, its weights can be looked at and what its task reads can be changed. */
import { solo } from "../engine/team.js";
import * as tf from "../engine/tf.js";
import { type FlatParameters, weightDecayMask } from "../layers/parameters.js";
import { averageOf, closeRun, freshRun, weightsOf } from "./run.js";
import { checkTask, epochSteps, type TrainingTask } from "./train.js";

/** A training under way. */
export interface Stepwise {
  /**
   * Makes the next step, the same that `train` makes.
   * @returns the terms of its batch and the gradient norm; nothing after the last epoch
   * @throws TrainingDiverged
   */
  step(): Readonly<Record<string, number>> | undefined;
  /** The parameters as they are. */
  parameters(): FlatParameters;
  /** Their moving average as it is, if there is one. */
  average(): FlatParameters | undefined;
  /** Frees what the training holds; it then makes no more steps. */
  close(): void;
}

/**
 * Begins a training in this thread that goes on when it is asked to. It keeps no checkpoint.
 * @throws naming the field whose number makes no sense.
 */
export function trainStepwise(task: TrainingTask): Stepwise {
  checkTask(task);
  const run = freshRun(task);
  const decayMask = tf.tensor1d(weightDecayMask(task.parameters));
  const steps = (function* () {
    for (run.epoch = 1; run.epoch <= task.epochs; run.epoch++) yield* epochSteps(task, solo, run, decayMask);
  })();
  return {
    step: () => steps.next().value ?? undefined,
    parameters: () => weightsOf(task, run),
    average: () => averageOf(task, run),
    close() {
      steps.return();
      closeRun(run);
      decayMask.dispose();
    },
  };
}
