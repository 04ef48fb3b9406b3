import "../node/world.js";
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { startEngine, tf } from "../engine/backend.js";
import { expectClose } from "../engine/finite-differences.js";
import { fold, keyOf, normals, seedKey } from "../engine/random.js";
import { sizeOf } from "../engine/shape.js";
import { conditionalPriorKl, embedViews, encodePairs } from "../evaluation/embed.js";
import { type FlatParameters, unpackParameters } from "../layers/parameters.js";
import { pairTerms } from "../losses/pairs.js";
import { termValues } from "../losses/term.js";
import { fit } from "../training/fit.js";
import {
  generateTarget,
  initialVarJepa,
  latentNoise,
  passVarJepa,
  type VarJepaConfig,
  varJepaDefaults,
  varJepaLayout,
} from "./var-jepa.js";

before(startEngine);

const sizes: VarJepaConfig = { ...varJepaDefaults, dx: 4, dy: 4, d: 3, dz: 2, hidden: 7 };
const points = { ...sizes, latents: "deterministic", dz: 0, decoders: "none" } as const;
const rows = 12;
const views = {
  rows,
  x: normals(seedKey(2), rows * 4),
  y: normals(seedKey(3), rows * 4),
  labels: new Uint8Array(rows),
};
const training = { epochs: 3, batchSize: 6, learningRate: 1e-2, weightDecay: 0.1 };
const start = (config: VarJepaConfig) => initialVarJepa(fold(keyOf(1), "weights"), config);

/** The values of one network. */
function network({ values, layout }: FlatParameters, name: string): number[] {
  return layout
    .filter((slot) => slot.name.startsWith(`${name}.`))
    .flatMap(({ shape, offset }) => Array.from(values.subarray(offset, offset + sizeOf(shape))));
}

test("choices left out are Var-JEPA's: written out they give the same bits", () => {
  const written: VarJepaConfig = {
    ...sizes,
    ...{ latents: "gaussian", target: "posterior", prior: "predictor", decoders: "both" },
    sigma: "learned",
  };
  assert.deepEqual(start(written), start(sizes));
  const encoded = (config: VarJepaConfig) =>
    encodePairs({ parameters: start(config), config }, views, seedKey(5));
  assert.deepEqual(encoded(written), encoded(sizes));
});

test("what does not fit together is refused with the field and the fix", () => {
  const refused: readonly [Partial<VarJepaConfig>, RegExp][] = [
    [{ latents: "points" as "gaussian" }, /latents is "points"; use "gaussian" or "deterministic"/],
    [{ target: "ema" as "own" }, /target is "ema"; use "posterior" or "own" or "shared"/],
    [{ prior: "none" as "standard" }, /prior is "none"; use "predictor" or "standard"/],
    [{ decoders: "z" as "none" }, /decoders is "z"; use "both" or "x"/],
    [{ sigma: "free" as "fixed" }, /sigma is "free"; use "learned" or "fixed"/],
    [{ dz: -1 }, /dz is -1; use a whole number from 0/],
    [{ latents: "deterministic" }, /dz is 2; a deterministic z .* set dz to 0/],
    [{ target: "shared", dy: 5 }, /target is "shared", but x has 4 dimensions and y 5; .* use "own"/],
    [{ target: "shared", targetDecay: 1.5 }, /targetDecay is 1.5; use a number from 0 to 1/],
    [{ targetDecay: 0.9 }, /targetDecay is 0.9, but target is "posterior", which needs its gradient/],
    [{ target: "own", targetDecay: 0 }, /targetDecay is 0, but .* never moves; say so with 1/],
    [{ target: "own", targetDecay: 1, prior: "standard" }, /with prior "standard" nothing predicts/],
  ];
  for (const [change, message] of refused)
    assert.throws(() => varJepaLayout({ ...sizes, ...change }), message);
});

test("an objective that the model has no use for is refused before a step is made", async () => {
  const objective = { prediction: 1, klSx: 1 };
  await assert.rejects(
    fit("var-jepa", views, { model: points, objective, training }),
    /klSx needs densities/,
  );
});

test("points are drawn without noise; without z its distribution is empty", () => {
  const model = { parameters: start(points), config: points };
  const [drawn, plain] = [encodePairs(model, views, seedKey(6)), encodePairs(model, views, undefined)];
  assert.deepEqual(drawn, plain);
  assert.deepEqual(drawn.sx, drawn.qSx.mean);
  assert.ok(drawn.qSx.logVariance.every((v) => v === Number.NEGATIVE_INFINITY));
  assert.equal(drawn.z.length, 0);

  const withoutZ = { ...sizes, dz: 0 };
  const encoded = encodePairs({ parameters: start(withoutZ), config: withoutZ }, views, seedKey(6));
  assert.equal(encoded.z.length, 0);
  assert.notDeepEqual(encoded.sx, encoded.qSx.mean);
});

test("with N(0, I) as prior of s_y there is no predictor, and generation draws from it", () => {
  const config: VarJepaConfig = { ...sizes, prior: "standard", dz: 0 };
  const parameters = start(config);
  const { pSy, qSy } = encodePairs({ parameters, config }, views, undefined);
  assert.ok([...pSy.mean, ...pSy.logVariance].every((v) => v === 0));
  const byHand = qSy.mean.reduce((sum, m, i) => {
    const v = qSy.logVariance[i];
    return sum + (0.5 * (Math.exp(v) + m * m - 1 - v)) / rows;
  }, 0);
  expectClose([conditionalPriorKl(parameters, config, views, undefined)], [byHand]);
  const noise = latentNoise(seedKey(7), rows, config);
  const named = unpackParameters(tf.tensor1d(parameters.values), parameters.layout);
  const { sy } = generateTarget(named, config, tf.tensor2d(views.x, [rows, 4]), noise);
  expectClose(sy.dataSync(), noise.sy.dataSync());
  assert.throws(
    () => generateTarget(named, { ...config, decoders: "x" }, tf.tensor2d(views.x, [rows, 4]), noise),
    /decoders is "x"; generation needs a decoder of y/,
  );
});

