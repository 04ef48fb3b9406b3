import type { DataSetCounts, DataSetLine } from "../studies/data-sets.js";

const counts: readonly (keyof DataSetCounts)[] = ["rows", "features", "numeric", "categorical", "classes"];

/**
 * Table 6, ready for `table`: one row per data set, in each cell `ours | paper`; then the types of the original
 * columns, the share of the largest class, and how far class shares are from those of the whole public data.
 */
export function table6Rows(lines: readonly DataSetLine[]): Record<string, string>[] {
  return lines.map((line) => ({
    "data set": `${line.code} ${line.name}`,
    ...Object.fromEntries(counts.map((count) => [count, `${line[count]} | ${line.published[count]}`])),
    "original types": `${line.original.numeric} numeric, ${line.original.categorical} categorical`,
    "largest class": percent(Math.max(...Object.values(line.shares))),
    "share off by": line.largestShareDifference === null ? "–" : percent(line.largestShareDifference),
  }));
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
