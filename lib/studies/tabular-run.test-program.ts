/**
 * Makes a small run, and holds still after the given step, if any, until it is killed. Prints the steps made and the
 * epochs probed, at last the result without its times and the bits of the selected model's weights.
 */
import "../node/world.js";
import { embedEncoded } from "../inference/embed-rows.js";
import { smallTJepa, smallVarTJepa } from "../training/tabular.test-table.js";
import type { TableModel } from "../training/trained-model.js";
import { runTabular } from "./tabular-run.js";
import type { TabularData } from "./tabular-selection.js";

const holdAt = Number(process.argv[2]);
const preset = {
  rows: 40,
  probe: { every: 2, patience: 10 },
  models: { "var-t-jepa": smallVarTJepa, "t-jepa": smallTJepa },
};

/** A figure that depends on every weight. */
function selection(model: TableModel, { encoded }: TabularData): number {
  const { values } = embedEncoded(model, encoded);
  return values.reduce((sum, value, i) => sum + value * Math.sin(i), 0);
}

const tell = (line: string) => void process.stdout.write(`${line}\n`);
const { result, model } = await runTabular(
  { dataset: "sim", family: "var-t-jepa", preset, seed: 3, objective: { klZ: 0 } },
  {
    workers: 1,
    onStep: ({ step }) => {
      tell(`step ${step}`);
      if (step === holdAt) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    },
    onProbe: (epoch, model, data) => {
      tell(`probe ${epoch} of ${model.history.length}`);
      return { selection: selection(model, data), rows: data.table.rows };
    },
  },
);
const untimed = JSON.stringify(result, (name, value) =>
  /seconds$/i.test(name) || name === "finishedAt" ? undefined : value,
);
tell(untimed);
tell(Buffer.from(model.parameters.values.buffer).toString("base64"));
