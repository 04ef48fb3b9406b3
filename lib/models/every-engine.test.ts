import "../node/world.js";
import assert from "node:assert/strict";
import { test } from "node:test";
import { tf } from "../engine/backend.js";
import { everyEngine } from "../engine/every-engine.js";
import { expectClose } from "../engine/finite-differences.js";
import { fold, normals, seedKey } from "../engine/random.js";
import { families } from "../families/registry.js";
import { type FlatParameters, type Parameters, unpackParameters } from "../layers/parameters.js";
import { elboTerms, tokenElboTerms } from "../losses/elbo.js";
import { pairTerms } from "../losses/pairs.js";
import { prediction } from "../losses/prediction.js";
import { termValues } from "../losses/term.js";
import type { TableRows } from "./modalities/tabular/table.js";
import { initialTJepa, type TJepaConfig } from "./t-jepa.js";
import { initialVarJepa, latentNoise, passVarJepa, type VarJepaConfig, varJepaDefaults } from "./var-jepa.js";
import { initialVarTJepa, type VarTJepaConfig, varTJepaDefaults } from "./var-t-jepa.js";

const engines = await everyEngine();

/** A model's start weights, shaken, and its objective as a function of the parameters. */
interface Model {
  readonly parameters: FlatParameters;
  readonly objective: (parameters: Parameters) => tf.Scalar;
}

function shaken({ values, layout }: FlatParameters): FlatParameters {
  const noise = normals(seedKey(9), values.length);
  return { values: values.map((value, i) => value + 0.1 * noise[i]), layout };
}

const sum = (values: tf.Scalar[]): tf.Scalar => values.reduce((a, b) => tf.add(a, b));

function varJepa(): Model {
  const config = { ...varJepaDefaults, dx: 5, dy: 7, d: 3, dz: 2, hidden: 9 };
  const [x, y] = [config.dx, config.dy].map((d, i) => tf.tensor2d(normals(seedKey(i), 6 * d), [6, d]));
  return {
    parameters: shaken(initialVarJepa(seedKey(3), config)),
    objective: (parameters) =>
      sum(
        Object.values(
          termValues(
            elboTerms,
            passVarJepa(parameters, config, x, y, latentNoise(seedKey(4), 6, config)),
            config,
          ),
        ),
      ),
  };
}

/** A JEPA with VICReg beside it, its target encoder an average of other parameters. */
function jepa(): Model {
  const points = { latents: "deterministic", dz: 0, target: "shared", targetDecay: 0.9 } as const;
  const config: VarJepaConfig = { ...varJepaDefaults, dx: 5, dy: 5, d: 3, hidden: 9, ...points };
  const views = {
    rows: 6,
    x: normals(seedKey(1), 30),
    y: normals(seedKey(2), 30),
  };
  const batch = { rows: Int32Array.of(0, 1, 2, 3, 4, 5), first: 0, key: seedKey(5) };
  const target = shaken(initialVarJepa(seedKey(4), config));
  const { prediction, varianceSx, covarianceSx } = pairTerms;
  return {
    parameters: shaken(initialVarJepa(seedKey(3), config)),
    objective: (parameters) => {
      const average = unpackParameters(tf.tensor1d(target.values), target.layout);
      const passed = families["var-jepa"].pass(parameters, config, views, batch, average);
      return sum(Object.values(termValues({ prediction, varianceSx, covarianceSx }, passed, config)));
    },
  };
}

