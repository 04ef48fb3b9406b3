import type { DownstreamRun } from "../studies/downstream-study.js";
import { type DownstreamCell, groupsOf, summary } from "../studies/downstream-tables.js";
import { downstreamTable, type NotedTable } from "./downstream-table.js";

const metric = "expected calibration error";

/** Expected calibration error per predictor, input and data set, in the form of Tables 2 and 3; the paper prints none. */
export function reliabilityTable(runs: readonly DownstreamRun[]): NotedTable {
  const cells = groupsOf(runs).map((group): DownstreamCell => {
    const { dataset, predictor, input, setting } = group[0];
    return {
      dataset,
      predictor,
      input,
      discard: 0,
      metric,
      ...summary(group.map(({ scores }) => scores.calibrationError)),
      published: null,
      ...(setting !== undefined && { setting }),
    };
  });
  return downstreamTable(cells, metric);
}
