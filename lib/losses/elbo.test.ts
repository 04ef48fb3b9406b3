import "../node/world.js";
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { startEngine, tf } from "../engine/backend.js";
import { expectClose } from "../engine/finite-differences.js";
import { normals, seedKey } from "../engine/random.js";
import { unpackParameters } from "../layers/parameters.js";
import {
  initialVarJepa,
  latentNoise,
  passVarJepa,
  type VarJepaConfig,
  type VarJepaPass,
  varJepaDefaults,
} from "../models/var-jepa.js";
import { elboTerms, elboWeights } from "./elbo.js";
import { splitSyTerm } from "./kl.js";
import { checkWeights, termValues } from "./term.js";

before(startEngine);

const model: VarJepaConfig = { ...varJepaDefaults, dx: 5, dy: 4, d: 3, dz: 2, hidden: 7 };
const rows = 6;

function setting() {
  const parameters = initialVarJepa(seedKey(1), model);
  const x = tf.tensor2d(normals(seedKey(2), rows * model.dx), [rows, model.dx]);
  const y = tf.tensor2d(normals(seedKey(3), rows * model.dy), [rows, model.dy]);
  const noise = latentNoise(seedKey(4), rows, model);
  const terms = (theta: tf.Tensor1D) =>
    termValues(elboTerms, passVarJepa(unpackParameters(theta, parameters.layout), model, x, y, noise), model);
  return { weights: parameters, x, y, noise, terms };
}

test("each term is its definition, summed over dimensions and averaged over rows", () => {
  const { weights: parameters, x, y, noise } = setting();
  const theta = unpackParameters(tf.tensor1d(parameters.values), parameters.layout);
  const pass = passVarJepa(theta, model, x, y, noise) as Required<VarJepaPass>;
  const terms = termValues(elboTerms, pass, model);
  const read = (tensor: tf.Tensor) => tensor.dataSync();
  const averageOver = (columns: number, f: (i: number) => number) =>
    Array.from({ length: rows * columns }, (_, i) => f(i)).reduce((sum, v) => sum + v, 0) / rows;

  const [xs, xMean, sigmaX] = [read(x), read(pass.xMean), Math.exp(read(pass.logSigmaX)[0])];
  const rec = averageOver(
    model.dx,
    (i) => 0.5 * ((xs[i] - xMean[i]) / sigmaX) ** 2 + Math.log(sigmaX * Math.sqrt(2 * Math.PI)),
  );
  const [m, v] = [read(pass.qZ.mean), read(pass.qZ.logVariance)];
  const klZ = averageOver(model.dz, (i) => 0.5 * (Math.exp(v[i]) + m[i] ** 2 - 1 - v[i]));
  const [mq, vq, mp, vp] = [pass.qSy.mean, pass.qSy.logVariance, pass.pSy.mean, pass.pSy.logVariance].map(
    read,
  );
  const klSy = averageOver(
    model.d,
    (i) => 0.5 * (Math.exp(vq[i] - vp[i]) + (mq[i] - mp[i]) ** 2 / Math.exp(vp[i]) - 1 + vp[i] - vq[i]),
  );
  expectClose(
    [terms.rec, terms.klZ, terms.klSy].flatMap((term) => [...read(term)]),
    [rec, klZ, klSy],
  );

  const { prediction, entropy } = splitSyTerm(pass);
  expectClose([read(prediction)[0] - read(entropy)[0]], [klSy]);
});

test("the gradient of every term is its slope along random directions of the weights", () => {
  const { weights: parameters, terms } = setting();
  const theta = tf.tensor1d(parameters.values);
  const step = 2e-2;
  for (const name of ["rec", "gen", "klSx", "klZ", "klSy"] as const)
    for (const seed of [5, 6, 7]) {
      const direction = tf.tensor1d(normals(seedKey(seed), parameters.values.length));
      const gradient = tf.grad((t: tf.Tensor) => terms(t as tf.Tensor1D)[name])(theta);
      const along = tf.sum(tf.mul(gradient, direction)).dataSync()[0];
      const at = (h: number) => terms(tf.add(theta, tf.mul(direction, h)))[name].dataSync()[0];
      // Five-point formula: error O(step⁴), so single precision is what remains.
      const slope = (8 * (at(step / 2) - at(-step / 2)) - (at(step) - at(-step))) / (6 * step);
      const scale = Math.sqrt(tf.sum(tf.square(gradient)).dataSync()[0]);
      assert.ok(Math.abs(along - slope) < 2e-3 * scale + 1e-4, `${name}: gradient ${along}, slope ${slope}`);
    }
});

test("a negative weight is refused by name, an unknown term with the names that there are", () => {
  const names = Object.keys(elboTerms);
  checkWeights({ rec: 0, klSy: 0.5 }, names);
  assert.throws(() => checkWeights({ ...elboWeights, gen: -1 }, names), /gen is -1; a weight must be/);
  assert.throws(() => checkWeights({ klZ: Number.NaN }, names), /klZ is NaN/);
  assert.throws(
    () => checkWeights({ alphaRec: 1 }, names),
    /alphaRec is no term; use rec, gen, klSx, klZ, klSy/,
  );
});
