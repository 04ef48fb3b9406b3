import "../node/world.js";
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { startEngine } from "../engine/backend.js";
import { normals, seedKey } from "../engine/random.js";
import { embedEncoded } from "../inference/embed-rows.js";
import { type FlatParameters, packParameters } from "../layers/parameters.js";
import { elboWeights } from "../losses/elbo.js";
import { varJepaDefaults } from "../models/var-jepa.js";
import { fit } from "./fit.js";
import { readParameters, writeParameters } from "./parameters-file.js";
import { smallTable, smallTJepa, smallVarTJepa } from "./tabular.test-table.js";
import { loadModel, loadTableModel, saveModel, type TableModel } from "./trained-model.js";

before(startEngine);

const folder = mkdtempSync(path.join(tmpdir(), "tabular-model-test-"));
after(() => rmSync(folder, { recursive: true }));

const oneEpoch = { workers: 1, onEpoch: () => "stop" as const };
const varTJepa = () => fit("var-t-jepa", smallTable(), { ...smallVarTJepa, ...oneEpoch });

test("both kinds of models come back bit for bit; nothing but the two files is left", async () => {
  const models: TableModel[] = [
    await varTJepa(),
    await fit("t-jepa", smallTable(), { ...smallTJepa, ...oneEpoch }),
  ];
  for (const model of models) {
    const at = path.join(folder, "new", model.family);
    await saveModel(at, model);
    assert.deepEqual(await loadTableModel(at), model);
    assert.deepEqual(readdirSync(at).sort(), ["model.json", "weights.safetensors"]);
    const readable = JSON.parse(readFileSync(path.join(at, "model.json"), "utf8"));
    assert.deepEqual([readable.family, readable.config], [model.family, model.config]);
  }
});

test("a T-JEPA's two encoders are told apart", async () => {
  const model = await fit("t-jepa", smallTable(), { ...smallTJepa, workers: 1 });
  await saveModel(folder, model);
  const loaded = await loadTableModel(folder);
  assert.deepEqual(loaded.average, model.average);
  assert.notDeepEqual(loaded.average, loaded.parameters);
});

test("a model of pairs comes back bit for bit, and is no model of a table", async () => {
  const views = { rows: 20, x: normals(seedKey(1), 40), y: normals(seedKey(2), 60) };
  const model = await fit("var-jepa", views, {
    model: { ...varJepaDefaults, dx: 2, dy: 3, d: 2, dz: 1, hidden: 4 },
    objective: { ...elboWeights, sigregSx: 0.5 },
    training: { epochs: 1, batchSize: 10, learningRate: 1e-3, weightDecay: 0 },
    seed: seedKey(3),
  });
  const at = path.join(folder, "pairs");
  await saveModel(at, model);
  assert.deepEqual(await loadModel(at), model);
  await assert.rejects(loadTableModel(at), /holds a var-jepa model, which is of no table; use loadModel/);
  assert.throws(() => embedEncoded(model, smallTable()), /var-jepa embeds no rows; use a var-t-jepa/);
});

test("a JEPA of pairs comes back with its target encoder, and with no objective that it cannot have", async () => {
  const views = { rows: 20, x: normals(seedKey(1), 40), y: normals(seedKey(2), 40) };
  const points = { latents: "deterministic", dz: 0, decoders: "none", target: "shared" } as const;
  const jepa = { ...varJepaDefaults, ...points, dx: 2, dy: 2, d: 2, hidden: 4, targetDecay: 0.9 };
  const training = { epochs: 1, batchSize: 10, learningRate: 1e-3, weightDecay: 0 };
  const model = await fit("var-jepa", views, { model: jepa, objective: { prediction: 1 }, training });
  const at = path.join(folder, "jepa");
  await saveModel(at, model);
  assert.deepEqual(await loadModel(at), model);
  assert.notDeepEqual(model.average, model.parameters);
  await saveModel(at, { ...model, objective: { klSx: 1 } });
  await assert.rejects(loadModel(at), /is not a model that can be used: klSx needs densities/);
});

/** As the version before wrote models of tables: another format, `kind`, weights within the training, and their names. */
async function writeBefore(
  at: string,
  { parameters, ...model }: TableModel,
  target?: FlatParameters,
): Promise<void> {
  const { family: kind, config, schema, objective, training, seed, history } = model;
  const own = Object.entries({
    rec: "alphaRec",
    gen: "alphaGen",
    klSx: "alphaKlSx",
    klZ: "alphaKlZ",
    klSy: "alphaKlSy",
  });
  const alphas = Object.fromEntries(own.map(([name, alpha]) => [alpha, objective[name]]));
  const before = target ? training : { ...training, weights: alphas };
  const format = "var-jepa tabular model 1";
  const description = { format, kind, config, schema, training: before, seed, history };
  const named = (prefix: string, { values, layout }: FlatParameters) =>
    layout.map(({ name, shape, offset }) => {
      const size = shape.reduce((product, n) => product * n, 1);
      return [`${prefix}${name}`, { shape, values: values.slice(offset, offset + size) }] as const;
    });
  const tensors = [...named("", parameters), ...(target ? named("target.", target) : [])];
  await writeParameters(
    path.join(at, "weights.safetensors"),
    packParameters(Object.fromEntries(tensors)),
    description,
  );
}

test("models that the version before wrote come back to the same bits", async () => {
  const ours = await varTJepa();
  const { average, ...theirs } = await fit("t-jepa", smallTable(), { ...smallTJepa, ...oneEpoch });
  const [first, second] = [path.join(folder, "before"), path.join(folder, "before-t-jepa")];
  await writeBefore(first, ours);
  await writeBefore(second, theirs, average);
  assert.deepEqual(await loadModel(first), ours);
  assert.deepEqual(await loadModel(second), { ...theirs, average });
});

test("what is no such model is refused", async () => {
  const at = path.join(folder, "refused");
  const file = path.join(at, "weights.safetensors");
  await assert.rejects(
    loadTableModel(at),
    /refused holds no weights\.safetensors; name a folder that train \(saveModel\) wrote/,
  );
  const model = await varTJepa();
  await saveModel(at, model);
  const { configuration } = await readParameters(file);
  const written = async (changes: object, parameters = model.parameters) => {
    await writeParameters(file, parameters, { ...(configuration as object), ...changes });
    return loadTableModel(at);
  };
  await assert.rejects(
    written({ format: undefined }),
    /holds weights, but not a model \("var-jepa model 2"\)/,
  );
  await assert.rejects(
    written({ family: "lejepa" }),
    /can be used: family is "lejepa"; use var-jepa, var-t-jepa, t-jepa/,
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
  await assert.rejects(loadTableModel(at), /weights\.safetensors is not a safetensors file that can be read/);
  writeFileSync(file, "nothing of the kind");
  await assert.rejects(loadTableModel(at), /weights\.safetensors is not a safetensors file that can be read/);
});
