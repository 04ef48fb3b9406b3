/** Results of a tabular study as rows for `table`. An arm is a line of a study: a model with its preset and objective. */

import { type ControlRow, controlTable } from "../evaluation/control-table.js";
import type { ControlLine } from "../evaluation/controls.js";
import type { ColumnImputation, ImputationResult, ToldColumn } from "../evaluation/imputation.js";
import { type Gain, gainOfSeeds, type ImputationScore } from "../evaluation/imputation-score.js";
import { mean, variance } from "../moments.js";
import type { TabularStudy, TabularStudyRun } from "../studies/tabular-study.js";

/** The runs of one arm, in the order of their seeds. */
export function runsOf({ runs }: Pick<TabularStudy, "runs">, arm: string): TabularStudyRun[] {
  return runs.filter((run) => run.arm === arm);
}

/** Scores of every arm beside its untrained encoder and the raw columns; see `controlTable`. */
export function studyControlRows({ runs, controls }: Pick<TabularStudy, "runs" | "controls">): ControlRow[] {
  return controlTable([
    ...runs.map(({ arm, scores }) => ({ ...scores.line, features: arm })),
    ...controls.map(({ family, ...line }) => ({
      ...line,
      features: family ? `untrained ${family}` : "raw columns",
    })),
  ]);
}

/**
 * What each arm has that its untrained encoders have not: the difference of the means over seeds, ± its standard error
 * where both have several seeds. Rows are dropped by the posterior, in T-JEPA's case by the probe's doubt.
 */
export function trainingGainRows({
  runs,
  controls,
}: Pick<TabularStudy, "runs" | "controls">): Record<string, string>[] {
  const arms = new Map(runs.map(({ arm, provenance }) => [arm, provenance.configuration.family]));
  return [...arms].map(([arm, family]) => {
    const trained = runs.filter((run) => run.arm === arm).map(({ scores }) => measuresOf(scores.line));
    const untrained = controls.filter((control) => control.family === family).map(measuresOf);
    const gains = Object.keys(trained[0]).map((measure) => {
      const [after, before] = [trained, untrained].map((lines) => lines.map((line) => line[measure]));
      return [measure, difference(after, before)];
    });
    return { model: arm, ...Object.fromEntries(gains) };
  });
}

function measuresOf({ accuracy, balancedAccuracy, effectiveRank, selective }: ControlLine) {
  const { scores } = selective.find(({ by }) => by === "posterior") ?? selective[0];
  const kept = scores.filter(({ dropped }) => dropped > 0);
  const named = kept.flatMap(({ dropped, accuracy, sameMixAccuracy }) => [
    [`without ${Math.round(100 * dropped)} %`, accuracy],
    [`${Math.round(100 * dropped)} %, above the mix`, accuracy - sameMixAccuracy],
  ]);
  const measures: Record<string, number> = {
    accuracy,
    "balanced accuracy": balancedAccuracy,
    ...Object.fromEntries(named),
    "effective rank": effectiveRank,
  };
  return measures;
}

function difference(after: readonly number[], before: readonly number[]): string {
  const value = mean(after) - mean(before);
  const digits = Math.abs(value) < 1 ? 3 : 1;
  const text = `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(digits)}`;
  if (after.length === 1 || before.length === 1) return text;
  const error = Math.sqrt(variance(after) / after.length + variance(before) / before.length);
  return `${text} ± ${error.toFixed(digits)}`;
}

/** Loss terms of the first and the last epoch, in nats (T-JEPA: squared error), of every run. */
export function studyTermRows({ runs }: Pick<TabularStudy, "runs">): Record<string, string | number>[] {
  return runs.map(({ arm, seed, epochs, selectedEpoch }) => {
    const [first, last] = [epochs[0].report.terms, epochs[epochs.length - 1].report.terms];
    const terms = Object.keys(first).map((term) => [term, `${short(first[term])} → ${short(last[term])}`]);
    return { arm, seed, epochs: epochs.length, "epoch kept": selectedEpoch, ...Object.fromEntries(terms) };
  });
}

/**
 * Imputation per column: score and gain over the marginal of the seeds under each name, beside the linear model, the nearest rows and,
 * if it has them, the boosted trees of the first. All are means over the seeds that have the column.
 */
