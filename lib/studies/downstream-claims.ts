/**
 * What the paper says about Tables 2 and 3 and Figure 3, and what it does not ask, checked on what was measured. Every claim
 * counts pairs of a data set and a predictor; a difference is clear when it exceeds two standard errors over seeds.
 */

import type { Uncertainty } from "../evaluation/controls.js";
import { spearman } from "../evaluation/metrics/ranks.js";
import { mean, variance } from "../moments.js";
import {
  publishedTable4,
  publishedTable5,
  table4Settings,
  table5Settings,
} from "../papers/var-jepa/published-table-4.js";
import type { Claim } from "./claim.js";
import type { DownstreamInputName } from "./downstream-plan.js";
import type { KeptScores } from "./downstream-scores.js";
import type { DownstreamRun, SensitivityRun } from "./downstream-study.js";
import { comparedGroups, type DownstreamCell, groupBeside } from "./downstream-tables.js";

/** A difference with its standard error; no error where one side has a single run. */
export interface Difference {
  readonly value: number;
  readonly error: number | null;
}

/** Mean of `a` less mean of `b`, whose runs do not share their randomness. */
export function difference(a: readonly number[], b: readonly number[]): Difference {
  const error =
    a.length > 1 && b.length > 1 ? Math.sqrt(variance(a) / a.length + variance(b) / b.length) : null;
  return { value: mean(a) - mean(b), error };
}

/** Mean of what every run says of two things at once. */
export function ownDifference(values: readonly number[]): Difference {
  return {
    value: mean(values),
    error: values.length > 1 ? Math.sqrt(variance(values) / values.length) : null,
  };
}

const isClear = ({ value, error }: Difference) => error !== null && Math.abs(value) > 2 * error;

/** How many differences there are, how many are above 0, how many clearly so or clearly below, and their mean. */
function counts(differences: readonly Difference[], atLeast = 0): Record<string, number> {
  const clear = differences.filter(isClear);
  return {
    pairs: differences.length,
    "at least": differences.filter(({ value }) => value >= atLeast).length,
    "clearly above 0": clear.filter(({ value }) => value > 0).length,
    "clearly below 0": clear.filter(({ value }) => value < 0).length,
    "mean difference": mean(differences.map(({ value }) => value)),
  };
}

/** All runs of one predictor on one input of one data set. */
type Group = readonly DownstreamRun[];

const kept = ({ scores }: DownstreamRun, dropped: number, by: Uncertainty): KeptScores | undefined =>
  scores.selective.find((result) => result.by === by)?.scores.find((score) => score.dropped === dropped);

const accuracies = (group: Group) => group.map(({ scores }) => scores.selective[0].scores[0].accuracy);

/** Accuracy without the half that the encoder is least sure of. */
const halves = (group: Group, by: Uncertainty = "posterior") =>
  group.map((run) => kept(run, 0.5, by)?.accuracy ?? Number.NaN);

/** Within this of the columns an embedding counts as competitive: about two standard errors of 2,000 rows scored. */
const COMPETITIVE = 0.01;

/** This far above the share of the largest class a predictor has hardly learnt anything. */
const COLLAPSED = 0.02;

/**
 * Checks every claim on the runs there are.
 * @returns nothing for a claim that lacks runs.
 */
