import "../node/world.js";
/** As `train-var-t-jepa.test-program.ts` does with its model, trains one of a family from outside the library. */
import { fit } from "../training/fit.js";
import { smallTable } from "../training/tabular.test-table.js";
import { saveModel } from "../training/trained-model.js";
import { family, settings } from "./third-family.test-family.js";

const [checkpoint, folder, workers, holdAt] = process.argv.slice(2);

const model = await fit(family, smallTable(), {
  ...settings,
  checkpoint,
  workers: Number(workers),
  onStep: ({ step }) => {
    process.stdout.write(`step ${step}\n`);
    if (step === Number(holdAt)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  },
});
await saveModel(folder, model);
