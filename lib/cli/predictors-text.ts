/** What `evaluate` prints of several predictors: one table of at most 100 columns, and under it what its words mean. */
import type { PredictorLine } from "../evaluation/compare-predictors.js";
import type { Uncertainty } from "../evaluation/controls.js";
import { majorityShare, type SelectiveScore } from "../evaluation/metrics/selective.js";
import { tableText } from "../figures/drawing/table.js";
import { mean, shareError, variance } from "../moments.js";
import { glossary, wrapped } from "./wrap.js";

/** A score of one run, with its error. */
interface Score {
  readonly value: number;
  readonly error: number;
}

/** Rows are predictors under each measure, columns are kinds of features. */
export function predictorsText(lines: readonly PredictorLine[]): string {
  const names = unique(lines.map(({ predictor }) => predictor));
  const kinds = unique(lines.map(({ features }) => features));
  const [{ selective }] = lines;
  const all = selective[0].scores[0];
  const seeds = lines.filter(
    ({ predictor, features }) => predictor === names[0] && features === "untrained",
  ).length;
  const rows = measuresOf(lines).flatMap(({ measure, read, overDraws }) =>
    names.map((predictor, i) => {
      const cells = kinds.map((features) => {
        const runs = lines.filter((line) => line.predictor === predictor && line.features === features);
        const scores = runs.flatMap((line) => read(line) ?? []);
        return [runs.length > 1 ? `${features} (${runs.length})` : features, cellOf(scores, overDraws)];
      });
      return { measure: i === 0 ? measure : "", predictor, ...Object.fromEntries(cells) };
    }),
  );
  return [
    tableText(rows, { max: Number.POSITIVE_INFINITY }),
    "",
    wrapped(
      `Always telling the largest class of the ${all.kept} rows scored: ${majorityShare(all).toFixed(3)}.`,
    ),
    "",
    glossary({
      "trained, untrained, raw":
        "features: this model's embeddings, those before training, the columns themselves",
      "±": `of trained and raw, one run each: standard error of a share of the rows scored (or left); of untrained: standard deviation over ${seeds} encoders, each with a predictor of its own, on the same rows`,
      "without 10 %": "accuracy when the most uncertain tenth is left out",
      ...(isUncertain(lines)
        ? { "by posterior": "uncertain is a row to whose embedding the model gives a large deviation" }
        : {}),
      "by confidence": "uncertain is a row whose likeliest class the predictor gives a low probability",
      "at random": "any tenth left out; ±: deviation over draws of it",
    }),
  ].join("\n");
}

interface Measure {
  readonly measure: string;
  readonly read: (line: PredictorLine) => Score | undefined;
  /** Whether errors are those of draws, also of several runs. */
  readonly overDraws?: boolean;
}

function measuresOf(lines: readonly PredictorLine[]): Measure[] {
  const shares = lines[0].selective[0].scores.map(({ dropped }) => dropped).filter((dropped) => dropped > 0);
  const at = (line: PredictorLine, by: Uncertainty, share: number): SelectiveScore | undefined =>
    line.selective.find((one) => one.by === by)?.scores.find(({ dropped }) => dropped === share);
  const accuracy =
    (by: Uncertainty, share: number): Measure["read"] =>
    (line) => {
      const score = at(line, by, share);
      return score && { value: score.accuracy, error: shareError(score.accuracy, score.kept) };
    };
  const atRandom =
    (share: number): Measure["read"] =>
    (line) => {
      const score = at(line, "probe", share);
      return score && { value: score.randomAccuracy, error: score.randomDeviation };
    };
  const selectively = shares.flatMap((share): Measure[] => {
    const without = `without ${Math.round(100 * share)} %`;
    const byPosterior = { measure: `${without}, by posterior`, read: accuracy("posterior", share) };
    return [
      ...(isUncertain(lines) ? [byPosterior] : []),
      { measure: `${without}, by confidence`, read: accuracy("probe", share) },
      { measure: `${without}, at random`, read: atRandom(share), overDraws: true },
    ];
  });
  return [{ measure: "accuracy", read: accuracy("probe", 0) }, ...selectively];
}

/** Whether an encoder tells how uncertain it is. */
function isUncertain(lines: readonly PredictorLine[]): boolean {
  return lines.some(({ selective }) => selective.some(({ by }) => by === "posterior"));
}

/** One run with its error; of several their mean, with ± their standard deviation or, over draws, the mean of theirs. */
function cellOf(scores: readonly Score[], overDraws = false): string {
  if (scores.length === 0) return "–";
  const values = scores.map(({ value }) => value);
  const own = mean(scores.map(({ error }) => error));
  const error = scores.length === 1 || overDraws ? own : Math.sqrt(variance(values));
  return `${mean(values).toFixed(3)} ± ${error.toFixed(3)}`;
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)];
}