export function downstreamClaims(runs: readonly DownstreamRun[]): Claim[] {
  const groups = comparedGroups(runs);
  const of = (input: DownstreamInputName) => groups.filter(([run]) => run.input === input);
  const beside = (group: Group, input: DownstreamInputName) => groupBeside(groups, group, input);
  const ours = of("var-t-jepa");
  const against = (input: DownstreamInputName, values: (group: Group) => number[] = accuracies) =>
    ours.flatMap((group) => {
      const other = beside(group, input);
      return other ? [difference(values(group), values(other))] : [];
    });
  const most = ({ pairs, "at least": enough }: Record<string, number>) => enough > pairs / 2;
  const clearlyMore = (measured: Record<string, number>) =>
    measured["clearly above 0"] > measured["clearly below 0"] && most(measured);
  const counted = (
    name: string,
    statement: string,
    differences: readonly Difference[],
    holds: (measured: Record<string, number>) => boolean,
    atLeast = 0,
  ): Claim[] => {
    if (differences.length === 0) return [];
    const measured = counts(differences, atLeast);
    return [{ name, statement, holds: holds(measured), measured }];
  };
  const collapse = of("t-jepa").filter(([run]) => run.predictor === "MLP");
  const collapsed = collapse.filter((group) => {
    const share = mean(group.map((run) => run.scores.selective[0].scores[0].majority));
    return mean(accuracies(group)) < share + COLLAPSED;
  });
  const followed = ours.filter(([{ scores, predictor }]) => scores.ambiguity && predictor === "linear");

  return [
    ...counted(
      "selective accuracy rises with discard",
      "Var-T-JEPA: without the half of the rows that the encoder is least sure of, accuracy is higher than on all rows, in most pairs and clearly so in more than it is clearly lower",
      ours.map((group) =>
        ownDifference(
          group.map((run) => kept(run, 0.5, "posterior")!.accuracy - kept(run, 0, "posterior")!.accuracy),
        ),
      ),
      clearlyMore,
    ),
    ...counted(
      "Var-T-JEPA is at least as good as T-JEPA",
      "accuracy on Var-T-JEPA's embeddings is at least that on T-JEPA's in most pairs, and clearly higher in more than it is clearly lower",
      against("t-jepa"),
      clearlyMore,
    ),
    ...counted(
      "embeddings are competitive with the columns",
      `accuracy on Var-T-JEPA's embeddings is at most ${COMPETITIVE} below that on the columns in most pairs`,
      against("raw"),
      most,
      -COMPETITIVE,
    ),
    ...(collapse.length === 0
      ? []
      : [
          {
            name: "T-JEPA collapses on some data sets",
            statement: `on at least one data set an MLP on T-JEPA's embeddings is less than ${COLLAPSED} above the share of the largest class`,
            holds: collapsed.length > 0,
            measured: { "data sets": collapse.length, collapsed: collapsed.length },
          },
        ]),
    ...(followed.length === 0 ? [] : [followsClaim(followed)]),
    ...counted(
      "not asked in the paper: training helps",
      "accuracy on trained Var-T-JEPA's embeddings is higher than on untrained ones in most pairs, and clearly so in more than it is clearly lower",
      against("untrained var-t-jepa"),
      clearlyMore,
    ),
    ...counted(
      "not asked in the paper: training helps T-JEPA",
      "the same of T-JEPA",
      of("t-jepa").flatMap((group) => {
        const other = beside(group, "untrained t-jepa");
        return other ? [difference(accuracies(group), accuracies(other))] : [];
      }),
      clearlyMore,
    ),
    ...counted(
      "not asked in the paper: a trained uncertainty selects better than an untrained one",
      "the gain in accuracy by dropping half of the rows is larger with a trained encoder in most pairs, and clearly so in more than it is clearly smaller",
      against("untrained var-t-jepa", (group) => {
        const all = accuracies(group);
        return halves(group).map((value, i) => value - all[i]);
      }),
      clearlyMore,
    ),
    ...counted(
      "not asked in the paper: better than the predictor's own confidence",
      "without half of the rows accuracy is higher by the encoder's uncertainty than by the predictor's confidence in most pairs",
      ours.map((group) => {
        const own = halves(group, "probe");
        return ownDifference(halves(group).map((value, i) => value - own[i]));
      }),
      clearlyMore,
    ),
    ...counted(
      "not asked in the paper: more than the class mix",
      "without half of the rows accuracy is higher than with rows dropped at random within each class, as many of each, in most pairs, and clearly so in more than it is clearly lower",
      ours.map((group) =>
        ownDifference(
          group.map((run) => {
            const { accuracy, sameMix } = kept(run, 0.5, "posterior")!;
            return accuracy - sameMix;
          }),
        ),
      ),
      clearlyMore,
    ),
  ];
}

