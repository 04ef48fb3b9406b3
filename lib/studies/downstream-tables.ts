/** Tables 2 to 5 and the numbers of Figure 3, from runs: means and deviations over encoders and predictors, beside the paper's. */
import type { DataSetCode } from "../data/datasets/data-set.js";
import type { Uncertainty } from "../evaluation/controls.js";
import { mean, variance } from "../moments.js";
import {
  type PublishedScores,
  publishedOrder,
  publishedTable2,
  publishedTable3,
} from "../papers/var-jepa/published-table-2.js";
import {
  publishedTable4,
  publishedTable5,
  type SensitivityScores,
  table4Settings,
  table5Settings,
} from "../papers/var-jepa/published-table-4.js";
import { type DownstreamInputName, standsBeside } from "./downstream-plan.js";
import type { DownstreamScores, KeptScores } from "./downstream-scores.js";
import type { DownstreamRun, SensitivityRun } from "./downstream-study.js";
import { ownColumns } from "./sensitivity-plan.js";

/** One number of a table. */
export interface DownstreamCell {
  readonly dataset: DataSetCode;
  readonly predictor: string;
  readonly input: DownstreamInputName;
  /** Share of the most uncertain test rows that was dropped. */
  readonly discard: number;
  readonly metric: string;
  readonly mean: number;
  /** Sample deviation over runs, each with its own encoder and predictor; `null` of one. */
  readonly std: number | null;
  readonly runs: number;
  /** What the paper prints in this place; `null` where it prints nothing. */
  readonly published: number | null;
  /** The column of Table 4 or 5. */
  readonly column?: string;
  /** What is not as printed. */
  readonly setting?: string;
}

/** What is read off the selective scores of a run. */
interface Measure {
  readonly metric: string;
  readonly by: Uncertainty;
  readonly of: (scores: KeptScores) => number;
  /** The paper's table that has it. */
  readonly published?: readonly PublishedScores[];
}

const accuracy: Measure = {
  metric: "accuracy",
  by: "posterior",
  of: (scores) => scores.accuracy,
  published: publishedTable2,
};

/** Accuracy when rows are dropped by the encoder's uncertainty, beside what it must be measured against. */
const table2Measures: readonly Measure[] = [
  accuracy,
  {
    metric: "accuracy, dropped by the predictor's confidence",
    by: "probe",
    of: ({ accuracy }) => accuracy,
  },
  { metric: "accuracy of the same class mix", by: "posterior", of: ({ sameMix }) => sameMix },
  { metric: "share of the largest class", by: "posterior", of: ({ majority }) => majority },
];

/** Both F1s. */
const table3Measures: readonly Measure[] = [
  { metric: "weighted F1", by: "posterior", of: ({ weightedF1 }) => weightedF1, published: publishedTable3 },
  { metric: "macro F1", by: "posterior", of: ({ macroF1 }) => macroF1 },
];

/** Of all rows: what probabilities are worth, and whether the encoder's uncertainty is but the size of a row's numbers. */
const wholeMeasures: Readonly<Record<string, (scores: DownstreamScores) => number | undefined>> = {
  "ROC AUC": ({ rocAuc }) => rocAuc,
  "expected calibration error": ({ calibrationError }) => calibrationError,
  "Spearman correlation of the uncertainty with the row's norm": ({ norm }) => norm?.uncertainty,
};

/** Table 2, with more measures than it prints. */
export function table2Cells(runs: readonly DownstreamRun[]): DownstreamCell[] {
  return [
    ...cellsOf(runs, table2Measures),
    ...groupsOf(runs).flatMap((group) => wholeCells(group, wholeMeasures)),
  ];
}

/** Table 3: the F1 that is printed there, and the one that it is called. */
export function table3Cells(runs: readonly DownstreamRun[]): DownstreamCell[] {
  return cellsOf(runs, table3Measures);
}

/** Table 4, with ours beside it, or 5. */
export function sensitivityCells(runs: readonly SensitivityRun[], table: 4 | 5): DownstreamCell[] {
  const [columns, printed]: [readonly string[], readonly SensitivityScores[]] =
    table === 4 ? [[...table4Settings, ...ownColumns], publishedTable4] : [table5Settings, publishedTable5];
  return columns.flatMap((column, at) =>
    cellsOf(
      runs.filter((run) => run.column === column),
      [accuracy],
    ).map((cell) => {
      const line = printed.find(
        ([predictor, discard]) => predictor === cell.predictor && discard === cell.discard,
      );
      return { ...cell, column, published: line?.[2][at]?.[0] ?? null };
    }),
  );
}

