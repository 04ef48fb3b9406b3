import { mean, variance } from "../moments.js";
import type { ControlLine } from "./controls.js";
import { majorityShare } from "./metrics/selective.js";

/** One row of the table of controls, ready for `table`; several seeds as mean ± standard deviation. */
export type ControlRow = Readonly<Record<string, string | number>>;

/**
 * Lines as a plain table: of each kind of features one row per uncertainty, and one for rows dropped at random, whose
 * ± is the deviation over draws. Shares dropped stand in the headings.
 */
export function controlTable(lines: readonly ControlLine[]): ControlRow[] {
  return [...new Set(lines.map(({ features }) => features))].flatMap((features) => {
    const runs = lines.filter((line) => line.features === features);
    const name = runs.length > 1 ? `${features} (${runs.length} seeds)` : features;
    const head = (by: string) => ({
      features: name,
      "dropped by": by,
      accuracy: spread(runs.map(({ accuracy }) => accuracy)),
      "balanced accuracy": spread(runs.map(({ balancedAccuracy }) => balancedAccuracy)),
      "weighted F1": spread(runs.map(({ weightedF1 }) => weightedF1)),
      "macro F1": spread(runs.map(({ macroF1 }) => macroF1)),
    });
    const tail = {
      "effective rank": spread(
        runs.map(({ effectiveRank }) => effectiveRank),
        1,
      ),
    };
    const kinds = [...new Set(runs.flatMap(({ selective }) => selective.map(({ by }) => by)))];
    const rows = kinds.map((by) => {
      const found = runs.flatMap(({ selective }) => selective.filter((entry) => entry.by === by));
      const shares = found[0].scores
        .map(({ dropped }, i) => ({ dropped, i }))
        .filter(({ dropped }) => dropped > 0);
      const columns = shares.flatMap(({ dropped, i }) => [
        [`without ${percent(dropped)}`, spread(found.map(({ scores }) => scores[i].accuracy))],
        [`same mix ${percent(dropped)}`, spread(found.map(({ scores }) => scores[i].sameMixAccuracy))],
        [`largest class ${percent(dropped)}`, spread(found.map(({ scores }) => majorityShare(scores[i])))],
      ]);
      return {
        ...head(by),
        ...Object.fromEntries(columns),
        AURC: spread(found.map(({ area }) => area)),
        ...tail,
      };
    });
    return [...rows, { ...head("at random"), ...atRandom(runs), ...tail }];
  });
}

/** What dropping at random gives: the accuracy on all rows, ± the deviation over draws. */
function atRandom(runs: readonly ControlLine[]): ControlRow {
  const scores = runs.map(({ selective }) => selective[0].scores);
  const columns = scores[0].flatMap(({ dropped }, i) => {
    if (dropped === 0) return [];
    const at = (read: (score: (typeof scores)[number][number]) => number) =>
      mean(scores.map((list) => read(list[i])));
    const expected = at(({ randomAccuracy }) => randomAccuracy);
    return [
      [`without ${percent(dropped)}`, `${expected.toFixed(3)} ± ${at((s) => s.randomDeviation).toFixed(3)}`],
      [`same mix ${percent(dropped)}`, expected.toFixed(3)],
      [`largest class ${percent(dropped)}`, mean(scores.map((list) => majorityShare(list[0]))).toFixed(3)],
    ];
  });
  const area = mean(runs.map(({ accuracy }) => 1 - accuracy)).toFixed(3);
  return { ...Object.fromEntries(columns), AURC: area };
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}

/** Mean, with ± the sample standard deviation where there are several values. */
function spread(values: readonly number[], digits = 3): string {
  const centre = mean(values).toFixed(digits);
  return values.length === 1 ? centre : `${centre} ± ${Math.sqrt(variance(values)).toFixed(digits)}`;
}