function followsClaim(groups: readonly Group[]): Claim {
  const measured = Object.fromEntries(
    groups.flatMap((group) => [
      [`Spearman, ${group[0].dataset}`, mean(group.map(({ scores }) => scores.ambiguity!.spearman))],
      [`AUC, ${group[0].dataset}`, mean(group.map(({ scores }) => scores.ambiguity!.auc))],
    ]),
  );
  return {
    name: "uncertainty follows the simulated one",
    statement: "on MNIST and SIM the correlation with u is above 0 and the AUC of high u above .8",
    holds: Object.entries(measured).every(([name, value]) => value > (name.startsWith("AUC") ? 0.8 : 0)),
    measured,
  };
}

/** Whether the numbers printed as "macro F1" are nearer to our weighted or to our macro F1, over all cells that are printed. */
export function weightedF1Claim(cells: readonly DownstreamCell[]): Claim[] {
  const printed = cells.filter(({ metric, published }) => metric === "weighted F1" && published !== null);
  if (printed.length === 0) return [];
  const distance = (metric: string) =>
    mean(
      printed.map(({ published, ...own }) => {
        const cell = cells.find(
          (other) =>
            other.metric === metric &&
            (["dataset", "predictor", "input", "discard", "setting"] as const).every(
              (field) => other[field] === own[field],
            ),
        );
        return Math.abs((cell as DownstreamCell).mean - (published as number));
      }),
    );
  const measured = {
    "printed cells": printed.length,
    "mean distance of weighted F1": distance("weighted F1"),
    "mean distance of macro F1": distance("macro F1"),
  };
  return [
    {
      name: "the printed F1 is weighted by support",
      statement: "over the printed cells weighted F1 is nearer to Table 3 than macro F1",
      holds: measured["mean distance of weighted F1"] < measured["mean distance of macro F1"],
      measured,
    },
  ];
}

/** What Tables 4 and 5 show in the paper, checked on what was measured. */
export function sensitivityClaims(runs: readonly SensitivityRun[]): Claim[] {
  const groups = (["MLP", "ResNet"] as const).flatMap((predictor) => {
    const columns = [...table4Settings, ...table5Settings];
    const ours = columns.map((column) =>
      runs.filter((run) => run.column === column && run.predictor === predictor),
    );
    if (ours.some((own) => own.length === 0)) return [];
    const line = (table: typeof publishedTable4) =>
      table.find(([name, discard]) => name === predictor && discard === 0)![2].map(([value]) => value);
    return [{ predictor, columns, ours, theirs: [...line(publishedTable4), ...line(publishedTable5)] }];
  });
  if (groups.length === 0) return [];
  const against = (column: string) =>
    groups.map(({ columns, ours }) => {
      const at = (columns as readonly string[]).indexOf(column);
      return difference(accuracies(ours[0]), accuracies(ours[at]));
    });
  const lower = (column: string): Claim => {
    const differences = against(column);
    return {
      name: `${column} costs accuracy`,
      statement: `MLP and ResNet are clearly less accurate with "${column}" than with "Base"`,
      holds: differences.every((own) => own.value > 0 && isClear(own)),
      measured: Object.fromEntries(
        groups.flatMap(({ predictor }, i) => [
          [`${predictor}: Base − ${column}`, differences[i].value],
          [`${predictor}: standard error`, differences[i].error ?? Number.NaN],
        ]),
      ),
    };
  };
  const ranks = groups.map(({ ours, theirs }) =>
    spearman(
      ours.map((own) => mean(accuracies(own))),
      theirs,
    ),
  );
  return [
    lower("High KL"),
    lower("Low recon."),
    lower("Deep"),
    {
      name: "settings rank as in the paper",
      statement:
        "the rank correlation of the 14 accuracies with the printed ones is above 0 for both predictors",
      holds: ranks.every((value) => value > 0),
      measured: Object.fromEntries(groups.map(({ predictor }, i) => [`Spearman, ${predictor}`, ranks[i]])),
    },
  ];
}
