/** What `evaluate` prints: tables of at most 100 columns, and under each what its words mean. */
import { listed } from "../data/tables/quote.js";
import type { ControlLine } from "../evaluation/controls.js";
import { type ImputationResult, mostComparedCategories } from "../evaluation/imputation.js";
import type { Share } from "../evaluation/imputation-score.js";
import { tableText } from "../figures/drawing/table.js";
import { probeTable } from "./probe-table.js";
import { glossary, wrapped } from "./wrap.js";

/** Longest name of a column in a table, so that the others have room. */
const LONGEST = 16;

/** The probe's scores beside its controls. */
export function probeText(lines: readonly ControlLine[]): string {
  return [
    tableText(probeTable(lines)),
    "",
    glossary({
      probe: "a linear classifier of the target on fixed features; ±: deviation over seeds",
      "trained, untrained, raw": "features: this model's embeddings, those before training, the columns",
      "balanced accuracy": "mean over classes of the share told right; guessing gives 1 / classes",
      F1: "2 · hits / (2 · hits + errors) of a class; weighted: by rows; macro: each class alike",
      "without 10 %": "accuracy when the most uncertain tenth is left out; at random: ± over draws",
      "by posterior": "uncertain is a row to whose embedding the model gives a large deviation",
      "by probe": "uncertain is a row whose likeliest class has a low probability",
      "same mix": "as many rows of each class left out, at random: what the mix of classes does alone",
      AURC: "error rate, averaged over all shares left out, the most uncertain first; less is better",
      "effective rank": "number of directions that the features spread over",
    }),
  ].join("\n");
}

/** How the embeddings spread. */
export function embeddingText(numbers: Readonly<Record<string, number | string>>): string {
  return [
    tableText(Object.entries(numbers).map(([measure, value]) => ({ measure, value }))),
    "",
    glossary({
      columns: "numbers in the embedding of a row",
      "effective rank": "number of directions that they spread over; near 1, all rows look alike",
      "smallest, median deviation": "of the embedding's columns over the rows",
      "dead share": "share of the columns that are the same in every row",
      "active units": "columns of the posterior that tell rows apart: by KL from the prior, or by variance",
    }),
  ].join("\n");
}

/** How well each column is told by the others. */
export function imputationText(
  {
    columns,
    samples,
    convergence,
    aboveMarginal,
    clearlyAboveMarginal,
    aboveLinear,
    aboveNearest,
  }: ImputationResult,
  names: readonly string[],
): string {
  const left = names.filter((name) => !columns.some(({ column }) => column === name));
  const leftOut =
    left.length > 0
      ? [`Not scored, since too few rows have a value or all to learn from have the same: ${listed(left)}.`]
      : [];
  if (columns.length === 0) return leftOut.join("\n");
  const told = columns.map(({ column, ...said }) => {
    const { model, marginal, linear, nearest, reconstruction } = said;
    return { ...said, column: short(column), by: { model, marginal, linear, nearest, reconstruction } };
  });
  const scores = told.map(({ column, rows, kind, by }) => ({
    column,
    rows,
    score: kind === "numeric" ? "R²" : "accuracy",
    ...Object.fromEntries(Object.entries(by).map(([name, own]) => [name, own?.score ?? "–"])),
  }));
  const likelihoods = told.map(({ column, by, gain, gainError }) => ({
    "log p": column,
    ...Object.fromEntries(Object.entries(by).map(([name, own]) => [name, own?.logLikelihood ?? "–"])),
    "gain over marginal": `${gain.toFixed(3)} ± ${gainError.toFixed(3)}`,
  }));
  const intervals = told.flatMap(({ column, rows, coverage }) =>
    coverage ? { column, rows, "in 90 %": coverageText(coverage) } : [],
  );
  const whole = { digits: 3, max: Number.POSITIVE_INFINITY };
  const withoutComparison = columns.filter(({ linear }) => linear === null).map(({ column }) => column);
  return [
    tableText(scores, whole),
    "",
    tableText(likelihoods, whole),
    "",
    ...(intervals.length > 0 ? [tableText(intervals), ""] : []),
    ...[
      `More log p than the marginal: ${aboveMarginal} of ${columns.length} columns (${clearlyAboveMarginal} by more than two standard errors); than the linear model: ${aboveLinear}; than the nearest rows: ${aboveNearest}.`,
      `${samples} samples a row; the second half of them changed log p by ${convergence.mean.toFixed(3)} in the mean, ${convergence.largest.toFixed(3)} at most.`,
      ...(withoutComparison.length > 0
        ? [
            `More than ${mostComparedCategories} categories, so that only the marginal stands beside: ${listed(withoutComparison)}.`,
          ]
        : []),
      ...leftOut,
    ].map(wrapped),
    "",
    glossary({
      model: "this model, with the column hidden, from the other cells of the row",
      marginal:
        "the column's own distribution, the same for every row, of a number a normal one, with a peak at every value that a tenth of the rows have where the model knows peaks: what knowing nothing else gives",
      "linear, nearest": "a regression on the other columns, and the most similar rows",
      reconstruction:
        "this model with the cell in sight, through the embedding, a number without peaks; no ceiling for the others",
      "R², accuracy": "explained share of the variance (below 0: worse than the mean); share told right",
      "log p": "log probability of the true value in its place, mean over rows; more is better",
      "gain over marginal": "difference of log p, ± its standard error",
      ...(intervals.length > 0 ? { "in 90 %": coverageMeaning } : {}),
    }),
  ].join("\n");
}

/** What `coverageText` gives. */
export const coverageMeaning =
  "share of the true numbers in the middle 90 % of the model's draws, ± its standard error: .9 is right, less means that they spread too little";

/** The share of true numbers in the draws' intervals. */
export function coverageText(coverage: Share | undefined): string {
  return coverage ? `${coverage.share.toFixed(3)} ± ${coverage.shareError.toFixed(3)}` : "–";
}

/** A column's name in a table. */
export function short(name: string): string {
  return name.length > LONGEST ? `${name.slice(0, LONGEST - 1)}…` : name;
}
