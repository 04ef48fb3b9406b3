import assert from "node:assert/strict";
import { test } from "node:test";
import { fitPeakedGaussian, logPeaked } from "../distributions/peaked-gaussian.js";
import { normals, seedKey, uniforms } from "../engine/random.js";
import { mean } from "../moments.js";
import { gaussian, type Marginal } from "./imputation-baselines.js";
import { shrunkPredictions } from "./shrunk-predictions.js";

const rows = 400;
const noise = (seed: number) => Float64Array.from(normals(seedKey(seed), rows));
const alike = (value: number) => new Float64Array(rows).fill(value);
const standard = {
  peaked: { peaks: [], rest: { share: 1, mean: 0, deviation: 1, values: [0] } },
  say: (values: Float64Array) => gaussian(values, alike(0), alike(1)),
};
const gainOver = (a: { logLikelihood: Float64Array }, b: { logLikelihood: Float64Array }) =>
  mean(a.logLikelihood) - mean(b.logLikelihood);

test("a rival that is too sure gets the deviation that fits, noise becomes the marginal", () => {
  const said = (seed: number, deviation: number, error: number) => {
    const [signal, off] = [noise(seed), noise(seed + 1)];
    const truth = signal.map((v, i) => v + error * off[i]);
    return { truth, said: gaussian(truth, signal, alike(deviation)) };
  };
  const [chosen, asked] = [said(1, 0.1, 0.5), said(3, 0.1, 0.5)];
  const shrunk = shrunkPredictions({ ...asked.said, chosenOn: chosen }, asked.truth, standard);
  // By hand: -log .5 - ½ log 2πe is the best that an error of .5 leaves, e^1.5 · .1 = .448 the nearest step.
  const best = -Math.log(0.5) - 0.5 * Math.log(2 * Math.PI * Math.E);
  assert.ok(Math.abs(mean(shrunk.logLikelihood) - best) < 0.1, `${mean(shrunk.logLikelihood)}, not ${best}`);
  assert.ok(gainOver(asked.said, shrunk) < -5);

  const lost = { truth: noise(5), said: gaussian(noise(5), noise(6), alike(0.3)) };
  const other = noise(7);
  const flat = shrunkPredictions(
    { ...gaussian(other, noise(8), alike(0.3)), chosenOn: lost },
    other,
    standard,
  );
  assert.equal(gainOver(flat, standard.say(other)), 0);
  assert.ok(flat.point.every((value) => value === 0));
});

test("categories have no deviation: what is told well keeps all but the least share", () => {
  const truth = Float64Array.from(uniforms(seedKey(1), rows), (u) => Number(u > 0.5));
  const own = (sure: number) => ({ logLikelihood: alike(Math.log(sure)), point: truth });
  const marginal = {
    say: (values: Float64Array) => ({ logLikelihood: values.map(() => Math.log(0.5)), point: values }),
  };
  const { logLikelihood, point } = shrunkPredictions(
    { ...own(0.9), chosenOn: { truth, said: own(0.9) } },
    truth,
    marginal,
  );
  const least = 1 / (rows + 1);
  assert.ok(Math.abs(logLikelihood[0] - Math.log((1 - least) * 0.9 + least * 0.5)) < 1e-12);
  assert.equal(point, truth);
});

test("of a number that is often the same, the peak is likelier where the rival says so, and its share of it calibrated", () => {
  // A signal decides whether the number is the peak, −.5, and the rival sees it through noise.
  const cells = (seed: number) => {
    const [signal, off, size] = [noise(seed), noise(seed + 1), noise(seed + 2)];
    const truth = signal.map((v, i) => (v < 0.5 ? -0.5 : 1 + 0.3 * size[i]));
    return {
      truth,
      said: gaussian(
        truth,
        signal.map((v, i) => (v < 0.5 ? -0.5 : 1) + 0.2 * off[i]),
        alike(0.4),
      ),
    };
  };
  const [chosen, asked] = [cells(11), cells(14)];
  const peaked = fitPeakedGaussian(cells(17).truth);
  const marginal: Marginal = {
    peaked,
    say: (values) => ({ logLikelihood: values.map((v) => logPeaked(peaked, v)), point: alike(0) }),
  };
  const shrunk = shrunkPredictions({ ...asked.said, chosenOn: chosen }, asked.truth, marginal);
  // What knowing whether it is the peak is worth: the entropy of a share of Φ(.5) = .6915, .618 nats.
  const gain = gainOver(shrunk, marginal.say(asked.truth));
  assert.ok(gain > 0.55 && gain < 0.7, `${gain}`);
  const squared = mean(shrunk.point.map((v, i) => (v - asked.truth[i]) ** 2));
  assert.ok(squared < 0.1, `${squared}`);
  const blind = { truth: chosen.truth, said: gaussian(chosen.truth, noise(20), alike(1)) };
  const flat = shrunkPredictions(
    { ...gaussian(asked.truth, noise(21), alike(1)), chosenOn: blind },
    asked.truth,
    marginal,
  );
  assert.equal(gainOver(flat, marginal.say(asked.truth)), 0, "noise becomes the marginal with its peak");
});
