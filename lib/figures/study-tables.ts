/** Results of a tabular study as rows for `table`. */

import { type ControlRow, controlTable } from "../evaluation/control-table.js";
import { gainOfSeeds, type ImputationResult } from "../evaluation/imputation.js";
import type { TabularStudy, TabularStudyRun } from "../experiments/tabular-study.js";

/** The runs of one arm, in the order of their seeds. */
export function runsOf({ runs }: Pick<TabularStudy, "runs">, arm: string): TabularStudyRun[] {
  return runs.filter((run) => run.arm === arm);
}

/** Scores of every arm beside its untrained encoder and the raw columns; see `controlTable`. */
export function studyControlRows({ runs, controls }: Pick<TabularStudy, "runs" | "controls">): ControlRow[] {
  return controlTable([
    ...runs.map(({ arm, scores }) => ({ ...scores.line, features: arm })),
    ...controls.map(({ kind, ...line }) => ({
      ...line,
      features: kind ? `untrained ${kind}` : "raw columns",
    })),
  ]);
}

/** Loss terms of the first and the last epoch, in nats (T-JEPA: squared error), of every run. */
export function studyTermRows({ runs }: Pick<TabularStudy, "runs">): Record<string, string | number>[] {
  return runs.map(({ arm, seed, epochs, selectedEpoch }) => {
    const [first, last] = [epochs[0].report.terms, epochs[epochs.length - 1].report.terms];
    const terms = Object.keys(first).map((term) => [term, `${short(first[term])} → ${short(last[term])}`]);
    return { arm, seed, epochs: epochs.length, "epoch kept": selectedEpoch, ...Object.fromEntries(terms) };
  });
}

/** Imputation per column: score and gain over the marginal of one result per name, beside the linear model. */
export function imputationRows(
  results: Readonly<Record<string, readonly ImputationResult[]>>,
): Record<string, string | number>[] {
  const names = Object.keys(results);
  const [reference] = results[names[0]];
  return reference.columns.map(({ column, kind, linear, marginal }, i) => ({
    column,
    score: kind === "numeric" ? "R²" : "accuracy",
    ...Object.fromEntries(
      names.flatMap((name) => {
        const own = results[name].map(({ columns }) => columns[i]);
        const { gain, gainError } = gainOfSeeds(own);
        return [
          [name, mean(own.map(({ model }) => model.score))],
          [`gain of ${name}`, `${gain.toFixed(3)} ± ${gainError.toFixed(3)}`],
        ];
      }),
    ),
    marginal: marginal.score,
    linear: linear.score,
    "gain of linear": (linear.logLikelihood - marginal.logLikelihood).toFixed(3),
  }));
}

/** On how many columns several seeds of one model say more than the marginal, the linear model, in the mean over seeds. */
export function columnsWon(seeds: readonly ImputationResult[]): {
  columns: number;
  aboveMarginal: number;
  aboveLinear: number;
  meanGain: number;
} {
  const gains = seeds[0].columns.map((_, i) => mean(seeds.map(({ columns }) => columns[i].gain)));
  const overLinear = seeds[0].columns.map((_, i) =>
    mean(seeds.map(({ columns }) => columns[i].model.logLikelihood - columns[i].linear.logLikelihood)),
  );
  return {
    columns: gains.length,
    aboveMarginal: gains.filter((gain) => gain > 0).length,
    aboveLinear: overLinear.filter((gain) => gain > 0).length,
    meanGain: mean(gains),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}
