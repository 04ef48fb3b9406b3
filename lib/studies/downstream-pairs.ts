/**
 * Pairs of a data set and a predictor of the paper's tables: what one input is ahead of another, or what dropping rows gains, with
 * its 95 % interval. Claims count them and figures draw them.
 */
import type { Uncertainty } from "../evaluation/controls.js";
import { type DownstreamInputName, drawsOwnRows, isCutShort } from "./downstream-plan.js";
import type { KeptScores } from "./downstream-scores.js";
import type { DownstreamRun } from "./downstream-study.js";
import { comparedGroups, groupBeside } from "./downstream-tables.js";
import { type Difference, difference, ownDifference } from "./interval.js";

/** What is compared on one data set with one predictor. */
export interface Pair extends Pick<DownstreamRun, "dataset" | "predictor"> {
  readonly difference: Difference;
}

/** A number of a run; nothing where it lacks what the number is made of. */
export type RunValue = (run: DownstreamRun) => number | undefined;

/** Scores of a run without so many rows, dropped by this uncertainty. */
export function kept({ scores }: DownstreamRun, dropped: number, by: Uncertainty): KeptScores | undefined {
  return scores.selective.find((own) => own.by === by)?.scores.find((score) => score.dropped === dropped);
}

/** Accuracy on all rows. */
export function accuracyOf({ scores }: DownstreamRun): number {
  return scores.selective[0].scores[0].accuracy;
}

/** Accuracy without the half of the rows that this uncertainty drops, less accuracy on all. */
export function gainOfHalf(by: Uncertainty): RunValue {
  return (run) => {
    const half = kept(run, 0.5, by);
    return half && half.accuracy - accuracyOf(run);
  };
}

/**
 * Predictors that are paired: those trained as the paper prints, or those cut short. An input whose embeddings start nearer to the
 * answer leads where training ends early, for that alone, so that these are counted apart. Figure 3's linear probe is in no pair:
 * its twenty epochs in batches of 8,192 are 20 steps on 7,000 rows.
 */
export type Trained = "as printed" | "cut short";

/** The groups of such predictors that are compared. */
export function pairedGroups(
  runs: readonly DownstreamRun[],
  trained: Trained = "as printed",
): DownstreamRun[][] {
  return comparedGroups(runs).filter(
    ([{ predictor, setting }]) => predictor !== "linear" && isCutShort(setting) === (trained === "cut short"),
  );
}

/** What runs on one input have more than those on another, for all data sets and predictors that have both in the same setting. */
export function pairsOfInputs(
  runs: readonly DownstreamRun[],
  input: DownstreamInputName,
  against: DownstreamInputName,
  { value = accuracyOf, trained = "as printed" }: { value?: RunValue; trained?: Trained } = {},
): Pair[] {
  const groups = pairedGroups(runs, trained);
  return groups
    .filter(([own]) => own.input === input)
    .flatMap((group) => {
      const beside = groupBeside(groups, group, against);
      const [a, b] = [group, beside ?? []].map((side) => valuesBySeed(side, value));
      if (a.size === 0 || b.size === 0) return [];
      const [{ dataset, predictor, setting }] = group;
      // What seeds draw their own rows for is compared row draw by row draw.
      const common = drawsOwnRows(setting) ? [...a.keys()].filter((seed) => b.has(seed)) : [];
      const own =
        common.length > 0
          ? ownDifference(common.map((seed) => a.get(seed)! - b.get(seed)!))
          : difference([...a.values()], [...b.values()]);
      return [{ dataset, predictor, difference: own }];
    });
}

/** The mean over the runs on an input of what each says of itself, for all data sets and predictors. */
export function pairsWithin(
  runs: readonly DownstreamRun[],
  input: DownstreamInputName,
  value: RunValue,
): Pair[] {
  return pairedGroups(runs)
    .filter(([own]) => own.input === input)
    .flatMap((group) => {
      const values = [...valuesBySeed(group, value).values()];
      const [{ dataset, predictor }] = group;
      return values.length === 0 ? [] : [{ dataset, predictor, difference: ownDifference(values) }];
    });
}

function valuesBySeed(group: readonly DownstreamRun[], value: RunValue): Map<number, number> {
  return new Map(
    group.flatMap((run) => {
      const own = value(run);
      return own === undefined ? [] : [[run.seed, own] as const];
    }),
  );
}
