/** What Tables 4 and 5 show in the paper, and what it does not ask, checked on what was measured. */
import { spearman } from "../evaluation/metrics/ranks.js";
import { mean } from "../moments.js";
import {
  publishedTable4,
  publishedTable5,
  table4Settings,
  table5Settings,
} from "../papers/var-jepa/published-table-4.js";
import type { Claim } from "./claim.js";
import { accuracyOf, kept } from "./downstream-pairs.js";
import type { DownstreamRun, SensitivityRun } from "./downstream-study.js";
import { difference, isClear, ownDifference } from "./interval.js";
import { ownColumns } from "./sensitivity-plan.js";

/** The 95 % quantile of Spearman's correlation of 12 unrelated values. */
const RANK = 0.503;

/**
 * Checks every claim of Tables 4 and 5 on the runs there are.
 * @returns nothing while a column lacks runs.
 */
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
      return difference(ours[0].map(accuracyOf), ours[at].map(accuracyOf));
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
          [`${predictor}: half of the 95 % interval`, differences[i].halfWidth ?? Number.NaN],
        ]),
      ),
    };
  };
  // Two columns print Base's numbers; MLP and ResNet share the encoders, so that their mean is ranked.
  const copies = ["Low pred.-FF", "High pred.-FF"];
  const ranked = groups[0].columns.flatMap((column, i) => (copies.includes(column) ? [] : [i]));
  const overPredictors = (of: (group: (typeof groups)[number], i: number) => number) =>
    ranked.map((i) => mean(groups.map((group) => of(group, i))));
  const rank = spearman(
    overPredictors(({ ours }, i) => mean(ours[i].map(accuracyOf))),
    overPredictors(({ theirs }, i) => theirs[i]),
  );
  const gains = (column: string) =>
    (["MLP", "ResNet"] as const).map((predictor) => {
      const group = runs.filter((run) => run.column === column && run.predictor === predictor);
      const gain = (of: (run: DownstreamRun) => number) =>
        ownDifference(group.map((run) => (kept(run, 0.5, "posterior")?.accuracy ?? Number.NaN) - of(run)));
      const whole = gain(accuracyOf);
      const mix = gain((run) => kept(run, 0.5, "posterior")?.sameMix ?? Number.NaN);
      return { predictor, runs: group.length, whole, mix };
    });
  const selects = (column: string): Claim[] => {
    const found = gains(column);
    if (found.some((own) => own.runs === 0)) return [];
    return [
      {
        name: `not asked in the paper: with "${column}" the uncertainty selects`,
        statement: `with "${column}" MLP and ResNet are clearly more accurate without half of the rows than on all, and than with as many of each class dropped at random`,
        holds: found.every(({ whole, mix }) => [whole, mix].every((own) => own.value > 0 && isClear(own))),
        measured: Object.fromEntries(
          found.flatMap(({ predictor, whole, mix }) => [
            [`${predictor}: gained`, whole.value],
            [`${predictor}: beyond the class mix`, mix.value],
            [`${predictor}: half of its 95 % interval`, mix.halfWidth ?? Number.NaN],
          ]),
        ),
      },
    ];
  };
  return [
    lower("High KL"),
    lower("Low recon."),
    lower("Deep"),
    ...["Base", "High KL + low recon.", ...ownColumns].flatMap(selects),
    {
      name: "settings rank as in the paper",
      statement: `the rank correlation of 12 accuracies, mean of MLP and ResNet, with the printed ones is above ${RANK}, which chance reaches in 5 %`,
      holds: rank > RANK,
      measured: { settings: ranked.length, Spearman: rank },
    },
  ];
}
