import "../node/world.js";
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { sim } from "../data/datasets/sim.js";
import { encodeTable, fitSchema } from "../data/tables/preprocess.js";
import { takeTableRows } from "../data/tables/table.js";
import { startEngine } from "../engine/backend.js";
import { smallTJepa, smallVarTJepa } from "../training/tabular.test-table.js";
import { loadTableModel, type TableModel } from "../training/trained-model.js";
import { type EpochRecord, type OnProbe, type TabularRecipe, trainSelected } from "./tabular-selection.js";

before(startEngine);

const folder = mkdtempSync(path.join(tmpdir(), "tabular-selection-test-"));
after(() => rmSync(folder, { recursive: true }));

const whole = sim.read(new Map(), { title: "", files: [], notes: [] }, 1);
const table = takeTableRows(
  whole,
  Int32Array.from({ length: 40 }, (_, row) => row),
);
const data = { table, encoded: encodeTable(fitSchema(table), table) };
const varTJepa: TabularRecipe = { family: "var-t-jepa", ...smallVarTJepa };
const tJepa: TabularRecipe = { family: "t-jepa", ...smallTJepa };

/** Seven epochs. */
async function select(
  name: string,
  onProbe: OnProbe | undefined,
  every: number,
  patience: number,
  recipe = varTJepa,
) {
  let records: readonly EpochRecord[] = [];
  const at = path.join(folder, name);
  const lasting = { ...recipe, training: { ...recipe.training, epochs: 7 } };
  const selected = await trainSelected(lasting, data, {
    seed: 1,
    workers: 1,
    probe: { every, patience },
    onProbe,
    records: {
      get: () => records,
      set: (made) => {
        records = made;
      },
    },
    folder: at,
  });
  assert.deepEqual(await loadTableModel(path.join(at, "selected")), selected.model);
  return selected;
}

/** Probes that find the given numbers, one after the other. */
function finding(numbers: readonly number[]): OnProbe {
  const left = [...numbers];
  return () => ({ selection: left.shift() ?? Number.NaN });
}

test("the best probe's weights are kept, the first of equals; training stops when patience is over", async () => {
  const { epoch, stoppedEarly, records, model } = await select("stops", finding([1, 3, 2, 3, 9]), 1, 2);
  assert.deepEqual([epoch, stoppedEarly, records.length], [2, true, 4]);
  assert.equal(model.history.length, 2);
  assert.ok(records.every(({ cpuSeconds, probe }) => cpuSeconds > 0 && probe));
});

test("probes come every so many epochs and at the last one", async () => {
  const { epoch, stoppedEarly, records } = await select("every", finding([1, 2, 5]), 3, 2);
  const probed = records.flatMap(({ report, probe }) => (probe ? [report.epoch] : []));
  assert.deepEqual(probed, [3, 6, 7]);
  assert.deepEqual([epoch, stoppedEarly], [7, false]);
});

test("without probes the last weights are kept", async () => {
  const { epoch, model } = await select("none", undefined, 1, 1);
  assert.deepEqual([epoch, model.history.length], [7, 7]);
});

test("a T-JEPA is probed and kept with its target encoder", async () => {
  const seen: TableModel[] = [];
  const onProbe: OnProbe = (epoch, model) => {
    seen.push(model);
    return { selection: -Math.abs(epoch - 4) };
  };
  const { epoch, model } = await select("t-jepa", onProbe, 2, 9, tJepa);
  assert.equal(epoch, 4);
  assert.deepEqual(model, seen[1]);
  assert.notDeepEqual(model.average, model.parameters);
});

test("a probe without a finite selection is refused", async () => {
  await assert.rejects(
    select("nothing", () => ({ accuracy: 1 }), 1, 1),
    /selection undefined; return a finite number/,
  );
});
