import "../node/world.js";
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { startEngine, tf } from "../engine/backend.js";
import { expectClose, finiteDifferences } from "../engine/finite-differences.js";
import { normals, seedKey } from "../engine/random.js";
import { unpackParameters } from "../layers/parameters.js";
import {
  initialVarJepa,
  latentNoise,
  passVarJepa,
  type VarJepaConfig,
  varJepaDefaults,
} from "../models/var-jepa.js";
import { checkPairObjective, type PairTerm, pairTermNames, usefulPairTerms } from "./pair-terms.js";
import { pairTerms } from "./pairs.js";
import { termValues } from "./term.js";
import { offDiagonalCovariance, varianceHinge } from "./variance-covariance.js";

before(startEngine);

const sizes: VarJepaConfig = { ...varJepaDefaults, dx: 4, dy: 4, d: 3, dz: 2, hidden: 7 };
const points = { ...sizes, latents: "deterministic", dz: 0 } as const;
const rows = 6;
const x = normals(seedKey(2), rows * sizes.dx);
const y = normals(seedKey(3), rows * sizes.dy);

/** The terms of a model at its start weights, or at others. */
function setting(config: VarJepaConfig) {
  const { values, layout } = initialVarJepa(seedKey(1), config);
  const { sigregSx, sigregSy, rec, gen, ...own } = pairTerms;
  const terms = (theta: tf.Tensor1D) => {
    const parameters = unpackParameters(theta, layout);
    const pass = passVarJepa(
      parameters,
      config,
      tf.tensor2d(x, [rows, config.dx]),
      tf.tensor2d(y, [rows, config.dy]),
      latentNoise(seedKey(4), rows, config),
      parameters,
    );
    return { ...termValues(own, pass, config), pass };
  };
  return { values, terms };
}

const read = (tensor: tf.Tensor) => tensor.dataSync<"float32">();

/** VICReg's Equations 1–4 in double precision. */
function definitions(s: ArrayLike<number>, d: number): { variance: number; covariance: number } {
  const n = s.length / d;
  const mean = Array.from({ length: d }, (_, j) => {
    let sum = 0;
    for (let row = 0; row < n; row++) sum += s[row * d + j] / n;
    return sum;
  });
  const covarianceOf = (i: number, j: number) => {
    let sum = 0;
    for (let row = 0; row < n; row++) sum += (s[row * d + i] - mean[i]) * (s[row * d + j] - mean[j]);
    return sum / (n - 1);
  };
  let [variance, covariance] = [0, 0];
  for (let i = 0; i < d; i++) {
    variance += Math.max(0, 1 - Math.sqrt(covarianceOf(i, i) + 1e-4)) / d;
    for (let j = 0; j < d; j++) if (j !== i) covariance += covarianceOf(i, j) ** 2 / d;
  }
  return { variance, covariance };
}

for (const [name, regulariser] of [
  ["variance", varianceHinge],
  ["covariance", offDiagonalCovariance],
] as const)
  test(`the ${name} regulariser: value and gradient are those of its definition`, () => {
    const d = 3;
    // One dimension wider than the hinge, one within it, one almost collapsed.
    const s = normals(seedKey(5), rows * d).map((e, i) => [3, 0.5, 0.01][i % d] * e + i / 9);
    const { value, grad } = tf.valueAndGrad((t: tf.Tensor) => regulariser(t as tf.Tensor2D))(
      tf.tensor2d(s, [rows, d]),
    );
    expectClose(read(value), [definitions(s, d)[name]]);
    const slopes = finiteDifferences((at) => definitions(at, d)[name], s);
    expectClose(read(grad), slopes, { absolute: 2e-5, relative: 1e-3 });
  });

test("a collapsed batch: the hinge is .99 and its gradient finite; independent wide dimensions cost nothing", () => {
  const collapsed = tf.fill<tf.Rank.R2>([5, 4], 0.7);
  const { value, grad } = tf.valueAndGrad((s: tf.Tensor) => varianceHinge(s as tf.Tensor2D))(collapsed);
  expectClose(read(value), [0.99]);
  assert.ok(read(grad).every(Number.isFinite));
  const square = tf.tensor2d([1, 1, 1, -1, -1, 1, -1, -1], [4, 2]);
  expectClose([...read(varianceHinge(square)), ...read(offDiagonalCovariance(square))], [0, 0]);
});

test("a batch of one row is refused with the field to change", () => {
  const pass = { sx: tf.zeros([1, 2]) };
  const source = { key: seedKey(1), sigregForm: "var-jepa" } as const;
  assert.throws(() => pairTerms.varianceSx.value(pass as never, {}, source), /1 row.*batchSize/);
});

test("both parts of KL_sy with equal weights are KL_sy, whatever the prior", () => {
  for (const config of [sizes, { ...sizes, prior: "standard" }, { ...sizes, target: "shared" }] as const) {
    const { values, terms } = setting(config);
    const { klSy, crossEntropySy, negativeEntropySy } = terms(tf.tensor1d(values));
    expectClose([read(crossEntropySy)[0] + read(negativeEntropySy)[0]], read(klSy));
  }
});

