/** Results of the downstream and the sensitivity study as files. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { printable } from "../files/printable.js";
import { writeWhole } from "../files/whole-file.js";
import { downstreamClaims, sensitivityClaims, weightedF1Claim } from "./downstream-claims.js";
import type { DownstreamConfig, SensitivityConfig } from "./downstream-plan.js";
import type {
  DownstreamProvenance,
  DownstreamRun,
  DownstreamStudy,
  SensitivityRun,
} from "./downstream-study.js";
import {
  figure3Cells,
  figure3Runs,
  sensitivityCells,
  table2Cells,
  table3Cells,
} from "./downstream-tables.js";

/**
 * Writes `table-2.json`, `table-3.json` and `figure-3.json` (cells, claims, provenance; the figure's curves too), and
 * `downstream.json`, all runs with their scores, from which those are made. A file that holds more is left as it is, which is said.
 * @throws CannotWrite
 */
export function saveDownstream(
  { runs, provenance }: DownstreamStudy<DownstreamConfig>,
  folder: string,
): void {
  const claims = downstreamClaims(runs);
  const table3 = table3Cells(runs);
  const ofFigure3 = claims.filter(({ name }) => name.startsWith("uncertainty"));
  const curves = figure3Runs(runs).map(({ dataset, input, seed, scores }) => ({
    dataset,
    input,
    seed,
    ...scores.ambiguity,
    risk: Object.fromEntries(scores.selective.map(({ by, risk }) => [by, risk])),
  }));
  const ofTable2 = claims.filter((claim) => !ofFigure3.includes(claim));
  write(folder, "table-2.json", { cells: table2Cells(runs), claims: ofTable2, provenance });
  write(folder, "table-3.json", { cells: table3, claims: weightedF1Claim(table3), provenance });
  write(folder, "figure-3.json", { cells: figure3Cells(runs), claims: ofFigure3, curves, provenance });
  write(folder, "downstream.json", { runs: runs.map(withoutCurves), provenance });
}

/** Writes `table-4.json` and `table-5.json`; a file that holds more is left as it is, which is said. @throws CannotWrite */
export function saveSensitivity(
  { runs, provenance }: DownstreamStudy<SensitivityConfig, SensitivityRun>,
  folder: string,
): void {
  const claims = sensitivityClaims(runs);
  for (const table of [4, 5] as const)
    write(folder, `table-${table}.json`, { cells: sensitivityCells(runs, table), claims, provenance });
}

/** Scores without what only Figure 3 draws. */
function withoutCurves({ scores: { ambiguity, selective, ...scores }, ...run }: DownstreamRun) {
  const followed = ambiguity && { spearman: ambiguity.spearman, auc: ambiguity.auc };
  return {
    ...run,
    scores: {
      ...scores,
      selective: selective.map(({ risk: _, ...own }) => own),
      ...(followed && { ambiguity: followed }),
    },
  };
}

/** Five significant digits: fewer than any standard error needs. */
const rounded = (_: string, value: unknown) =>
  typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value;

type Provenance = DownstreamProvenance<object>;

function write(
  folder: string,
  name: string,
  content: { readonly provenance: Provenance } & Readonly<Record<string, unknown>>,
): void {
  const file = path.join(folder, name);
  const why = whyKept(file, content.provenance);
  if (why) {
    console.error(
      `${printable(file)} is left as it is: ${why}; delete or rename it and run again to have it written`,
    );
    return;
  }
  const lists = Object.entries(content).map(([field, value]) =>
    Array.isArray(value)
      ? `${JSON.stringify(field)}: [\n${value.map((line) => JSON.stringify(line, rounded)).join(",\n")}\n]`
      : `${JSON.stringify(field)}: ${JSON.stringify(value, rounded)}`,
  );
  writeWhole(file, `{\n${lists.join(",\n")}\n}\n`);
}

/** Why a file is not to be replaced: it holds something else, results of another configuration, or of more cells. */
function whyKept(file: string, { config, missing }: Provenance): string | undefined {
  const held = contentOf(file);
  if (!held) return undefined;
  const { provenance } = held;
  if (!provenance) return "it holds no such results";
  if (!isDeepStrictEqual(provenance.config, JSON.parse(JSON.stringify(config, rounded))))
    return "it holds results of another configuration";
  return provenance.missing < missing
    ? `${provenance.missing} cells are missing in it, ${missing} in the new results`
    : undefined;
}

/** What is on disk; `undefined` if there is nothing, or nothing whole. */
function contentOf(file: string): { readonly provenance?: Provenance } | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}
