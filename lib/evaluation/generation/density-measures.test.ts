import "../../node/world.js";
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { startEngine } from "../../engine/backend.js";
import { seedKey } from "../../engine/random.js";
import { initialVarJepa } from "../../models/var-jepa.js";
import { mean } from "../../moments.js";
import { drawMeasures, likelihoodMeasures, sampleMeasures } from "./density-measures.js";
import {
  drawLinearGaussian,
  exactConditional,
  linearGaussianParameters,
  simulateLinearGaussian,
} from "./linear-gaussian.js";
import { withPredictor } from "./refit-predictor.js";

before(startEngine);

const model = drawLinearGaussian(seedKey(1), { dx: 3, dy: 4, d: 2, dz: 1 });
const { config, parameters } = linearGaussianParameters(model);
const rows = simulateLinearGaussian(seedKey(2), model, 200);
const exact = exactConditional(model);

test("where log p(y|x) is exact, all three bounds come to it from below, and weights around the mode are all alike", () => {
  const asked = { posterior: 512, predictor: 512, mode: 256 };
  const { measures, curves } = likelihoodMeasures(seedKey(3), parameters, config, rows, asked);
  const truth = mean(exact.logLikelihood(rows));
  for (const name of ["Posterior", "Predictor", "Mode"])
    assert.ok(
      Math.abs(measures[`bound${name}`] - truth) < 0.1,
      `${name}: ${measures[`bound${name}`]}, ${truth}`,
    );
  assert.equal(
    measures.logLikelihood,
    Math.max(measures.boundPosterior, measures.boundPredictor, measures.boundMode),
  );
  assert.ok(curves.predictor![0].mean < curves.posterior![0].mean);
  assert.ok(measures.effectivePredictor < measures.effectivePosterior);
  assert.ok(measures.untrustedMode === 0 && measures.changeMode < measures.changePredictor);
});

test("draws of the right density score as they should; those of a start do not", () => {
  const scored = { rows: 50, x: rows.x.subarray(0, 150), y: rows.y.subarray(0, 200) };
  const settings = { draws: 19, level: 0.9 };
  const right = drawMeasures(seedKey(4), exact, scored, rows, settings);
  assert.ok(Math.abs(right.coverage - 0.9) < 0.06, `${right.coverage}`);
  assert.ok(right.distanceY < 4 * right.distanceYNull);
  const elsewhere = { ...rows, y: rows.y.map((v) => v + 2) };
  const wrong = drawMeasures(
    seedKey(4),
    exact,
    { ...scored, y: scored.y.map((v) => v + 2) },
    elsewhere,
    settings,
  );
  assert.ok(wrong.energy > right.energy + 1 && wrong.crps > right.crps + 0.5);
  assert.ok(wrong.distanceY > 10 * wrong.distanceYNull && wrong.spread === right.spread);
});

test("a coupled VAE gets a predictor, keeps the rest, and needs no z", () => {
  const vae = { ...config, dz: 0, prior: "standard" } as const;
  const start = initialVarJepa(seedKey(5), vae);
  const told = withPredictor(start, vae);
  assert.deepEqual(Object.keys(told.config).includes("prior"), false);
  assert.ok(told.parameters.layout.some(({ name }) => name === "predictor.mean.weight"));
  assert.ok(told.parameters.values.length > start.values.length);
  for (const { name, offset } of start.layout) {
    const place = told.parameters.layout.find((slot) => slot.name === name)!.offset;
    assert.equal(told.parameters.values[place], start.values[offset], name);
  }
  const few = { rows: 4, x: rows.x.subarray(0, 12), y: rows.y.subarray(0, 16) };
  const asked = { posterior: 32, predictor: 32, mode: 32 };
  const { measures } = likelihoodMeasures(seedKey(6), told.parameters, told.config, few, asked);
  assert.ok(Number.isFinite(measures.logLikelihood));
  const made = sampleMeasures(seedKey(7), told.parameters, told.config, rows);
  assert.ok(made.aggregateSx >= 0 && made.aggregateZ === undefined && Number.isFinite(made.yPrior));
  assert.throws(() => withPredictor(parameters, config), /prior is "predictor", so there is one/);
});