test("free bits: none free is the KL; dimensions below the free nats cost these and have no gradient", () => {
  const { values, terms } = setting(sizes);
  const { pass, ...own } = terms(tf.tensor1d(values));
  for (const [free, whole] of [
    [own.freeBitsSx, own.klSx],
    [own.freeBitsZ, own.klZ],
    [own.freeBitsSy, own.klSy],
  ])
    expectClose(read(free), read(whole));
  // Two rows of two dimensions: KL_j = ½ (σ² + μ² − 1 − log σ²), in the mean over rows ½ · 1 and ½ (e − 2) · ½.
  const qSx = { mean: tf.tensor2d([1, 0, -1, 0], [2, 2]), logVariance: tf.tensor2d([0, 0, 0, 1], [2, 2]) };
  const source = { key: seedKey(1), sigregForm: "var-jepa", freeBits: 0.3 } as const;
  const value = (mean: tf.Tensor2D) =>
    pairTerms.freeBitsSx.value({ ...pass, qSx: { ...qSx, mean } }, sizes, source);
  expectClose(read(value(qSx.mean)), [0.5 + 0.3]);
  const slopes = tf.grad((mean: tf.Tensor) => value(mean as tf.Tensor2D))(tf.add(qSx.mean, [0, 0.1]));
  expectClose(read(slopes), [0.5, 0, -0.5, 0]);
});

test("of points, d/2 times the prediction is −log N(s_y; μ, I) up to a constant", () => {
  const { values, terms } = setting({ ...points, target: "own" });
  const { prediction, pass } = terms(tf.tensor1d(values));
  const [predicted, wanted] = [read(pass.pSy.mean), read(pass.sy)];
  const squares = predicted.reduce((sum, p, i) => sum + 0.5 * (wanted[i] - p) ** 2, 0) / rows;
  expectClose([(sizes.d / 2) * read(prediction)[0]], [squares]);
  assert.ok(squares > 0.01);
});

test("the gradient of every new term is its slope along random directions of the parameters", () => {
  const cases = [
    [sizes, ["crossEntropySy", "negativeEntropySy", "prediction", "varianceSy", "covarianceSy"]],
    [sizes, ["freeBitsSx", "freeBitsZ", "freeBitsSy"]],
    [{ ...sizes, target: "shared", dz: 0 }, ["klSy", "crossEntropySy", "negativeEntropySy", "varianceSx"]],
    [{ ...sizes, target: "own", prior: "standard", dz: 0 }, ["klSy", "negativeEntropySy"]],
    [{ ...points, target: "shared" }, ["prediction", "varianceSx", "covarianceSx", "varianceSy"]],
    [{ ...points, target: "own" }, ["prediction", "covarianceSy"]],
  ] as const;
  const step = 1e-2;
  for (const [config, names] of cases) {
    const { values, terms } = setting(config);
    const theta = tf.tensor1d(values);
    for (const name of names)
      for (const seed of [5, 6, 7]) {
        const direction = tf.tensor1d(normals(seedKey(seed), values.length));
        const gradient = tf.grad((t: tf.Tensor) => terms(t as tf.Tensor1D)[name])(theta);
        const along = read(tf.sum(tf.mul(gradient, direction)))[0];
        const at = (h: number) => read(terms(tf.add(theta, tf.mul(direction, h)))[name])[0];
        // Five-point formula: error O(step⁴), so single precision is what remains.
        const slope = (8 * (at(step / 2) - at(-step / 2)) - (at(step) - at(-step))) / (6 * step);
        const scale = Math.sqrt(read(tf.sum(tf.square(gradient)))[0]);
        assert.ok(scale > 1e-3, `${name} has a gradient`);
        assert.ok(
          Math.abs(along - slope) < 2e-3 * scale + 1e-4,
          `${name}: gradient ${along}, slope ${slope}`,
        );
      }
  }
});

test("a term that the configuration has no use for is refused with the fix", () => {
  const refused: readonly [Partial<VarJepaConfig>, string, RegExp][] = [
    [points, "klSx", /klSx needs densities, .* set latents to "gaussian", or use prediction/],
    [points, "klSy", /klSy needs densities/],
    [points, "freeBitsSy", /freeBitsSy needs densities/],
    [{ dz: 0 }, "freeBitsZ", /freeBitsZ needs the auxiliary latent z/],
    [points, "crossEntropySy", /crossEntropySy needs densities/],
    [{ decoders: "y" }, "rec", /rec needs a decoder of x; set decoders to "both" or "x"/],
    [{ decoders: "none" }, "gen", /gen needs a decoder of y; set decoders to "both" or "y"/],
    [{ dz: 0 }, "klZ", /klZ needs the auxiliary latent z; set dz to at least 1/],
    [{ prior: "standard" }, "prediction", /prediction needs the predictor; set prior to "predictor"/],
    [{ target: "shared", targetDecay: 0 }, "sigregSy", /sigregSy cannot move a target that no gradient/],
    [{ target: "own", targetDecay: 1 }, "varianceSy", /varianceSy cannot move .* leave targetDecay out/],
  ];
  for (const [change, term, message] of refused) {
    checkPairObjective(sizes, { [term]: 1 });
    assert.throws(() => checkPairObjective({ ...sizes, ...change }, { [term]: 1 }), message);
    assert.ok(!usefulPairTerms({ ...sizes, ...change }).includes(term as PairTerm));
  }
  assert.deepEqual(usefulPairTerms(sizes), [...pairTermNames]);
  assert.deepEqual(Object.keys(pairTerms), [...pairTermNames]);
});
