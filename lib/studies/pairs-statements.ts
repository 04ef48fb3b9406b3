/**
 * How statements about configurations of pairs are checked by code: each on every run of every setting, and it holds if it holds in all
 * of them; those of the announcement stand among them too that do not.
 */
import type { PairMeasure } from "../evaluation/pair-measures.js";
import { mean } from "../moments.js";
import type { Claim } from "./claim.js";
import type { PairsMeasured } from "./pairs-cells.js";

/** One run of all configurations in one setting. */
export interface Case {
  readonly setting?: string;
  readonly configurations: readonly string[];
  /** NaN of what a configuration does not have. */
  readonly read: (configuration: string, measure: string, on?: PairMeasure["on"]) => number;
}

/** A statement, what is measured of a case for it, and when it holds. */
export interface Statement {
  readonly name: string;
  readonly statement: string;
  /** Configurations without which there is nothing to check. */
  readonly needs: readonly string[];
  readonly measure: (found: Case) => Record<string, number>;
  readonly holds: (measured: Record<string, number>) => boolean;
}

/** What s_x tells of the true one, beyond the class. */
export const R2 = "r2SxGivenClass";
/** How far the Gaussian that fits s_x is from N(0, I). */
export const KL = "klAggregateSx";

/** One measure of several configurations, under their names. */
export const each =
  (configurations: readonly string[], measure: string, on?: PairMeasure["on"]) =>
  ({ read }: Case) =>
    Object.fromEntries(configurations.map((name) => [name, read(name, measure, on)]));

/** Less than half is natural for "lost": more is gone than is left. */
export const lost = (value: number, whole: number) => value < whole / 2;

/** Smaller falls of R² count as none: a latent that tells nothing has an R² within .005 of 0. */
export const FALL = 0.02;

/** Coverages closer than this count as the same. */
export const SAME_COVERAGE = 0.05;

/** The same with a word before every name. */
export function renamed(values: Record<string, number>, before: string): Record<string, number> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${before} ${name}`, value]));
}

/**
 * What was measured is the mean over the runs in which nothing is changed; beside it, in how many of all cases, runs of all settings,
 * the statement holds.
 */
export function checked(statements: readonly Statement[], measured: readonly PairsMeasured[]): Claim[] {
  const cases = casesOf(measured);
  return statements.flatMap(({ name, statement, needs, measure, holds }) => {
    const own = cases.filter(({ configurations }) => needs.every((need) => configurations.includes(need)));
    if (own.length === 0) return [];
    const found = own.map((one) => ({ setting: one.setting, values: measure(one) }));
    const held = found.filter(({ values }) => holds(values));
    const unchanged = found.filter(({ setting }) => setting === undefined).map(({ values }) => values);
    const shown = unchanged.length > 0 ? unchanged : found.map(({ values }) => values);
    const means = Object.keys(shown[0])
      .map((key): [string, number] => [key, mean(shown.map((values) => values[key]))])
      .filter(([, value]) => Number.isFinite(value));
    const support = Object.fromEntries(
      [...new Set(found.map(({ setting }) => setting))].map((setting) => [
        `held${setting === undefined ? "" : `, ${setting}`}`,
        held.filter((one) => one.setting === setting).length,
      ]),
    );
    return [
      {
        ...{ name, statement, holds: held.length === found.length },
        measured: { ...Object.fromEntries(means), ...support, cases: found.length },
      },
    ];
  });
}

function casesOf(measured: readonly PairsMeasured[]): Case[] {
  const groups = new Map<string, PairsMeasured[]>();
  for (const one of measured) {
    const name = JSON.stringify([one.setting, one.run]);
    groups.set(name, [...(groups.get(name) ?? []), one]);
  }
  return [...groups.values()].map((group) => {
    const values = new Map(
      group.flatMap(({ configuration, measures }) =>
        measures.map(({ measure, on, value }) => [`${configuration} ${measure} ${on}`, value]),
      ),
    );
    return {
      setting: group[0].setting,
      configurations: group.map(({ configuration }) => configuration),
      read: (configuration, measure, on = "samples") =>
        values.get(`${configuration} ${measure} ${on}`) ?? Number.NaN,
    };
  });
}
