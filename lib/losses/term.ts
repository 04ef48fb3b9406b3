/**
 * The terms of an objective. One is a record of weights, `{ rec: 1, gen: 1, klSx: 0.5 }`: Σ weight · term is minimised.
 * The same names stand in weights, in the epochs over which weights rise, in logs and in figures.
 */
import type { Key } from "../engine/random.js";
import type * as tf from "../engine/tf.js";
import type { SigregFormName } from "./sigreg.js";

/** The weight of each term by name, at least 0. A term without one is not computed, one of weight 0 only logged. */
export type TermWeights = Readonly<Record<string, number>>;

/** What a term may need beside the pass. */
export interface TermSource {
  /** Source of the step's randomness. */
  readonly key: Key;
  readonly sigregForm: SigregFormName;
  /** Nats of every dimension that the terms with free bits do not charge; 0 when left out. */
  readonly freeBits?: number;
}

/** One term: from a pass to a scalar. */
export interface Term<Pass = unknown, Config = unknown> {
  /**
   * `rows`: the value is a mean over rows, so that a batch can be cut and its parts averaged. `batch`: it compares the
   * rows with each other (SIGReg does); a batch is not cut while such a term has a weight.
   */
  readonly over: "rows" | "batch";
  value(pass: Pass, config: Config, source: TermSource): tf.Scalar;
}

/** The terms of a family by name. */
export type Terms<Pass = unknown, Config = unknown> = Readonly<Record<string, Term<Pass, Config>>>;

/** A term of a pass with its weight: `weight · value` is minimised, `value` is logged. */
export interface WeightedTerm {
  readonly weight: number;
  /** A scalar tensor. */
  readonly value: tf.Scalar;
  readonly over: Term["over"];
}

/** A term that is a mean over rows. */
export function meanTerm<Pass, Config = unknown>(
  value: (pass: Pass, config: Config) => tf.Scalar,
): Term<Pass, Config> {
  return { over: "rows", value };
}

/** The values of the given terms, none of which draws anything at random, on a pass. */
export function termValues<Name extends string, Pass, Config>(
  terms: Readonly<Record<Name, Term<Pass, Config>>>,
  pass: Pass,
  config: Config,
): Record<Name, tf.Scalar> {
  const source: TermSource = { key: { k0: 0, k1: 0 }, sigregForm: "var-jepa" };
  const entries = Object.entries<Term<Pass, Config>>(terms);
  return Object.fromEntries(
    entries.map(([name, term]) => [name, term.value(pass, config, source)]),
  ) as Record<Name, tf.Scalar>;
}

/** The terms that an objective names, in the family's order, each with its weight as far as it has `risen`. */
export function weighedTerms<Pass, Config>(
  terms: Terms<Pass, Config>,
  objective: TermWeights,
  risen: TermWeights,
  pass: Pass,
  config: Config,
  source: TermSource,
): Record<string, WeightedTerm> {
  return Object.fromEntries(
    Object.entries(terms)
      .filter(([name]) => name in objective)
      .map(([name, { over, value }]) => [
        name,
        { weight: objective[name] * (risen[name] ?? 1), value: value(pass, config, source), over },
      ]),
  );
}

/**
 * By how much each weight has risen at a step, from 0 to 1 in a straight line (Equations 53–55, which count steps; Table 7
 * counts epochs).
 * @param annealEpochs length of each rise; 0 starts at the full weight
 */
export function risenWeights(step: number, stepsPerEpoch: number, annealEpochs: TermWeights): TermWeights {
  return Object.fromEntries(
    Object.entries(annealEpochs).map(([name, epochs]) => [
      name,
      epochs <= 0 ? 1 : Math.min(1, step / (epochs * stepsPerEpoch)),
    ]),
  );
}

/**
 * Checks weights, or the epochs over which they rise.
 * @param known names of the terms that there are
 * @throws naming the term that there is not, or whose number is negative or not finite.
 */
export function checkWeights(weights: TermWeights, known: readonly string[]): void {
  for (const [name, value] of Object.entries(weights)) {
    if (!known.includes(name)) throw new Error(`${name} is no term; use ${known.join(", ")}`);
    if (!(value >= 0 && Number.isFinite(value)))
      throw new Error(`${name} is ${value}; a weight must be a number of at least 0`);
  }
}
