/**
 * What the paper says about Tables 2 and 3 and Figure 3, and what it does not ask, checked on what was measured. Every claim
 * counts pairs of a data set and a predictor; a difference is clear when its 95 % interval over seeds leaves 0 out. Usually: a
 * sign test over the pairs at 5 %, on most data sets, and no fewer clear differences for it than against it.
 */

import type { Uncertainty } from "../evaluation/controls.js";
import { mean, shareError } from "../moments.js";
import type { Claim } from "./claim.js";
import { type DownstreamInputName, standsBeside } from "./downstream-plan.js";
import type { DownstreamScores, KeptScores } from "./downstream-scores.js";
import type { DownstreamRun } from "./downstream-study.js";
import { comparedGroups, type DownstreamCell, groupBeside } from "./downstream-tables.js";
import { type Difference, difference, isClear, ownDifference } from "./interval.js";

/** A difference on a data set with a predictor. */
interface Pair {
  readonly dataset: string;
  readonly difference: Difference;
}

/**
 * How many differences there are, how many lie above and below a margin (0 unless given), how many clearly above and below 0,
 * on how many data sets their mean is above the margin, and the sign test's p: how likely so many or more would be above if
 * either side were as likely. Pairs of one data set share encoders and rows, so that p is rather too small.
 */
function counts(pairs: readonly Pair[], margin = 0): Record<string, number> {
  const values = pairs.map(({ difference }) => difference.value);
  const clear = pairs.filter(({ difference }) => isClear(difference));
  const [above, below] = [values.filter((v) => v > margin).length, values.filter((v) => v < margin).length];
  const datasets = [...new Set(pairs.map(({ dataset }) => dataset))].map((name) =>
    mean(values.filter((_, i) => pairs[i].dataset === name)),
  );
  return {
    pairs: pairs.length,
    above,
    below,
    "sign test p": signTest(above, below),
    "data sets": datasets.length,
    "data sets above": datasets.filter((value) => value > margin).length,
    "clearly above 0": clear.filter(({ difference }) => difference.value > 0).length,
    "clearly below 0": clear.filter(({ difference }) => difference.value < 0).length,
    "mean difference": mean(values),
  };
}

/** P(at least `above` heads of above + below fair coins). */
function signTest(above: number, below: number): number {
  const coins = above + below;
  let [term, sum] = [0.5 ** coins, 0];
  for (let heads = coins; heads >= above; heads--) {
    sum += term;
    term *= heads / (coins - heads + 1);
  }
  return Math.min(1, sum);
}

/** A sign test at the usual 5 %, on most data sets, and more clear differences for it than against it. */
function isUsual(measured: Record<string, number>): boolean {
  return (
    measured["sign test p"] < 0.05 &&
    measured["data sets above"] > measured["data sets"] / 2 &&
    measured["clearly above 0"] >= measured["clearly below 0"]
  );
}

/** All runs of one predictor on one input of one data set. */
type Group = readonly DownstreamRun[];

/** Scores of a run without so many rows, dropped by this uncertainty. */
export const kept = ({ scores }: DownstreamRun, dropped: number, by: Uncertainty): KeptScores | undefined =>
  scores.selective.find((result) => result.by === by)?.scores.find((score) => score.dropped === dropped);

/** Accuracy on all rows, run by run. */
export const accuracies = (group: Group) => group.map(({ scores }) => scores.selective[0].scores[0].accuracy);

/** Accuracy without the half that the encoder is least sure of. */
const halves = (group: Group, by: Uncertainty = "posterior") =>
  group.map((run) => kept(run, 0.5, by)?.accuracy ?? Number.NaN);

/** Within this of the columns an embedding counts as competitive: a margin that has to be chosen, and was before any run. */
const COMPETITIVE = 0.01;

/** Accuracy that always telling the largest class would have, and two standard errors of it over the rows scored. */
function hardlyMoreThanTheLargestClass(group: Group): boolean {
  const share = mean(group.map((run) => run.scores.selective[0].scores[0].majority));
  const [{ scores }] = group;
  return mean(accuracies(group)) <= share + 2 * shareError(share, scores.scoredOn);
}

/**
 * Checks every claim of Tables 2 and 3 on the runs there are.
 * @returns nothing for a claim that lacks runs.
 */