export function imputationRows(
  results: Readonly<Record<string, readonly ImputationResult[]>>,
): Record<string, string | number>[] {
  const names = Object.keys(results);
  const reference = results[names[0]];
  return columnNames(reference).map((column) => {
    const first = ofColumn(reference, column);
    const [{ kind, trees }] = first;
    const above = (read: (column: ColumnImputation) => ImputationScore | null | undefined) => {
      const gains = first.flatMap((own) => {
        const other = read(own);
        return other ? [other.logLikelihood - own.marginal.logLikelihood] : [];
      });
      return gains.length > 0 ? mean(gains).toFixed(3) : "–";
    };
    const scoreOf = (read: (column: ColumnImputation) => ImputationScore | null | undefined) =>
      meanScore(first.map((own) => read(own)?.score ?? null));
    return {
      column,
      score: kind === "numeric" ? "R²" : "accuracy",
      ...Object.fromEntries(
        names.flatMap((name) => {
          const own = ofColumn(results[name], column);
          const { gain, gainError } = gainOfSeeds(own);
          return [
            [name, meanScore(own.map(({ model }) => model.score))],
            [`gain of ${name}`, `${gain.toFixed(3)} ± ${gainError.toFixed(3)}`],
          ];
        }),
      ),
      marginal: scoreOf(({ marginal }) => marginal),
      linear: scoreOf(({ linear }) => linear),
      "gain of linear": above(({ linear }) => linear),
      nearest: scoreOf(({ nearest }) => nearest),
      "gain of nearest": above(({ nearest }) => nearest),
      ...(trees !== undefined && {
        trees: scoreOf(({ trees }) => trees),
        "gain of trees": above(({ trees }) => trees),
      }),
    };
  });
}

/** Names of the columns that any seed has, in its order: a small table of its own rows may lack one. */
function columnNames(seeds: readonly { readonly columns: readonly ToldColumn[] }[]): string[] {
  return [...new Set(seeds.flatMap(({ columns }) => columns.map(({ column }) => column)))];
}

/** A column in the seeds that have it. */
function ofColumn<Column extends ToldColumn>(
  seeds: readonly { readonly columns: readonly Column[] }[],
  name: string,
): Column[] {
  return seeds.flatMap(({ columns }) => columns.filter(({ column }) => column === name));
}

/** What several seeds of one model say more than its comparisons, in the mean over seeds. */
export interface ColumnsWon {
  readonly columns: number;
  /** Columns told with more log-likelihood than by the marginal, the linear model, the nearest rows. */
  readonly aboveMarginal: number;
  readonly aboveLinear: number;
  readonly aboveNearest: number;
  /** … and by boosted trees, where they were asked for. */
  readonly aboveTrees?: number;
  /** Over the marginal, in nats a column: of the model, … */
  readonly meanGain: number;
  /** … and of what it is compared with, in the mean over the columns that each can tell. */
  readonly comparedGains: { readonly linear: number; readonly nearest: number; readonly trees?: number };
  /** What the second half of the samples changed in log-likelihood: mean |difference| over columns and seeds. */
  readonly convergence: number;
}

/** Counts the columns on which a model is better, by the mean over its seeds. */
export function columnsWon(
  seeds: readonly (Pick<ImputationResult, "convergence"> & { readonly columns: readonly ToldColumn[] })[],
): ColumnsWon {
  const gains = (read: (column: ToldColumn) => Gain | undefined) =>
    columnNames(seeds).map((name) => mean(ofColumn(seeds, name).map((own) => read(own)?.gain ?? Number.NaN)));
  const above = (values: readonly number[]) => values.filter((gain) => gain > 0).length;
  const overMarginal = gains((column) => column);
  const meanGainOf = (read: (column: ToldColumn) => ImputationScore | null | undefined) =>
    mean(
      seeds.flatMap(({ columns }) =>
        columns.flatMap((column) => {
          const own = read(column);
          return own ? [own.logLikelihood - column.marginal.logLikelihood] : [];
        }),
      ),
    );
  const withTrees = seeds.every(({ columns }) => columns.some(({ trees }) => trees));
  return {
    columns: overMarginal.length,
    aboveMarginal: above(overMarginal),
    aboveLinear: above(gains(({ linear }) => linear?.gainOver)),
    aboveNearest: above(gains(({ nearest }) => nearest?.gainOver)),
    ...(withTrees && { aboveTrees: above(gains(({ trees }) => trees?.gainOver)) }),
    meanGain: mean(overMarginal),
    comparedGains: {
      linear: meanGainOf(({ linear }) => linear),
      nearest: meanGainOf(({ nearest }) => nearest),
      ...(withTrees && { trees: meanGainOf(({ trees }) => trees) }),
    },
    convergence: mean(seeds.map(({ convergence }) => convergence.mean)),
  };
}

function meanScore(scores: readonly (number | null)[]): number | string {
  return scores.some((score) => score === null) ? "–" : mean(scores as readonly number[]);
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** Rows of tables made of a tabular study, and its runs; described where they are defined. */
export const studyTables = {
  runsOf,
  studyControlRows,
  studyTermRows,
  trainingGainRows,
  imputationRows,
  columnsWon,
} as const;
