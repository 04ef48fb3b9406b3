/** Results of the downstream and the sensitivity study as files. */
import { downstreamClaims, figure3Claims, weightedF1Claim } from "./downstream-claims.js";
import type { DownstreamConfig } from "./downstream-plan.js";
import type { DownstreamRun, DownstreamStudy, SensitivityRun } from "./downstream-study.js";
import {
  comparedGroups,
  figure3Cells,
  figure3Runs,
  sensitivityCells,
  table2Cells,
  table3Cells,
} from "./downstream-tables.js";
import { writeResults } from "./result-files.js";
import { sensitivityClaims } from "./sensitivity-claims.js";
import type { SensitivityConfig } from "./sensitivity-plan.js";

/**
 * Writes `table-2.json`, `table-3.json` and `figure-3.json` (cells, claims, provenance; the figure's curves too), and
 * `downstream.json`, all runs with their scores, from which those are made. A file that holds more is left as it is, which is said.
 * @throws CannotWrite
 */
export function saveDownstream(
  { runs, provenance }: DownstreamStudy<DownstreamConfig>,
  folder: string,
): void {
  const table3 = table3Cells(runs);
  const curves = comparedGroups(figure3Runs(runs))
    .flat()
    .map(({ dataset, input, seed, scores }) => ({
      dataset,
      input,
      seed,
      ...scores.ambiguity,
      risk: Object.fromEntries(scores.selective.map(({ by, risk }) => [by, risk])),
    }));
  writeResults(folder, "table-2.json", {
    cells: table2Cells(runs),
    claims: downstreamClaims(runs),
    provenance,
  });
  writeResults(folder, "table-3.json", { cells: table3, claims: weightedF1Claim(table3), provenance });
  writeResults(folder, "figure-3.json", {
    cells: figure3Cells(runs),
    claims: figure3Claims(runs),
    curves,
    provenance,
  });
  writeResults(folder, "downstream.json", { runs: runs.map(withoutCurves), provenance });
}

/**
 * Writes `table-4.json` and `table-5.json`, and `sensitivity.json`, all runs with their scores, from which those are made. A file
 * that holds more is left as it is, which is said.
 * @throws CannotWrite
 */
export function saveSensitivity(
  { runs, provenance }: DownstreamStudy<SensitivityConfig, SensitivityRun>,
  folder: string,
): void {
  const claims = sensitivityClaims(runs);
  for (const table of [4, 5] as const)
    writeResults(folder, `table-${table}.json`, { cells: sensitivityCells(runs, table), claims, provenance });
  writeResults(folder, "sensitivity.json", { runs: runs.map(withoutCurves), provenance });
}

/** Scores without what only Figure 3 draws. */
function withoutCurves<Run extends DownstreamRun>({ scores, ...run }: Run) {
  const { ambiguity, selective, ...whole } = scores;
  const followed = ambiguity && { spearman: ambiguity.spearman, auc: ambiguity.auc };
  return {
    ...run,
    scores: {
      ...whole,
      selective: selective.map(({ risk: _, ...own }) => own),
      ...(followed && { ambiguity: followed }),
    },
  };
}