for (const target of ["shared", "own"] as const)
  test(`no gradient goes through a target that is an average (${target}): its slope is that with the target held`, () => {
    const config = { ...points, target, targetDecay: 1 };
    const { values, layout } = start(config);
    const [theta, held] = [values, values].map((numbers) => tf.tensor1d(numbers));
    const [x, y] = [views.x, views.y].map((view) => tf.tensor2d(view, [rows, 4]));
    const loss = (at: tf.Tensor1D) => {
      const noise = latentNoise(seedKey(4), rows, config);
      const average = unpackParameters(held, layout);
      const pass = passVarJepa(unpackParameters(at, layout), config, x, y, noise, average);
      return termValues({ prediction: pairTerms.prediction }, pass, config).prediction;
    };
    const gradient = tf.grad((t: tf.Tensor) => loss(t as tf.Tensor1D))(theta);
    for (const seed of [5, 6, 7]) {
      const direction = tf.tensor1d(normals(seedKey(seed), values.length));
      const at = (h: number) => loss(tf.add(theta, tf.mul(direction, h))).dataSync()[0];
      const along = tf.sum(tf.mul(gradient, direction)).dataSync()[0];
      const slope = (8 * (at(5e-3) - at(-5e-3)) - (at(1e-2) - at(-1e-2))) / 6e-2;
      expectClose([along], [slope], { absolute: 1e-3, relative: 5e-3 });
    }
    const flat = { values: gradient.dataSync<"float32">(), layout };
    assert.ok(network(flat, "contextEncoder").some((slope) => Math.abs(slope) > 1e-3));
    assert.ok(network(flat, "targetEncoder").every((slope) => slope === 0));
  });

test("the target encoder follows at its decay: at once with 0, never with 1; it alone encodes y", async () => {
  const model = (target: "shared" | "own", targetDecay: number): VarJepaConfig => ({
    ...points,
    target,
    targetDecay,
  });
  const run = (config: VarJepaConfig, epochs = 3) =>
    fit("var-jepa", views, {
      model: config,
      objective: { prediction: 1 },
      training: { ...training, epochs, batchSize: rows },
    });
  const stopped = await run(model("shared", 0));
  assert.deepEqual(stopped.average, stopped.parameters);
  assert.notDeepEqual(stopped.parameters, start(model("shared", 0)));

  const frozen = await run(model("own", 1));
  assert.deepEqual(frozen.average, start(model("own", 1)));

  const followed = await run(model("shared", 0.75), 1);
  const { values } = start(model("shared", 0.75));
  expectClose(
    followed.average!.values,
    values.map((before, i) => 0.75 * before + 0.25 * followed.parameters.values[i]),
    { absolute: 1e-6 },
  );

  const { parameters, config, average } = followed;
  const other = { ...views, y: views.x };
  const { sx, sy } = embedViews(parameters, config, other, undefined, average);
  assert.notDeepEqual(sx, sy);
  expectClose(embedViews(average!, config, other, undefined, average).sx, sy);
  assert.throws(
    () => embedViews(parameters, config, views, undefined),
    /targetDecay is 0.75, so y is encoded by the moving average; give it too/,
  );
});

test("a fixed scale stays where it starts, in the likelihoods too, and nothing else stays", async () => {
  const objective = { rec: 1, gen: 1, freeBitsSx: 1 };
  const run = (sigma: "fixed" | "learned") =>
    fit("var-jepa", views, {
      ...{ model: { ...sizes, sigma, initialLogSigma: -1 }, objective },
      training: { ...training, freeBits: 2 },
    });
  const [fixed, learned] = [await run("fixed"), await run("learned")];
  const scales = ({ parameters }: typeof fixed) =>
    ["logSigmaX", "logSigmaY"].map((name) => {
      const { offset } = parameters.layout.find((slot) => slot.name === name)!;
      return parameters.values[offset];
    });
  assert.deepEqual(scales(fixed), [-1, -1]);
  assert.ok(scales(learned).every((scale) => scale !== -1));
  assert.notDeepEqual(
    network(fixed.parameters, "contextDecoder"),
    network(learned.parameters, "contextDecoder"),
  );
  assert.ok(fixed.history[0].terms.freeBitsSx >= 2 * sizes.d);
  const [x, y] = [views.x, views.y].map((view) => tf.tensor2d(view, [rows, 4]));
  const named = unpackParameters(tf.tensor1d(learned.parameters.values), learned.parameters.layout);
  const { logSigmaX } = passVarJepa(named, fixed.config, x, y, latentNoise(seedKey(4), rows, sizes));
  assert.equal(logSigmaX!.dataSync()[0], -1);
});

test("one encoder reads both views, an encoder of its own does not see x", () => {
  const same = { ...views, y: views.x };
  const shared = encodePairs(
    { parameters: start({ ...points, target: "shared" }), config: { ...points, target: "shared" } },
    same,
    undefined,
  );
  assert.deepEqual(shared.sx, shared.sy);
  const config = { ...points, target: "own" } as const;
  const own = encodePairs({ parameters: start(config), config }, views, undefined);
  const moved = encodePairs(
    { parameters: start(config), config },
    { ...views, x: views.x.map((v) => v + 1) },
    undefined,
  );
  assert.deepEqual(own.sy, moved.sy);
  assert.notDeepEqual(own.sx, moved.sx);
});
