import "../../node/world.js";
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { digitPairs } from "../../data/digit-pairs.js";
import { simulate, simulationDefaults } from "../../data/simulation.js";
import { startEngine } from "../../engine/backend.js";
import { fold, keyOf, seedKey } from "../../engine/random.js";
import { encodePairs } from "../../evaluation/embed.js";
import { spread } from "../../evaluation/spread.js";
import { initialVarJepa, varJepaDefaults } from "../../models/var-jepa.js";
import { fit } from "../../training/fit.js";
import {
  pairConfigurationOf,
  pairConfigurations,
  pairSettings,
  removalOrders,
  safeguards,
  singleRemovals,
} from "./pair-configurations.js";
import { simulationVariants } from "./simulation-variants.js";

before(startEngine);

const { train: pairs } = simulate(seedKey(1), { ...simulationDefaults, trainRows: 60, evaluationRows: 1 });

/** A model of that name, trained for so many epochs of two steps. */
function trained(name: string, epochs: number, seed = 1, learningRate = 1e-3, data = pairs) {
  const batchSize = data.rows / 2;
  const training = { epochs, batchSize, microBatch: batchSize, learningRate, weightDecay: 0 };
  const model = { ...varJepaDefaults, hidden: 32 };
  return fit("var-jepa", data, { ...pairSettings(name, { model, training }), seed });
}

const elbo = "rec gen klSx klZ klSy";
const split = "rec gen klSx klZ crossEntropySy negativeEntropySy";
const whole = "contextEncoder auxiliaryEncoder targetPosterior predictor contextDecoder targetDecoder";
const jepa = "contextEncoder predictor";
const twoVaes = "contextEncoder targetEncoder contextDecoder targetDecoder";
/** What each has: its terms, in the family's order, and its networks. */
const expected: Record<string, readonly [terms: string, networks: string]> = {
  ...Object.fromEntries([..."AEFGI"].map((letter) => [letter, [elbo, whole]])),
  B: [`${elbo} sigregSx`, whole],
  C: [`${elbo} sigregSy`, whole],
  ...Object.fromEntries([..."DHJ"].map((letter) => [letter, [`${elbo} sigregSx sigregSy`, whole]])),
  "var-jepa": [elbo, whole],
  "no-rec": [elbo, whole],
  "no-gen": [elbo, whole],
  "no-klSx": [elbo, whole],
  "no-klZ": [elbo, whole],
  "no-klSy": [elbo, whole],
  "no-entropy": [split, whole],
  "no-rec-gen": [elbo, whole],
  "no-rec-gen-klSx": [elbo, whole],
  "no-rec-gen-klSx-klZ": [elbo, whole],
  "no-rec-gen-klSx-klZ-entropy": [split, whole],
  "no-klSx-klZ": [elbo, whole],
  "no-klSx-klZ-entropy": [split, whole],
  "no-rec-klSx-klZ-entropy": [split, whole],
  points: ["prediction", "contextEncoder targetPosterior predictor"],
  "jepa-own": ["prediction", "contextEncoder targetEncoder predictor"],
  jepa: ["prediction", jepa],
  "jepa-stop-gradient": ["prediction", jepa],
  "jepa-ema-0.9": ["prediction", jepa],
  "jepa-ema-0.99": ["prediction", jepa],
  "jepa-ema-0.996": ["prediction", jepa],
  "jepa-frozen": ["prediction", "contextEncoder targetEncoder predictor"],
  "vicreg-jepa": ["prediction varianceSx varianceSy covarianceSx covarianceSy", jepa],
  "le-jepa": ["prediction sigregSx sigregSy", jepa],
  "le-jepa-mse": ["prediction sigregSx sigregSy", jepa],
  "jepa-rec": ["rec prediction", `${jepa} contextDecoder`],
  "jepa-gen": ["gen prediction", `${jepa} targetDecoder`],
  "jepa-rec-gen": ["rec gen prediction", `${jepa} contextDecoder targetDecoder`],
  "coupled-vae": ["rec gen klSx klSy", "contextEncoder targetPosterior contextDecoder targetDecoder"],
  vae: ["rec gen klSx klSy", twoVaes],
  ae: ["rec gen", twoVaes],
};