/** The numbers of Figure 3: of the linear probe the area under the risk–coverage curve, of the uncertainty how it follows u. */
export function figure3Cells(runs: readonly DownstreamRun[]): DownstreamCell[] {
  const drawn = figure3Runs(runs);
  return groupsOf(drawn).flatMap((group) => {
    const area = (order: Uncertainty) => (scores: DownstreamScores) =>
      scores.selective.find(({ by }) => by === order)?.area;
    return wholeCells(group, {
      "area under the risk–coverage curve": area("posterior"),
      "area under the risk–coverage curve, by the predictor's confidence": area("probe"),
      "error rate": ({ selective }) => 1 - selective[0].scores[0].accuracy,
      "Spearman correlation with u": ({ ambiguity }) => ambiguity?.spearman,
      "ROC AUC of u above its 90 % quantile": ({ ambiguity }) => ambiguity?.auc,
      "Spearman correlation of the uncertainty with the row's norm": ({ norm }) => norm?.uncertainty,
      "Spearman correlation of u with the row's norm": ({ norm }) => norm?.ambiguity,
      "Spearman correlation with u, the row's norm held fixed": ({ norm }) => norm?.partial,
    });
  });
}

/** A cell for each measure that all runs of a group have. */
function wholeCells(
  group: readonly DownstreamRun[],
  measures: Readonly<Record<string, (scores: DownstreamScores) => number | undefined>>,
): DownstreamCell[] {
  return Object.entries(measures).flatMap(([metric, of]) => {
    const values = group.flatMap(({ scores }) => of(scores) ?? []);
    if (values.length < group.length) return [];
    return [{ ...labelsOf(group[0]), discard: 0, metric, ...summary(values), published: null }];
  });
}

/** Runs that Figure 3 is drawn from. */
export function figure3Runs(runs: readonly DownstreamRun[]): DownstreamRun[] {
  return runs.filter(({ predictor, scores }) => predictor === "linear" && scores.ambiguity);
}

/** Runs that differ in their seeds alone, in their order. */
export function groupsOf<Run extends DownstreamRun>(runs: readonly Run[]): Run[][] {
  const groups = new Map<string, Run[]>();
  for (const run of runs) {
    const key = JSON.stringify(labelsOf(run));
    groups.set(key, [...(groups.get(key) ?? []), run]);
  }
  return [...groups.values()];
}

/** Those groups that are compared with each other; others stand beside them. */
export function comparedGroups<Run extends DownstreamRun>(runs: readonly Run[]): Run[][] {
  return groupsOf(runs).filter(([{ setting }]) => !standsBeside(setting));
}

/** The group of the same data set, predictor and setting on another input. */
export function groupBeside<Run extends DownstreamRun>(
  groups: readonly (readonly Run[])[],
  [own]: readonly Run[],
  input: DownstreamInputName,
): readonly Run[] | undefined {
  return groups.find(
    ([run]) =>
      run.input === input &&
      run.dataset === own.dataset &&
      run.predictor === own.predictor &&
      run.setting === own.setting,
  );
}

/** Mean, sample deviation and number. */
export function summary(values: readonly number[]): { mean: number; std: number | null; runs: number } {
  return {
    mean: mean(values),
    std: values.length > 1 ? Math.sqrt(variance(values)) : null,
    runs: values.length,
  };
}

function labelsOf({ dataset, predictor, input, setting }: DownstreamRun) {
  return { dataset, predictor, input, ...(setting !== undefined && { setting }) };
}

function cellsOf(runs: readonly DownstreamRun[], measures: readonly Measure[]): DownstreamCell[] {
  return groupsOf(runs).flatMap((group) =>
    measures.flatMap(({ metric, by, of, published }) => {
      const selective = group.map(({ scores }) => scores.selective);
      // Without an uncertainty of the encoder nothing can be dropped by it; on all rows all orders agree.
      const own = selective[0].find((result) => result.by === by);
      const shown = own ?? { scores: selective[0][0].scores.slice(0, 1) };
      return shown.scores.map(
        ({ dropped }, i): DownstreamCell => ({
          ...labelsOf(group[0]),
          discard: dropped,
          metric,
          ...summary(
            selective.map((results) =>
              of((results.find((result) => result.by === by) ?? results[0]).scores[i]),
            ),
          ),
          published: published ? printedIn(published, group[0], dropped) : null,
        }),
      );
    }),
  );
}

function printedIn(
  table: readonly PublishedScores[],
  { dataset, predictor, input }: DownstreamRun,
  discard: number,
): number | null {
  const name = predictor === "boosted trees" ? "XGBoost" : predictor;
  const line = table.find((own) => own[0] === name && own[1] === input && own[2] === discard);
  return line?.[3][publishedOrder.indexOf(dataset)][0] ?? null;
}
