import "../node/world.js";
/** A family that the library does not know goes through training, files, embedding and controls; the library is not touched. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { startEngine } from "../engine/backend.js";
import { expectClose } from "../engine/finite-differences.js";
import { seedKey } from "../engine/random.js";
import { compareWithControls, trainedSource, untrainedSources } from "../evaluation/controls.js";
import { embeddingColumnNames, embedEncoded } from "../inference/embed-rows.js";
import { generateColumns } from "../inference/generate-columns.js";
import { messyTable } from "../inference/messy.test-table.js";
import { fit } from "../training/fit.js";
import { runProgram } from "../training/killable.test-run.js";
import { smallTable } from "../training/tabular.test-table.js";
import { loadModel, loadTableModel, type TrainedModel } from "../training/trained-model.js";
import { addFamily } from "./registry.js";
import { family, settings } from "./third-family.test-family.js";

before(startEngine);

const folder = mkdtempSync(path.join(tmpdir(), "third-family-test-"));
after(() => rmSync(folder, { recursive: true }));

const table = smallTable();
const program = new URL("./third-family.test-program.js", import.meta.url);
const timeless = (model: TrainedModel): TrainedModel => ({
  ...model,
  history: model.history.map((report) => ({ ...report, seconds: 0 })),
});

test("it is trained, killed, continued to the same bits, saved, loaded, embedded and probed", async () => {
  const run = (holdAt?: number) =>
    runProgram(program, [path.join(folder, "run.safetensors"), path.join(folder, "model"), "1"], holdAt);
  assert.equal((await run(8)).at(-1), "step 8");
  assert.equal((await run())[0], "step 7", "two epochs of three steps were kept");
  await assert.rejects(loadModel(path.join(folder, "model")), /family is "linear autoencoder"; use var-jepa/);

  const trained = await fit(family, table, settings);
  const loaded = await loadTableModel(path.join(folder, "model"));
  assert.deepEqual(timeless(loaded), timeless(trained));
  assert.deepEqual(Object.keys(trained.history[0].terms), ["rec", "code size"]);
  assert.ok(trained.history[3].terms.rec < trained.history[0].terms.rec);

  assert.deepEqual(embeddingColumnNames(loaded, "mean"), ["mean.0", "mean.1", "mean.2"]);
  assert.deepEqual(
    embedEncoded(loaded, table),
    embedEncoded({ ...trained, parameters: trained.average! }, table),
  );
  const all = Int32Array.from({ length: 40 }, (_, i) => i);
  const lines = await compareWithControls(
    seedKey(1),
    table,
    [trainedSource(loaded, table), ...untrainedSources(loaded, table, [1])],
    { train: all.subarray(0, 30), test: all.subarray(30) },
  );
  assert.deepEqual(
    lines.map(({ features, columns }) => [features, columns]),
    [
      ["trained", 3],
      ["untrained", 3],
    ],
  );
});

test("threads find it by its module", async () => {
  const [one, two] = [
    await fit(family, table, settings),
    await fit(family, table, { ...settings, workers: 2 }),
  ];
  expectClose(two.parameters.values, one.parameters.values, { absolute: 1e-4 });
});

test("what it cannot do is said in a sentence, and its name is its own", async () => {
  const model = await fit(family, table, settings);
  assert.throws(
    () => generateColumns(model, messyTable(), { hidden: ["x1"] }),
    /linear autoencoder has no predictive distribution, so it cannot generate or impute; use a var-t-jepa model/,
  );
  assert.throws(() => addFamily({ ...family }), /there is a family "linear autoencoder" already/);
  assert.throws(
    () => addFamily({} as typeof family),
    /family is \{\}; use an object with a name and all that Family/,
  );
  await assert.rejects(
    fit(family, table, { ...settings, objective: { klSx: 1 } }),
    /klSx is no term; use rec, code size/,
  );
});
