import "../../node/world.js";
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { startEngine } from "../../engine/backend.js";
import { expectClose } from "../../engine/finite-differences.js";
import { seedKey } from "../../engine/random.js";
import { mean, variance } from "../../moments.js";
import { scoreDraws } from "./conditional-density.js";
import {
  type CovarianceForm,
  fitGaussianMarginal,
  fitGaussianRegression,
  ridgeRegression,
} from "./gaussian-baselines.js";
import { drawLinearGaussian, exactConditional, simulateLinearGaussian } from "./linear-gaussian.js";

before(startEngine);

const model = drawLinearGaussian(seedKey(1), { dx: 3, dy: 4, d: 2, dz: 1 });
const [train, validation, test_] = [4000, 1000, 1000].map((rows, i) =>
  simulateLinearGaussian(seedKey(20 + i), model, rows),
);
const forms: CovarianceForm[] = ["isotropic", "diagonal", "full"];

test("a regression with full covariance reaches the exact density of a linear-Gaussian model, the others do not", () => {
  const truth = exactConditional(model);
  const likelihoods = forms.map((form) =>
    fitGaussianRegression(train, validation, form).logLikelihood(test_),
  );
  const exact = truth.logLikelihood(test_);
  for (const form of forms) {
    const own = fitGaussianRegression(train, validation, form);
    expectClose([own.validation], [mean(own.logLikelihood(validation))]);
  }
  const behind = likelihoods.map((own) => mean(exact) - mean(own));
  assert.ok(Math.abs(behind[2]) < 0.02, `${behind}`);
  assert.ok(behind[0] > behind[1] + 0.01 && behind[1] > behind[2] + 0.05, `${behind}`);
});

test("the marginal is behind the regression, its full form least", () => {
  const marginals = forms.map((form) => fitGaussianMarginal(train, validation, form));
  const said = marginals.map((own) => mean(own.logLikelihood(test_)));
  assert.ok(said[0] < said[1] && said[1] < said[2], `${said}`);
  const regression = fitGaussianRegression(train, validation, "full");
  assert.ok(mean(regression.logLikelihood(test_)) > said[2] + 0.05);
  // Its mean and variance are those of the training rows.
  const first = Float64Array.from({ length: train.rows }, (_, row) => train.y[4 * row]);
  const draws = marginals[1].draw(seedKey(3), { rows: 1, x: test_.x.slice(0, 3) }, 20_000);
  const drawn = Float64Array.from({ length: 20_000 }, (_, k) => draws[4 * k]);
  assert.ok(Math.abs(mean(drawn) - mean(first)) < 4 * Math.sqrt(variance(first) / 20_000));
  assert.ok(Math.abs(variance(drawn) / variance(first) - 1) < 0.05);
});

test("coefficients and residuals are those of the normal equations, whose solution leaves residuals orthogonal to x", () => {
  const { map, covariance } = ridgeRegression(train, 0)!;
  const residual = (row: number, o: number) => {
    let rest = train.y[4 * row + o] - map.bias[o];
    for (let i = 0; i < 3; i++) rest -= train.x[3 * row + i] * map.matrix[4 * i + o];
    return rest;
  };
  const rows = Array.from({ length: train.rows }, (_, row) => row);
  for (let o = 0; o < 4; o++) {
    assert.ok(Math.abs(mean(rows.map((row) => residual(row, o)))) < 1e-9);
    for (let i = 0; i < 3; i++)
      assert.ok(Math.abs(mean(rows.map((row) => train.x[3 * row + i] * residual(row, o)))) < 1e-9);
    for (let p = 0; p < 4; p++) {
      const sum = rows.reduce((total, row) => total + residual(row, o) * residual(row, p), 0);
      expectClose([covariance[4 * o + p]], [sum / (train.rows - 4)], { absolute: 1e-9 });
    }
  }
});

test("a penalty shrinks coefficients and gives degrees of freedom back; one without end is the marginal", () => {
  const none = ridgeRegression(train, 1e12)!;
  assert.ok(Math.max(...none.map.matrix.map(Math.abs)) < 1e-9);
  const marginal = fitGaussianMarginal(train, validation, "full");
  expectClose(none.map.bias, marginal.map.bias);
  const some = ridgeRegression(train, 0.5)!;
  const full = ridgeRegression(train, 0)!;
  const size = (m: Float64Array) => m.reduce((s, v) => s + v * v, 0);
  assert.ok(size(some.map.matrix) < size(full.map.matrix));
  assert.equal(ridgeRegression({ rows: 3, x: train.x.slice(0, 9), y: train.y.slice(0, 12) }, 0), undefined);
});

test("few rows choose a penalty and shrink the covariance, and columns without variance are no obstacle", () => {
  const few = { rows: 12, x: new Float32Array(12 * 6), y: train.y.slice(0, 48) };
  for (let row = 0; row < 12; row++) few.x.set(train.x.subarray(3 * row, 3 * row + 3), 6 * row);
  const wider = { ...validation, x: new Float32Array(validation.rows * 6) };
  for (let row = 0; row < validation.rows; row++)
    wider.x.set(validation.x.subarray(3 * row, 3 * row + 3), 6 * row);
  const { penalty, shrinkage, validation: said } = fitGaussianRegression(few, wider, "full");
  assert.ok(penalty > 1e-8 && shrinkage > 0 && Number.isFinite(said), `${penalty}, ${shrinkage}, ${said}`);
});

test("scores of its draws put the regression before the marginal, and its intervals cover", () => {
  const settings = { draws: 19, level: 0.9 };
  const [regression, marginal] = [fitGaussianRegression, fitGaussianMarginal].map((fit) =>
    scoreDraws(fit(train, validation, "full"), test_, seedKey(4), settings),
  );
  assert.ok(regression.crps.mean < marginal.crps.mean);
  assert.ok(regression.energy.mean < marginal.energy.mean);
  assert.ok(regression.width.mean < marginal.width.mean);
  for (const { coverage } of [regression, marginal])
    assert.ok(Math.abs(coverage.mean - 0.9) < 4 * coverage.error, `${coverage.mean}`);
});

test("nothing to learn from or to choose on is refused", () => {
  const none = { rows: 0, x: new Float32Array(0), y: new Float32Array(0) };
  assert.throws(() => fitGaussianRegression(none, validation, "full"), /train has 0 rows; give at least 2/);
  assert.throws(() => fitGaussianMarginal(train, none, "full"), /validation has no rows/);
  const same = { ...train, y: new Float32Array(train.y.length).fill(2) };
  assert.throws(() => fitGaussianMarginal(same, validation, "full"), /y is the same in all training rows/);
});
