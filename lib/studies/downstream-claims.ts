/**
 * What the paper says about Tables 2 and 3, and what it does not ask, checked on what was measured. Most claims count pairs of a
 * data set and a predictor trained as the paper prints; a difference is clear when its 95 % interval over seeds leaves the margin out.
 * Usually: a sign test at 5 %, above the margin on most data sets in the mean, and no fewer clear differences for it than
 * against it.
 */

import { mean, shareError } from "../moments.js";
import type { Claim } from "./claim.js";
import {
  accuracyOf,
  gainOfHalf,
  kept,
  type Pair,
  pairedGroups,
  pairsOfInputs,
  pairsWithin,
} from "./downstream-pairs.js";
import { drawsOwnRows, isCutShort, standsBeside } from "./downstream-plan.js";
import type { DownstreamScores } from "./downstream-scores.js";
import type { DownstreamRun } from "./downstream-study.js";
import { comparedGroups, type DownstreamCell } from "./downstream-tables.js";
import { isClear } from "./interval.js";

/** What a sign test counts. Rows are dropped by the encoder, so that all predictors of a data set gain by it or none does. */
type Unit = "pairs" | "data sets";

/**
 * How many differences there are, how many lie above and below a margin (0 unless given) and how many clearly, on how many data
 * sets their mean does, and the sign tests' p: how likely so many or more would be above if either side were as likely, counted
 * by pairs, of which those of one data set share encoders and rows, and by data sets.
 */
