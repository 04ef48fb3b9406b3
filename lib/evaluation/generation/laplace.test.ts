import "../../node/world.js";
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type SimulationConfig,
  simulate,
  simulatedWorld,
  simulationDefaults,
} from "../../data/simulation.js";
import { fold, seedKey } from "../../engine/random.js";
import { mean } from "../../moments.js";
import { scoreDraws } from "./conditional-density.js";
import { fitGaussianRegression } from "./gaussian-baselines.js";
import { importanceBound } from "./importance-bound.js";
import { laplaceDefaults, laplaceWeights, type NonlinearGaussian } from "./laplace.js";
import { trueDensity, trueLikelihood } from "./true-likelihood.js";

const LOG_2PI = Math.log(2 * Math.PI);

/** One latent seen through a bent curve in two dimensions. */
const curve = (e: number) => [2 * Math.tanh(e), e * e - 1];
const observed = Float32Array.of(1.2, -0.3, 0.1, 2.5, -1.9, 1);
const bent: NonlinearGaussian = {
  rows: 3,
  latents: 1,
  outputs: 2,
  observed,
  deviation: 0.5,
  mean: (latents) => Float32Array.from([...latents].flatMap(curve)),
};

/** log ∫ N(e; 0, 1) N(o; g(e), σ²) de on a grid. */
function byGrid(row: number): number {
  const h = 1e-3;
  let sum = 0;
  for (let e = -8; e <= 8; e += h) {
    const squared = curve(e).reduce((s, g, j) => s + (observed[2 * row + j] - g) ** 2, 0);
    sum += h * Math.exp(-0.5 * (e * e + squared / 0.25 + 3 * LOG_2PI) - 2 * Math.log(0.5));
  }
  return Math.log(sum);
}

test("a bent observation has the likelihood that a grid finds, though one of its rows has two modes", () => {
  const settings = { ...laplaceDefaults, samples: 20_000 };
  const { logWeights, modes } = laplaceWeights(bent, seedKey(1), settings);
  const { perRow, effectiveSamples } = importanceBound(logWeights, settings.samples);
  for (let row = 0; row < 3; row++) {
    const error = Math.sqrt(1 / effectiveSamples[row]);
    assert.ok(Math.abs(perRow[row] - byGrid(row)) < 4 * error, `${perRow[row]}, ${byGrid(row)} ± ${error}`);
  }
  // The mode found is one: nothing near it is likelier.
  const log = (row: number, e: number) =>
    -0.5 * (e * e + curve(e).reduce((s, g, j) => s + (observed[2 * row + j] - g) ** 2, 0) / 0.25);
  for (const row of [0, 2])
    for (const step of [-0.05, 0.05]) assert.ok(log(row, modes[row] + step) < log(row, modes[row]));
});

test("a start elsewhere, a single step and a wider proposal leave the likelihood as it is", () => {
  const settings = { samples: 20_000, steps: 1, inflation: 2, priorShare: 0.3 };
  const { logWeights } = laplaceWeights(bent, seedKey(2), settings, Float32Array.of(2, -2, 1));
  const { perRow, effectiveSamples } = importanceBound(logWeights, settings.samples);
  for (let row = 0; row < 3; row++)
    assert.ok(Math.abs(perRow[row] - byGrid(row)) < 4 * Math.sqrt(1 / effectiveSamples[row]));
});

test("settings that make no sense are refused", () => {
  const refused = (changes: object, said: RegExp) =>
    assert.throws(() => laplaceWeights(bent, seedKey(1), { ...laplaceDefaults, ...changes }), said);
  refused({ inflation: 0.5 }, /inflation is 0.5/);
  refused({ priorShare: 1 }, /priorShare is 1/);
  refused({ samples: 1.5 }, /samples is 1.5/);
  assert.throws(
    () => laplaceWeights(bent, seedKey(1), laplaceDefaults, new Float32Array(2)),
    /start holds 2 values; 3 rows of 1 need 3/,
  );
});

const tiny: SimulationConfig = {
  ...simulationDefaults,
  trainRows: 1,
  evaluationRows: 6,
  d: 1,
  dz: 1,
  dObserved: 2,
  hidden: 3,
};

