import "../node/world.js";
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { startEngine, tf } from "../engine/backend.js";
import { expectClose } from "../engine/finite-differences.js";
import { tableShape } from "../families/table.js";
import { type FitOptions, fit } from "./fit.js";
import { fitTask } from "./fit-task.js";
import { runProgram } from "./killable.test-run.js";
import { smallTable, smallVarTJepa } from "./tabular.test-table.js";
import type { EpochReport } from "./task.js";
import { TrainingDiverged } from "./train.js";
import { loadTableModel, type TableModel } from "./trained-model.js";

before(startEngine);

const folder = mkdtempSync(path.join(tmpdir(), "var-t-jepa-test-"));
after(() => rmSync(folder, { recursive: true }));

const table = smallTable();
const trained = (changes: Partial<typeof smallVarTJepa> & FitOptions = {}) =>
  fit("var-t-jepa", table, { ...smallVarTJepa, workers: 1, ...changes });
const termNames = ["rec", "gen", "klSx", "klZ", "klSy"];

test("training lowers both likelihood terms, logs all five, and gives a model of plain data", async () => {
  const tensors = tf.memory().numTensors;
  const training = { ...smallVarTJepa.training, epochs: 40, learningRate: 1e-2 };
  const model = await trained({ training });
  const [first, last] = [model.history[0], model.history[39]];
  assert.deepEqual(Object.keys(first.terms), termNames);
  assert.ok(last.terms.rec < first.terms.rec - 0.2, `rec ${first.terms.rec} → ${last.terms.rec}`);
  assert.ok(last.terms.gen < first.terms.gen - 0.2, `gen ${first.terms.gen} → ${last.terms.gen}`);
  assert.deepEqual(model.config, {
    ...smallVarTJepa.model,
    table: { numeric: 6, cardinalities: [4, 4] },
  });
  assert.deepEqual(structuredClone(model), model);
  assert.equal(tf.memory().numTensors, tensors);
});

test("a team of two gives the terms of one worker to rounding", async () => {
  const [one, two] = [await trained(), await trained({ workers: 2 })];
  for (const [i, { terms, gradientNorm }] of two.history.entries()) {
    const expected = one.history[i];
    expectClose(
      [...Object.values(terms), gradientNorm],
      [...Object.values(expected.terms), expected.gradientNorm],
      {
        absolute: 1e-4,
        relative: 1e-3,
      },
    );
  }
  expectClose(two.parameters.values, one.parameters.values, { absolute: 2e-3 });
});

test("labels do not reach training", async () => {
  const { parameters } = await trained();
  const relabelled = { ...table, labels: table.labels?.map((label) => 2 - label) };
  const again = await fit("var-t-jepa", relabelled, { ...smallVarTJepa, workers: 1 });
  assert.deepEqual(again.parameters, parameters);
});

test("the KL weights rise in epochs, each over its own length, to the given weights", () => {
  const { model, objective, training, seed } = smallVarTJepa;
  const config = { ...model, table: tableShape(table.schema) };
  const task = fitTask({ family: "var-t-jepa", seed, data: table, config, objective, training });
  const weightsAt = (step: number) => {
    const rows = Int32Array.of(0, 1, 2, 3);
    return tf.tidy(() => {
      const { values, layout } = task.parameters;
      const parameters = Object.fromEntries(
        layout.map(({ name, shape, offset }) => {
          const size = shape.reduce((a, b) => a * b, 1);
          return [name, tf.tensor(values.subarray(offset, offset + size), [...shape])];
        }),
      );
      const terms = task.terms(parameters, { rows, first: 0, size: 4, key: task.key, step }, {});
      return termNames.map((name) => terms[name].weight);
    });
  };
  assert.deepEqual(weightsAt(0), [0.5, 1, 0, 0, 0]);
  expectClose(weightsAt(3), [0.5, 1, 0.005, 0.005, 0.01], { absolute: 1e-9 });
  assert.deepEqual(weightsAt(6), [0.5, 1, 0.01, 0.01, 0.01]);
});

const program = new URL("./train-var-t-jepa.test-program.js", import.meta.url);

const runHere = (name: string, holdAt?: number) =>
  runProgram(program, [path.join(folder, `${name}.safetensors`), path.join(folder, name)], holdAt);

const timeless = (model: TableModel): TableModel => ({
  ...model,
  history: model.history.map((report): EpochReport => ({ ...report, seconds: 0 })),
});

test("a training killed in the middle of an epoch goes on to the same bits", async () => {
  assert.equal((await runHere("killed", 8)).at(-1), "step 8");
  assert.equal((await runHere("killed"))[0], "step 7", "two epochs of three steps were kept");
  const continued = await loadTableModel(path.join(folder, "killed"));
  assert.deepEqual(timeless(continued), timeless(await trained()));
});

test("a checkpoint is continued only with the same data, model and training", async () => {
  const checkpoint = path.join(folder, "other.safetensors");
  await trained({ checkpoint, onEpoch: () => "stop" });
  const other = { ...table, numeric: table.numeric.map((value) => value + 1) };
  await assert.rejects(
    fit("var-t-jepa", other, { ...smallVarTJepa, workers: 1, checkpoint }),
    /other\.safetensors holds a run made with configuration/,
  );
  const training = { ...smallVarTJepa.training, annealEpochs: { klSx: 1, klZ: 1, klSy: 1 } };
  await assert.rejects(trained({ checkpoint, training }), /holds a run made with configuration/);
});

test("training that runs away stops with the name of the term", async () => {
  const training = { ...smallVarTJepa.training, learningRate: 1e30, warmupEpochs: 0 };
  await assert.rejects(trained({ training }), (error: unknown) => {
    assert.ok(error instanceof TrainingDiverged);
    assert.ok(termNames.includes(error.term), error.term);
    assert.ok(error.lastGood.values.length > 0);
    return true;
  });
});

test("what makes no sense is refused by its name", async () => {
  const training = smallVarTJepa.training;
  const attempt = (changes: Partial<typeof training>) => trained({ training: { ...training, ...changes } });
  await assert.rejects(attempt({ learningRate: 0 }), /learningRate is 0; use a number above 0/);
  await assert.rejects(attempt({ warmupEpochs: 5 }), /warmupEpochs is 5; it must not exceed epochs, 4/);
  await assert.rejects(trained({ objective: { ...smallVarTJepa.objective, gen: -1 } }), /gen is -1/);
  await assert.rejects(trained({ seed: -1 }), /seed is -1/);
  const numeric = table.numeric.map((value, i) => (i === 9 ? Number.NaN : value));
  await assert.rejects(
    fit("var-t-jepa", { ...table, numeric }, { ...smallVarTJepa, workers: 1 }),
    /numeric holds NaN at row 1, column 3/,
  );
});
