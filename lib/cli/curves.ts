/** What a training's terms did, as numbers and as a drawing. */
import { tableText } from "../figures/drawing/table.js";
import { writeWhole } from "../files/whole-file.js";
import type { EpochReport } from "../training/task.js";

/** First and last epoch's mean of every term. */
export function termsText(history: readonly EpochReport[]): string {
  const [first, last] = [history[0], history[history.length - 1]];
  return tableText(
    Object.keys(last.terms).map((term) => ({
      term,
      ...(last === first ? {} : { "first epoch": first.terms[term] }),
      [`epoch ${last.epoch}`]: last.terms[term],
    })),
  );
}

/** Seconds that the epochs took. */
export function secondsOf(history: readonly EpochReport[]): number {
  return history.reduce((sum, { seconds }) => sum + seconds, 0);
}

/** Draws every epoch's mean of every term; on a logarithmic axis where all are positive. */
export async function drawCurves(file: string, history: readonly EpochReport[]): Promise<void> {
  // Plotly takes a second to load, which nothing else of a command should wait for.
  const [{ lossCurves }, { figureToSvg }] = await Promise.all([
    import("../figures/loss-curves.js"),
    import("../figures/drawing/render.js"),
  ]);
  const series = Object.keys(history[0].terms).map((name) => ({
    name,
    values: history.map(({ terms }) => terms[name]),
  }));
  const log = series.every(({ values }) => values.every((value) => value > 0));
  const figure = lossCurves(series, { yLabel: "mean of the epoch, unweighted", log });
  writeWhole(file, await figureToSvg(figure));
}