function varTJepa(norm: "pre" | "post", dropout: number): Model {
  const stack = { layers: 2, heads: 2, norm, activation: "gelu", dropout } as const;
  const config: VarTJepaConfig = {
    ...varTJepaDefaults,
    table: { numeric: 3, cardinalities: [3, 2] },
    masks: { contextMin: 0.2, contextMax: 0.6, targetMin: 0.2, targetMax: 0.6, targetViews: 3 },
    encoder: { ...stack, width: 10, ff: 13 },
    predictor: { ...stack, width: 6, ff: 7, layers: 1 },
  };
  const input = {
    rows: 5,
    numeric: normals(seedKey(1), 15),
    categorical: Int32Array.of(0, 1, 2, 0, 1, 1, 2, 1, 0, 0),
  };
  const weights = { rec: 0.1, gen: 1, klSx: 0.3, klZ: 0.2, klSy: 0.1 };
  const { pass } = families["var-t-jepa"];
  const batch = { rows: Int32Array.of(0, 1, 2, 3, 4), first: 0, key: fold(seedKey(5), 1) };
  return {
    parameters: shaken(initialVarTJepa(seedKey(3), config)),
    objective: (parameters) => {
      const terms = termValues(tokenElboTerms, pass(parameters, config, input, batch, {}), config);
      return sum(
        Object.entries(weights).map(([name, weight]) =>
          tf.mul<tf.Scalar>(terms[name as keyof typeof weights], weight),
        ),
      );
    },
  };
}

/** T-JEPA; its target encoder has other parameters than the one that is trained, as after some steps. */
function tJepa(): Model {
  const config: TJepaConfig = {
    table: { numeric: 3, cardinalities: [3, 2] },
    masks: { contextMin: 0.4, contextMax: 0.6, targetMin: 0.2, targetMax: 0.4, targetViews: 2 },
    encoder: { width: 8, layers: 2, heads: 2, ff: 12, norm: "pre", activation: "gelu", dropout: 0.1 },
    predictor: { width: 4, layers: 1, heads: 1, ff: 6, norm: "pre", activation: "gelu", dropout: 0.1 },
    clsTokens: 1,
    auxiliaryTokens: 1,
    ema: { start: 0.9, end: 1 },
  };
  const input: TableRows = {
    rows: 5,
    numeric: normals(seedKey(1), 15),
    categorical: Int32Array.of(0, 1, 2, 0, 1, 1, 2, 1, 0, 0),
  };
  const { pass } = families["t-jepa"];
  const batch = { rows: Int32Array.of(0, 1, 2, 3, 4), first: 0, key: fold(seedKey(5), 1) };
  const target = shaken(initialTJepa(seedKey(4), config));
  return {
    parameters: shaken(initialTJepa(seedKey(3), config)),
    objective: (parameters) => {
      const average = unpackParameters(tf.tensor1d(target.values), target.layout);
      const passed = pass(parameters, config, input, batch, average);
      return termValues({ prediction }, passed, config).prediction;
    },
  };
}

/** The objective and its gradient `[parameters]`. */
function measure({ parameters, objective }: Model): { value: number; gradient: Float32Array } {
  const at = (theta: tf.Tensor) => objective(unpackParameters(theta as tf.Tensor1D, parameters.layout));
  return tf.tidy(() => {
    const { value, grad } = tf.valueAndGrad(at)(tf.tensor1d(parameters.values));
    return { value: value.dataSync()[0], gradient: grad.dataSync<"float32">() };
  });
}

for (const [name, build] of [
  ["Var-JEPA", varJepa],
  ["JEPA", jepa],
  ["Var-T-JEPA, norm after", () => varTJepa("post", 0)],
  ["Var-T-JEPA, norm before, dropout", () => varTJepa("pre", 0.2)],
  ["T-JEPA, dropout", tJepa],
] as const)
  test(`${name}: value and whole gradient are the same on every engine`, async () => {
    const measured: { name: string; value: number; gradient: Float32Array }[] = [];
    for (const engine of engines) {
      await engine.use();
      measured.push({ name: engine.name, ...measure(build()) });
    }
    const reference = measured.find(({ name }) => name === "cpu")!;
    const scale = Math.hypot(...reference.gradient) / Math.sqrt(reference.gradient.length);
    assert.ok(scale > 0);
    assert.ok(measured.length >= 4);
    for (const { value, gradient } of measured) {
      expectClose([value], [reference.value], { relative: 1e-5 });
      expectClose(gradient, reference.gradient, { absolute: 2e-4 * scale, relative: 1e-3 });
    }
  });
