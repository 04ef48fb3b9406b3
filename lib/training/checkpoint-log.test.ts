import "../node/world.js";
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { startEngine } from "../engine/backend.js";
import { checkpointLog } from "./checkpoint-log.js";
import { fit } from "./fit.js";
import { smallTable, smallVarTJepa } from "./tabular.test-table.js";
import { saveModel } from "./trained-model.js";

before(startEngine);

const folder = mkdtempSync(path.join(tmpdir(), "checkpoint-log-test-"));
after(() => rmSync(folder, { recursive: true }));

test("a checkpoint tells what every step measured; a model does not", async () => {
  const checkpoint = path.join(folder, "checkpoint.safetensors");
  const model = await fit("var-t-jepa", smallTable(), { ...smallVarTJepa, workers: 1, checkpoint });
  const { columns, values } = await checkpointLog(checkpoint);
  assert.deepEqual(columns, ["rec", "gen", "klSx", "klZ", "klSy", "gradient norm", "learning rate"]);
  assert.equal(values.length, 12 * columns.length);
  const lastEpoch = [9, 10, 11].map((step) => values[step * columns.length]);
  const mean = lastEpoch.reduce((sum, v) => sum + v, 0) / 3;
  assert.ok(Math.abs(mean - model.history[3].terms.rec) < 1e-5);
  await saveModel(folder, model);
  await assert.rejects(checkpointLog(path.join(folder, "weights.safetensors")), /holds no run/);
});
