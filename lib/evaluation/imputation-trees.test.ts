import assert from "node:assert/strict";
import { test } from "node:test";
import { logNormal } from "../distributions/normal.js";
import { expectClose } from "../engine/finite-differences.js";
import { normals, seedKey, uniforms } from "../engine/random.js";
import { columnValues } from "../models/modalities/tabular/table.js";
import { mean, squares } from "../moments.js";
import { type CellPredictions, linearPredictions, marginalPredictions } from "./imputation-baselines.js";
import { treePredictions } from "./imputation-trees.js";

const told = ({ logLikelihood }: CellPredictions) => mean(logLikelihood);

/** Two numbers and a code of three that tell a third number and a label of three or, where those are asked for, two classes. */
function formulas(first: number, rows: number, classes = 3) {
  const own = Array.from({ length: rows }, (_, row) => {
    const i = first + row;
    const [x, z] = [((7 * i) % 29) / 8, ((11 * i) % 23) / 4];
    const code = ((i * i) % 3) + Number(i % 5 === 0);
    const y = 2 * Number(x > 1.5) + 0.5 * code + ((5 * i) % 17) / 16 + z / 32;
    const label = Number(x + 0.25 * code > 1.9) + Number((3 * i) % 19 > 12);
    return { numeric: [x, z, y], categorical: [code, Math.min(classes - 1, label)] };
  });
  return {
    rows,
    numeric: Float32Array.from(own.flatMap(({ numeric }) => numeric)),
    categorical: Int32Array.from(own.flatMap(({ categorical }) => categorical)),
  };
}

/**
 * Made apart from this code: a NumPy program in double precision that grows every tree by brute force (each value of the
 * training rows tried as threshold, or as code against all others, the first of equals taken; gain by Equation 7 of Chen &
 * Guestrin 2016, λ = 1, least weight 1), with everything else from the docstring of `treePredictions`. Seven digits.
 */
const expected = [
  {
    feature: 2,
    rounds: 22,
    maxDepth: 6,
    logLikelihood: [
      0.1770949, -2.1408337, 0.2063142, -0.9333539, -3.7879714, 0.1625528, 0.0437953, -0.1736887,
    ],
    point: [1.9096431, 2.8424763, 3.0450515, 0.7983918, 0.9891258, 3.2332181, 3.0450515, 2.6689086],
  },
  {
    feature: 4,
    classes: 3,
    rounds: 62,
    maxDepth: 3,
    logLikelihood: [
      -1.8170856, -0.3390422, -2.0162834, -0.271335, -0.3933522, -0.1175407, -0.2251689, -0.3580487,
    ],
    point: [1, 1, 1, 0, 0, 1, 1, 2],
  },
  {
    feature: 4,
    classes: 2,
    rounds: 300,
    maxDepth: 6,
    logLikelihood: [
      -0.9014875, -0.276783, -0.0107119, -0.2589037, -0.7563206, -0.0048237, -0.0107119, -0.0580176,
    ],
    point: [1, 1, 1, 0, 1, 1, 1, 1],
  },
];

for (const { feature, classes, rounds, maxDepth, logLikelihood, point } of expected)
  test(`${classes ?? "a number and no"} classes: likelihoods, rounds and depth are those of a program made apart`, () => {
    const own = treePredictions({
      shape: { numeric: 3, cardinalities: [3, 3] },
      training: formulas(0, 40, classes),
      validation: formulas(100, 12, classes),
      heldOut: formulas(200, 8, classes),
      feature,
      visible: [0, 1, 3],
      categories: classes,
    });
    assert.deepEqual([own.rounds, own.maxDepth], [rounds, maxDepth]);
    expectClose(own.logLikelihood, logLikelihood, { absolute: 1e-5 });
    expectClose(own.point, point, { absolute: 1e-5 });
  });