test("the true log p(y|x) of a tiny world is what a grid over s_x and s_y finds", () => {
  const key = seedKey(3);
  const world = simulatedWorld(key, tiny);
  const { evaluation } = simulate(key, tiny);
  const { rows, x, y } = evaluation;
  const variance = world.coupling[0] ** 2 + tiny.couplingVariance;
  const [from, h, count] = [-6, 0.04, 350];
  const places = Float32Array.from({ length: count }, (_, i) => from + i * h);
  const [hx, hy] = [world.hx(places, count), world.hy(places, count)];
  const noise = (row: number, of: Float32Array, means: Float32Array, i: number) =>
    Math.exp(
      (-0.5 * ((of[2 * row] - means[2 * i]) ** 2 + (of[2 * row + 1] - means[2 * i + 1]) ** 2)) / 0.09,
    ) /
    (2 * Math.PI * 0.09);
  const grid = Float64Array.from({ length: rows }, (_, row) => {
    let [joint, context] = [0, 0];
    for (let i = 0; i < count; i++) {
      const prior = [0, 2].reduce((s, c) => s + 0.5 * Math.exp(-0.5 * (places[i] - c) ** 2), 0);
      const ofX = h * prior * noise(row, x, hx, i);
      context += ofX;
      for (let k = 0; k < count; k++) {
        const coupled = Math.exp((-0.5 * (places[k] - places[i]) ** 2) / variance);
        joint += (ofX * h * coupled * noise(row, y, hy, k)) / Math.sqrt(2 * Math.PI * variance);
      }
    }
    return Math.log(joint / context);
  });
  const found = trueLikelihood(world, tiny, evaluation, seedKey(4), { ...laplaceDefaults, samples: 4096 });
  for (let row = 0; row < rows; row++)
    assert.ok(Math.abs(found.perRow[row] - grid[row]) < 0.12, `${found.perRow[row]}, ${grid[row]}`);
  assert.ok(Math.abs(mean(found.perRow) - mean(grid)) < 0.05);
  assert.ok(Math.abs(found.change.mean) < 0.05);
  assert.ok(found.joint.curve[0].mean < found.joint.curve[12].mean);
  assert.throws(
    () => trueLikelihood(world, { ...tiny, noiseSlope: 1 }, evaluation, seedKey(4)),
    /noiseSlope is 1, but the true likelihood is known for noise that is the same everywhere; leave it out/,
  );
});

test("draws of the true density beat a regression, cover, and do not see how rows are cut", () => {
  const key = seedKey(3);
  const config = { ...tiny, trainRows: 500, evaluationRows: 400 };
  const { train, evaluation } = simulate(key, config);
  const settings = { ...laplaceDefaults, samples: 128 };
  const density = trueDensity(simulatedWorld(key, config), config, seedKey(7), settings);
  const asked = { draws: 39, level: 0.9 };
  const own = scoreDraws(density, evaluation, seedKey(8), asked);
  assert.ok(Math.abs(own.coverage.mean - 0.9) < 4 * own.coverage.error, `${own.coverage.mean}`);
  const regression = fitGaussianRegression(train, train, "full");
  const other = scoreDraws(regression, evaluation, seedKey(8), asked);
  assert.ok(own.energy.mean < other.energy.mean, `${own.energy.mean}, ${other.energy.mean}`);
  const few = { rows: 5, x: evaluation.x.slice(20, 30) };
  assert.deepEqual(
    density.draw(seedKey(9), few, 3, 10),
    density.draw(seedKey(9), evaluation, 3).slice(10 * 6, 15 * 6),
  );
});

test("at the study's own size the truth converges: K against K/2, and proposals of two widths agree", () => {
  const config = { ...simulationDefaults, trainRows: 1, evaluationRows: 6 };
  const key = seedKey(5);
  const [narrow, wide] = [1, 1.5].map((inflation, i) =>
    trueLikelihood(
      simulatedWorld(key, config),
      config,
      simulate(key, config).evaluation,
      fold(seedKey(6), i),
      { ...laplaceDefaults, samples: 256, inflation },
    ),
  );
  for (const { joint, context, change } of [narrow, wide]) {
    assert.ok(Math.abs(change.mean) < 0.15, `${change.mean}`);
    assert.ok(Math.min(...joint.effectiveSamples, ...context.effectiveSamples) > 3);
  }
  const error = Math.hypot(
    ...[narrow, wide].flatMap(({ joint, context }) => [joint.monteCarloError, context.monteCarloError]),
  );
  assert.ok(Math.abs(mean(narrow.perRow) - mean(wide.perRow)) < 4 * error, `${error}`);
});