export function downstreamClaims(runs: readonly DownstreamRun[]): Claim[] {
  const groups = comparedGroups(runs);
  const of = (input: DownstreamInputName) => groups.filter(([run]) => run.input === input);
  const against = (
    input: DownstreamInputName,
    other: DownstreamInputName,
    values: (group: Group) => number[] = accuracies,
  ): Pair[] =>
    of(input).flatMap((group) => {
      const beside = groupBeside(groups, group, other);
      return beside
        ? [{ dataset: group[0].dataset, difference: difference(values(group), values(beside)) }]
        : [];
    });
  const within = (values: (group: Group) => number[]): Pair[] =>
    of("var-t-jepa").map((group) => ({
      dataset: group[0].dataset,
      difference: ownDifference(values(group)),
    }));
  const counted = (name: string, statement: string, pairs: readonly Pair[], margin = 0): Claim[] => {
    if (pairs.length === 0) return [];
    const measured = counts(pairs, margin);
    return [{ name, statement: `${statement}, usually`, holds: isUsual(measured), measured }];
  };
  const gains = (by: Uncertainty) => (group: Group) => {
    const all = accuracies(group);
    return halves(group, by).map((value, i) => value - all[i]);
  };
  return [
    ...counted(
      "selective accuracy rises with discard",
      "Var-T-JEPA: without the half of the rows that the encoder is least sure of, accuracy is higher than on all rows",
      within(gains("posterior")),
    ),
    ...counted(
      "Var-T-JEPA is better than T-JEPA",
      "accuracy is higher on Var-T-JEPA's embeddings than on T-JEPA's",
      against("var-t-jepa", "t-jepa"),
    ),
    ...counted(
      "embeddings are competitive with the columns",
      `accuracy on Var-T-JEPA's embeddings is less than ${COMPETITIVE} below that on the columns`,
      against("var-t-jepa", "raw"),
      -COMPETITIVE,
    ),
    ...collapseClaim(of("t-jepa")),
    ...counted(
      "not asked in the paper: training helps",
      "accuracy is higher on trained Var-T-JEPA's embeddings than on untrained ones",
      against("var-t-jepa", "untrained var-t-jepa"),
    ),
    ...counted(
      "not asked in the paper: training helps T-JEPA",
      "accuracy is higher on trained T-JEPA's embeddings than on untrained ones",
      against("t-jepa", "untrained t-jepa"),
    ),
    ...counted(
      "not asked in the paper: a trained uncertainty selects better than an untrained one",
      "the gain in accuracy by dropping half of the rows is larger with a trained encoder",
      against("var-t-jepa", "untrained var-t-jepa", gains("posterior")),
    ),
    ...counted(
      "not asked in the paper: better than the predictor's own confidence",
      "without half of the rows accuracy is higher by the encoder's uncertainty than by the predictor's confidence",
      within((group) => {
        const own = halves(group, "probe");
        return halves(group).map((value, i) => value - own[i]);
      }),
    ),
    ...counted(
      "not asked in the paper: more than the class mix",
      "without half of the rows accuracy is higher than with as many rows of each class dropped at random",
      within((group) =>
        group.map((run) => {
          const { accuracy, sameMix } = kept(run, 0.5, "posterior")!;
          return accuracy - sameMix;
        }),
      ),
    ),
  ];
}

function collapseClaim(groups: readonly Group[]): Claim[] {
  if (groups.length === 0) return [];
  const collapsed = groups.filter(hardlyMoreThanTheLargestClass);
  const datasets = (of: readonly Group[]) => new Set(of.map(([{ dataset }]) => dataset)).size;
  return [
    {
      name: "T-JEPA collapses on some data sets",
      statement:
        "on at least one data set most predictors on T-JEPA's embeddings are within two standard errors of always telling the largest class",
      holds: [...new Set(groups.map(([{ dataset }]) => dataset))].some((name) => {
        const own = groups.filter(([{ dataset }]) => dataset === name);
        return own.filter(hardlyMoreThanTheLargestClass).length > own.length / 2;
      }),
      measured: {
        pairs: groups.length,
        "pairs collapsed": collapsed.length,
        "data sets": datasets(groups),
        "data sets with one": datasets(collapsed),
      },
    },
  ];
}

/**
 * What Figure 3 shows in the paper, and whether it is more than the size of a row.
 * @returns nothing unless both data sets are there.
 */
export function figure3Claims(runs: readonly DownstreamRun[]): Claim[] {
  const groups = comparedGroups(runs).filter(
    ([{ input, scores, predictor }]) => input === "var-t-jepa" && scores.ambiguity && predictor === "linear",
  );
  if (groups.length < 2) return [];
  const measured = Object.fromEntries(
    groups.flatMap((group) => [
      ["encoders", group.length],
      [`Spearman, ${group[0].dataset}`, mean(group.map(({ scores }) => scores.ambiguity!.spearman))],
      [`AUC, ${group[0].dataset}`, mean(group.map(({ scores }) => scores.ambiguity!.auc))],
    ]),
  );
  return [
    {
      name: "uncertainty follows the simulated one",
      statement: "on MNIST and SIM the correlation with u is above 0 and the AUC of high u above .8",
      holds: Object.entries(measured).every(([name, value]) => value > (name.startsWith("AUC") ? 0.8 : 0)),
      measured,
    },
    {
      name: "not asked in the paper: uncertainty is more than the size of a row's numbers",
      statement:
        "on MNIST and SIM the rank correlation with u is above 0 for every encoder when the norm of the row's standardised numbers is held fixed",
      holds: groups.flat().every(({ scores: { norm } }) => (norm?.partial ?? 0) > 0),
      measured: Object.fromEntries(
        groups.flatMap((group) => {
          const told = (of: (scores: DownstreamScores) => number | undefined) =>
            mean(group.map(({ scores }) => of(scores) ?? Number.NaN));
          const { dataset } = group[0];
          return [
            [`with the norm, ${dataset}`, told(({ norm }) => norm?.uncertainty)],
            [`u with the norm, ${dataset}`, told(({ norm }) => norm?.ambiguity)],
            [`with u, norm fixed, ${dataset}`, told(({ norm }) => norm?.partial)],
          ];
        }),
      ),
    },
  ];
}

/** Whether the numbers printed as "macro F1" are nearer to our weighted or to our macro F1, over all cells that are printed. */
export function weightedF1Claim(cells: readonly DownstreamCell[]): Claim[] {
  const printed = cells.filter(
    ({ metric, published, setting }) =>
      metric === "weighted F1" && published !== null && !standsBeside(setting),
  );
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