const forms: Record<string, string> = { "le-jepa": "lejepa", "le-jepa-mse": "var-jepa" };

test("every configuration trains two steps and has its terms and networks, and none else", async () => {
  assert.deepEqual(Object.keys(pairConfigurations).sort(), Object.keys(expected).sort());
  for (const [name, [terms, networks]] of Object.entries(expected)) {
    const { history, parameters, average, training } = await trained(name, 1);
    assert.equal(Object.keys(history[0].terms).join(" "), terms, name);
    const found = parameters.layout.map((slot) => slot.name.split(".")[0]);
    assert.equal([...new Set(found)].filter((part) => !part.startsWith("logSigma")).join(" "), networks);
    assert.ok(parameters.values.every(Number.isFinite), name);
    assert.equal(training.sigregForm, forms[name]);
    assert.equal(average !== undefined, "targetDecay" in pairConfigurations[name].model, name);
  }
});

test("every configuration trains an epoch on a handful of digits' halves, and what is measured of them is finite", async () => {
  const { train, evaluation } = digitPairs({ digits: "halves", trainRows: 24, evaluationRows: 40 });
  const model = { ...varJepaDefaults, dx: 392, dy: 392, hidden: 16 };
  const training = { epochs: 1, batchSize: 24, learningRate: 1e-3, weightDecay: 0 };
  for (const name of Object.keys(pairConfigurations)) {
    const { parameters, average, config, history } = await fit("var-jepa", train, {
      ...pairSettings(name, { model, training }),
    });
    assert.ok(Object.values(history[0].terms).every(Number.isFinite), name);
    const { sx, sy } = encodePairs({ parameters, average, config }, evaluation, seedKey(3));
    assert.ok(sx.every(Number.isFinite) && sy.every(Number.isFinite), name);
    assert.ok(spread(sx, config.d).totalVariance > 0, name);
  }
});

test("both orders take one part after the other, from A to the JEPA; the letters among them are Table 1's", () => {
  const weights = (name: string) => pairConfigurationOf(name).objective;
  assert.deepEqual(weights("no-rec-gen"), simulationVariants.G.objective);
  assert.deepEqual(weights("no-klSx"), simulationVariants.E.objective);
  assert.deepEqual(weights("no-klSy"), simulationVariants.F.objective);
  const left = (name: string) => Object.values(weights(name)).filter((weight) => weight > 0).length;
  for (const order of Object.values(removalOrders)) {
    assert.deepEqual(
      [order[0], ...order.slice(-4)],
      ["A", "no-rec-gen-klSx-klZ-entropy", "points", "jepa-own", "jepa"],
    );
    assert.deepEqual(order.slice(0, 6).map(left).at(-1), 1);
  }
  assert.equal(singleRemovals.length, 6);
  for (const name of [...singleRemovals, ...Object.values(removalOrders).flat(), ...safeguards])
    pairConfigurationOf(name);
  assert.throws(() => pairConfigurationOf("jepas"), /configuration is "jepas"; use one of A, B/);
});

test("a JEPA collapses within forty steps; with VICReg beside it, it spreads", async () => {
  const { train: data } = simulate(seedKey(2), { ...simulationDefaults, trainRows: 256, evaluationRows: 1 });
  for (const seed of [1, 2, 3]) {
    /** By how much the total variance of s_x has grown over the epochs. */
    const growth = async (name: string) => {
      const { parameters, config } = await trained(name, 20, seed, 1e-2, data);
      const start = { parameters: initialVarJepa(fold(keyOf(seed), "weights"), config), config };
      const [before, after] = [start, { parameters, config }].map(
        (model) => spread(encodePairs(model, data, undefined).sx, config.d).totalVariance,
      );
      return after / before;
    };
    const [collapsing, kept] = [await growth("jepa"), await growth("vicreg-jepa")];
    assert.ok(collapsing < 0.1, `seed ${seed}: the JEPA keeps ${collapsing} of its variance`);
    assert.ok(kept > 5, `seed ${seed}: with VICReg ${kept}`);
  }
});