function counts(pairs: readonly Pair[], margin = 0): Record<string, number> {
  const values = pairs.map(({ difference }) => difference.value);
  const clear = pairs.filter(({ difference }) => isClear(difference, margin));
  const sides = (of: readonly number[]) => [
    of.filter((value) => value > margin).length,
    of.filter((value) => value < margin).length,
  ];
  const means = [...new Set(pairs.map(({ dataset }) => dataset))].map((name) =>
    mean(values.filter((_, i) => pairs[i].dataset === name)),
  );
  const [above, below] = sides(values);
  const [dataSetsAbove, dataSetsBelow] = sides(means);
  const [clearlyAbove, clearlyBelow] = sides(clear.map(({ difference }) => difference.value));
  return {
    pairs: pairs.length,
    above,
    below,
    "sign test p": signTest(above, below),
    "data sets": means.length,
    "data sets above": dataSetsAbove,
    "p of data sets": signTest(dataSetsAbove, dataSetsBelow),
    "clearly above": clearlyAbove,
    "clearly below": clearlyBelow,
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

function isUsual(measured: Record<string, number>, unit: Unit): boolean {
  return (
    measured[unit === "pairs" ? "sign test p" : "p of data sets"] < 0.05 &&
    measured["data sets above"] > measured["data sets"] / 2 &&
    measured["clearly above"] >= measured["clearly below"]
  );
}

/** All runs of one predictor on one input of one data set. */
type Group = readonly DownstreamRun[];

/** Within this of the columns an embedding counts as competitive: a margin that has to be chosen, and was before any run. */
const COMPETITIVE = 0.01;

/** Accuracy that always telling the largest class would have, and two standard errors of it over the rows scored. */
function hardlyMoreThanTheLargestClass(group: Group): boolean {
  const share = mean(group.map((run) => run.scores.selective[0].scores[0].majority));
  const [{ scores }] = group;
  return mean(group.map(accuracyOf)) <= share + 2 * shareError(share, scores.scoredOn);
}

/**
 * Checks every claim of Tables 2 and 3 on the runs there are.
 * @returns nothing for a claim that lacks runs.
 */
export function downstreamClaims(runs: readonly DownstreamRun[]): Claim[] {
  const counted = (
    name: string,
    statement: string,
    pairs: readonly Pair[],
    { margin = 0, unit = "pairs" }: { margin?: number; unit?: Unit } = {},
  ): Claim[] => {
    if (pairs.length === 0) return [];
    const measured = counts(pairs, margin);
    const usually = unit === "pairs" ? "usually" : "usually, by data sets";
    return [{ name, statement: `${statement}, ${usually}`, holds: isUsual(measured, unit), measured }];
  };
  const byDataSets = { unit: "data sets" } as const;
  const half = (run: DownstreamRun) => kept(run, 0.5, "posterior");
  return [
    ...counted(
      "selective accuracy rises with discard",
      "Var-T-JEPA: without the half of the rows that the encoder is least sure of, accuracy is higher than on all rows",
      pairsWithin(runs, "var-t-jepa", gainOfHalf("posterior")),
      byDataSets,
    ),
    ...counted(
      "Var-T-JEPA is better than T-JEPA",
      "accuracy is higher on Var-T-JEPA's embeddings than on T-JEPA's",
      pairsOfInputs(runs, "var-t-jepa", "t-jepa"),
    ),
    ...counted(
      "embeddings are competitive with the columns",
      `accuracy on Var-T-JEPA's embeddings is less than ${COMPETITIVE} below that on the columns`,
      pairsOfInputs(runs, "var-t-jepa", "raw"),
      { margin: -COMPETITIVE },
    ),
    ...collapseClaim(pairedGroups(runs).filter(([{ input }]) => input === "t-jepa")),
    ...counted(
      "not asked in the paper: training helps",
      "accuracy is higher on trained Var-T-JEPA's embeddings than on untrained ones",
      pairsOfInputs(runs, "var-t-jepa", "untrained var-t-jepa"),
    ),
    ...counted(
      "not asked in the paper: training helps T-JEPA",
      "accuracy is higher on trained T-JEPA's embeddings than on untrained ones",
      pairsOfInputs(runs, "t-jepa", "untrained t-jepa"),
    ),
    ...counted(
      "not asked in the paper: a trained uncertainty selects better than an untrained one",
      "the gain in accuracy by dropping half of the rows is larger with a trained encoder",
      pairsOfInputs(runs, "var-t-jepa", "untrained var-t-jepa", { value: gainOfHalf("posterior") }),
      byDataSets,
    ),
    ...counted(
      "not asked in the paper: better than the predictor's own confidence",
      "without half of the rows accuracy is higher by the encoder's uncertainty than by the predictor's confidence",
      pairsWithin(runs, "var-t-jepa", (run) => {
        const [latent, own] = [half(run), kept(run, 0.5, "probe")];
        return latent && own && latent.accuracy - own.accuracy;
      }),
      byDataSets,
    ),
    ...counted(
      "not asked in the paper: more than the class mix",
      "without half of the rows accuracy is higher than with as many rows of each class dropped at random",
      pairsWithin(runs, "var-t-jepa", (run) => {
        const latent = half(run);
        return latent && latent.accuracy - latent.sameMix;
      }),
      byDataSets,
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
      [`encoders, ${group[0].dataset}`, group.length],
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

/**
 * Whether the numbers printed as "macro F1" are nearer to our weighted or to our macro F1, over the cells of all rows that are
 * printed for columns and Var-T-JEPA and of predictors trained as printed: those that ours come near to at all.
 */
export function weightedF1Claim(cells: readonly DownstreamCell[]): Claim[] {
  const printed = cells.filter(
    ({ metric, input, discard, published, setting }) =>
      metric === "weighted F1" &&
      (input === "raw" || input === "var-t-jepa") &&
      discard === 0 &&
      published !== null &&
      !standsBeside(setting) &&
      !isCutShort(setting) &&
      !(input === "raw" && drawsOwnRows(setting)),
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
      statement:
        "on all rows of columns and Var-T-JEPA weighted F1 is nearer to Table 3 than macro F1, in the mean",
      holds: measured["mean distance of weighted F1"] < measured["mean distance of macro F1"],
      measured,
    },
  ];
}
