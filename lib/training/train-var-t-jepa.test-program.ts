/**
 * Trains the small Var-T-JEPA with a checkpoint: file, folder for the model, and optionally the step after
 * which it holds still until it is killed. Prints the steps made.
 */

import "../node/world.js";
import { fit } from "./fit.js";
import { smallTable, smallVarTJepa } from "./tabular.test-table.js";
import type { StepReport } from "./task.js";
import { saveModel } from "./trained-model.js";

const [checkpoint, folder, holdAt] = process.argv.slice(2);

function onStep({ step }: StepReport): void {
  process.stdout.write(`step ${step}\n`);
  if (step === Number(holdAt)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

const options = { ...smallVarTJepa, checkpoint, workers: 1, onStep };
await saveModel(folder, await fit("var-t-jepa", smallTable(), options));
