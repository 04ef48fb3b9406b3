import { controlTable } from "../evaluation/control-table.js";
import type { ControlLine } from "../evaluation/controls.js";

/** Measures of what remains when rows are dropped; the others are of all rows. */
const OF_THE_REST = /^(without|same mix|AURC)/;

/**
 * `controlTable` turned, so that it stays narrow: a column per kind of features, a row per measure. Left out is the share of the
 * largest class.
 */
export function probeTable(lines: readonly ControlLine[]): Record<string, string>[] {
  const rows = controlTable(lines);
  const kinds = [...new Set(rows.map(({ features }) => String(features)))];
  const ways = [...new Set(rows.map((row) => String(row["dropped by"])))].sort(
    (a, b) => Number(a === "at random") - Number(b === "at random"),
  );
  const turned = (measure: string, name: string, way?: string) => {
    const cells = kinds.map((kind) => {
      const row = rows.find(
        (one) => one.features === kind && (way === undefined || one["dropped by"] === way),
      );
      return [kind, String(row?.[measure] ?? "–")];
    });
    return { measure: name, ...Object.fromEntries(cells) };
  };
  return Object.keys(rows[0])
    .filter(
      (measure) => measure !== "features" && measure !== "dropped by" && !measure.startsWith("largest class"),
    )
    .flatMap((measure) => {
      if (!OF_THE_REST.test(measure)) return turned(measure, measure);
      const told = measure.startsWith("same mix") ? ways.filter((way) => way !== "at random") : ways;
      return told.map((way) =>
        turned(measure, `${measure}, ${way === "at random" ? way : `by ${way}`}`, way),
      );
    });
}