/** Number 1 and the category are steps of |number 0|; number 2 is noise, and so is the other category. */
function steps(seed: number, rows: number) {
  const numeric = normals(seedKey(seed), 3 * rows);
  const draws = uniforms(seedKey(seed + 100), rows);
  const inside = (row: number) => Number(Math.abs(numeric[3 * row]) < 0.7);
  const own = numeric.map((v, i) => (i % 3 === 1 ? 2 * inside(Math.floor(i / 3)) + 0.3 * v : v));
  const categorical = Int32Array.from({ length: 2 * rows }, (_, i) =>
    i % 2 === 0 ? inside(i >> 1) : Math.floor(4 * draws[i >> 1]),
  );
  return { rows, numeric: own, categorical };
}

const shape = { numeric: 3, cardinalities: [2, 4] };
const [training, validation, heldOut] = [steps(1, 2000), steps(2, 500), steps(3, 500)];
const data = { shape, training, validation, heldOut };

test("trees know a column that is a step of another, to the noise beside it; a linear model knows nothing of it", () => {
  for (const [feature, most] of [
    // Entropy of the noise: log(0.3 · √(2πe)).
    [1, -Math.log(0.3) - 0.5 * Math.log(2 * Math.PI * Math.E)],
    [3, 0],
  ]) {
    const asked = { ...data, feature, visible: [0, 2, 4] };
    const [trees, linear, marginal] = [treePredictions, linearPredictions, marginalPredictions].map((fit) =>
      told(fit(asked)),
    );
    assert.ok(Math.abs(trees - most) < 0.1, `${trees} of ${most}`);
    assert.ok(Math.abs(linear - marginal) < 0.02, `${linear}, ${marginal}`);
  }
});

test("on noise trees are not worse than the marginal by more than .01 nats", () => {
  for (const feature of [2, 4]) {
    const asked = { ...data, feature, visible: [0, 1, 3] };
    const loss = told(marginalPredictions(asked)) - told(treePredictions(asked));
    assert.ok(loss < 0.01, `column ${feature}: ${loss}`);
  }
});

test("rounds and depth follow the validation rows alone", () => {
  for (const feature of [1, 3]) {
    const asked = { ...data, feature, visible: [0, 2] };
    const own = treePredictions(asked);
    assert.ok(own.rounds > 0);
    // Other rows asked about, of which the first are the same, do not change what is said of these.
    const other = steps(7, 500);
    other.numeric.set(heldOut.numeric.subarray(0, 30));
    other.categorical.set(heldOut.categorical.subarray(0, 20));
    const again = treePredictions({ ...asked, heldOut: other });
    assert.deepEqual([again.rounds, again.maxDepth], [own.rounds, own.maxDepth]);
    assert.deepEqual(again.logLikelihood.subarray(0, 10), own.logLikelihood.subarray(0, 10));
    // Validation rows whose visible number says the opposite leave the marginal.
    const numeric = validation.numeric.map((v, i) => (i % 3 === 0 ? (Math.abs(v) < 0.7 ? 2 : 0) : v));
    const none = treePredictions({ ...asked, validation: { ...validation, numeric } });
    assert.equal(none.rounds, 0);
    assert.deepEqual(none.point, marginalPredictions(asked).point);
  }
});

test("one miss of a number that is told all but exactly costs no more than the Gaussian of all rows for one validation row", () => {
  const exact = (seed: number) => {
    const own = steps(seed, 500);
    return {
      ...own,
      numeric: own.numeric.map((v, i) => (i % 3 === 1 ? 2 * own.categorical[(2 * (i - 1)) / 3] : v)),
    };
  };
  const [training, validation, heldOut] = [exact(1), exact(2), exact(3)];
  heldOut.numeric[1] = 2 - heldOut.numeric[1];
  const asked = { shape, training, validation, heldOut, feature: 1, visible: [0, 3] };
  const { logLikelihood } = treePredictions(asked);
  const seen = columnValues(shape, training, 1);
  const missed = logNormal(heldOut.numeric[1], mean(seen), Math.sqrt(squares(seen) / 500));
  assert.ok(Math.abs(logLikelihood[0] - (missed - Math.log(501))) < 1e-9);
  assert.ok(logLikelihood[1] > 5.9 && told({ logLikelihood, point: logLikelihood }) > 5.8);
});
