import "../node/world.js";
/** An objective is one record of weights: mixtures that the library has no name for train, and only what they name moves. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { startEngine } from "../engine/backend.js";
import { fold, keyOf, normals, seedKey } from "../engine/random.js";
import { sizeOf } from "../engine/shape.js";
import type { TermWeights } from "../losses/term.js";
import { varJepaDefaults } from "../models/var-jepa.js";
import { initialVarTJepa } from "../models/var-t-jepa.js";
import { fit } from "./fit.js";
import { smallTable, smallVarTJepa } from "./tabular.test-table.js";
import type { TrainedModel } from "./trained-model.js";

before(startEngine);

/** Σ weight · term of an epoch, counted from the first one: 0, and the last one. */
function objectives({ history }: TrainedModel, weights: TermWeights): [first: number, last: number] {
  const sum = (terms: Readonly<Record<string, number>>) =>
    Object.entries(weights).reduce((total, [name, weight]) => total + weight * terms[name], 0);
  return [sum(history[0].terms), sum(history[history.length - 1].terms)];
}

/** Names of the parameters that training moved. */
function moved({ parameters }: TrainedModel, start: Float32Array): string[] {
  return parameters.layout.flatMap(({ name, shape, offset }) => {
    const end = offset + sizeOf(shape);
    return parameters.values.subarray(offset, end).some((value, i) => value !== start[offset + i])
      ? [name]
      : [];
  });
}

test("Var-JEPA with a mixture of its own, SIGReg among it", async () => {
  const rows = 64;
  const views = { rows, x: normals(seedKey(1), rows * 6), y: normals(seedKey(2), rows * 5) };
  const objective = { gen: 1, klSx: 0.3, sigregSx: 5, sigregSy: 2 };
  const model = await fit("var-jepa", views, {
    model: { ...varJepaDefaults, dx: 6, dy: 5, d: 4, dz: 2, hidden: 8 },
    objective,
    training: { epochs: 30, batchSize: 32, learningRate: 5e-3, weightDecay: 0 },
  });
  assert.deepEqual(Object.keys(model.history[0].terms), ["gen", "klSx", "sigregSx", "sigregSy"]);
  const [first, last] = objectives(model, objective);
  assert.ok(last < first - 0.3, `${first} → ${last}`);
});

test("Var-T-JEPA with KL_sy alone: the term falls, and no decoder moves", async () => {
  const table = smallTable();
  const objective = { klSy: 1 };
  const training = { epochs: 10, batchSize: 16, learningRate: 5e-3, weightDecay: 0 };
  const settings = { ...smallVarTJepa, objective, training, workers: 1 };
  const model = await fit("var-t-jepa", table, settings);
  assert.deepEqual(Object.keys(model.history[0].terms), ["klSy"]);
  const [first, last] = objectives(model, objective);
  assert.ok(last < 0.9 * first, `${first} → ${last}`);
  const start = initialVarTJepa(fold(keyOf(settings.seed), "weights"), model.config);
  const names = moved(model, start.values);
  assert.ok(names.some((name) => name.startsWith("targetPosterior")));
  assert.ok(names.some((name) => name.startsWith("predictor")));
  assert.deepEqual(
    names.filter((name) => /Decoder/.test(name)),
    [],
  );
});
