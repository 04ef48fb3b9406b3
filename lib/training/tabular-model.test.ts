import "../node/world.js";
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { startEngine } from "../engine/backend.js";
import { smallTable, smallTJepa, smallVarTJepa } from "./tabular.test-table.js";
import { loadModel, saveModel, type TabularModel } from "./tabular-model.js";
import { trainTJepa } from "./train-t-jepa.js";
import { trainVarTJepa } from "./train-var-t-jepa.js";
import { readWeights, writeWeights } from "./weights-file.js";

before(startEngine);

const folder = mkdtempSync(path.join(tmpdir(), "tabular-model-test-"));
after(() => rmSync(folder, { recursive: true }));

const oneEpoch = { workers: 1, onEpoch: () => "stop" as const };
const varTJepa = () => trainVarTJepa(smallTable(), { ...smallVarTJepa, ...oneEpoch });

test("both kinds of models come back bit for bit; nothing but the two files is left", async () => {
  const models: TabularModel[] = [
    await varTJepa(),
    await trainTJepa(smallTable(), { ...smallTJepa, ...oneEpoch }),
  ];
  for (const model of models) {
    const at = path.join(folder, "new", model.kind);
    await saveModel(at, model);
    assert.deepEqual(await loadModel(at), model);
    assert.deepEqual(readdirSync(at).sort(), ["model.json", "weights.safetensors"]);
    const readable = JSON.parse(readFileSync(path.join(at, "model.json"), "utf8"));
    assert.deepEqual([readable.kind, readable.config], [model.kind, model.config]);
  }
});

test("a T-JEPA's two encoders are told apart", async () => {
  const model = await trainTJepa(smallTable(), { ...smallTJepa, workers: 1 });
  await saveModel(folder, model);
  const loaded = await loadModel(folder);
  assert.ok(loaded.kind === "t-jepa");
  assert.deepEqual(loaded.target, model.target);
  assert.notDeepEqual(loaded.target, loaded.weights);
});

test("what is no such model is refused", async () => {
  const at = path.join(folder, "refused");
  const file = path.join(at, "weights.safetensors");
  await assert.rejects(
    loadModel(at),
    /refused holds no weights\.safetensors; name a folder that train \(saveModel\) wrote/,
  );
  const model = await varTJepa();
  await saveModel(at, model);
  const { configuration } = await readWeights(file);
  const written = async (changes: object, weights = model.weights) => {
    await writeWeights(file, weights, { ...(configuration as object), ...changes });
    return loadModel(at);
  };
  await assert.rejects(written({ format: undefined }), /holds weights, but not a model of tables/);
  await assert.rejects(
    written({ kind: "lejepa" }),
    /can be used: kind is "lejepa"; use "var-t-jepa" or "t-jepa"/,
  );
  await assert.rejects(written({ config: undefined }), /is not a model that can be used/);
  await assert.rejects(
    written({ config: { ...model.config, clsTokens: 0 } }),
    /can be used: clsTokens is 0; use a whole number/,
  );
  await assert.rejects(
    written({ config: { ...model.config, clsTokens: 2 } }),
    /its weights do not have its configuration's shapes/,
  );
  const schema = { ...model.schema, numeric: model.schema.numeric.slice(1) };
  await assert.rejects(written({ schema }), /its configuration and its schema are of different tables/);
  truncateSync(file, 1000);
  await assert.rejects(loadModel(at), /weights\.safetensors is not a safetensors file that can be read/);
  writeFileSync(file, "nothing of the kind");
  await assert.rejects(loadModel(at), /weights\.safetensors is not a safetensors file that can be read/);
});
