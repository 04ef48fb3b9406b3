/** `npm run reproduce`: executes the notebooks at a preset, writes every figure and table, and sums up what came out. */
import "../lib/node/world.js";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { Command, Option } from "commander";
import { describeEngine, startEngine } from "../lib/engine/backend.js";
import { figuresFolder, type Preset, projectFolder } from "../lib/settings.js";
import type { SimulationStudy } from "../lib/studies/simulation-study.js";
import { agreement } from "../lib/studies/simulation-table.js";
import { explainFailure, progressReporter } from "./notebook-report.js";
import { runNotebook } from "./run-notebook.js";

interface Options {
  preset: Preset;
  only?: string[];
}

const program = new Command("reproduce")
  .description(
    "Executes the notebooks and writes their figures and tables. The quick preset leaves the committed results alone: " +
      "it writes to figures/quick, executed notebooks included. The standard preset is the full study and replaces them.",
  )
  .addOption(
    new Option("--preset <name>", "how much work to do").choices(["quick", "standard"]).default("quick"),
  )
  .option("--only <start...>", "only notebooks whose name starts so, e.g. --only 02")
  .parse();
const { preset, only } = program.opts<Options>();

/** Most seconds of one cell: the study takes one cell. */
const cellLimit: Record<Preset, number> = { quick: 900, standard: 4 * 3600 };

const source = path.join(projectFolder, "notebooks");
const names = readdirSync(source)
  .filter((name) => name.endsWith(".ipynb") && (!only || only.some((start) => name.startsWith(start))))
  .sort();
if (names.length === 0) program.error(`no notebook starts with ${only?.join(" or ")}; see notebooks/`);

const target = preset === "standard" ? source : path.join(figuresFolder(preset), "notebooks");
const startedAt = Date.now();
console.log(`${describeEngine(await startEngine())}, preset ${preset}`);

const failed: string[] = [];
for (const name of names) {
  const report = progressReporter(name);
  const { failure, seconds, signal } = await runNotebook(path.join(source, name), {
    output: path.join(target, name),
    timeoutSeconds: cellLimit[preset],
    env: { VARJEPA_PRESET: preset },
    onProgress: report.show,
  }).finally(report.close);
  if (failure) {
    failed.push(name);
    console.error(explainFailure(name, failure));
  } else console.log(`${name}: done in ${seconds.toFixed(0)} s`);
  if (signal) process.exit(1);
}

console.log(
  `\n${names.length - failed.length} of ${names.length} notebooks ran, ${seconds(startedAt)} s in all`,
);
console.log(`notebooks: ${path.relative(projectFolder, target)}`);
console.log(`figures:   ${path.relative(projectFolder, figuresFolder(preset))}`);
const holds = names.some((name) => name.startsWith("02")) ? sumUpStudy() : true;
process.exitCode = failed.length === 0 && holds ? 0 : 1;

/** Prints the claims and the agreement with Table 1; says whether every claim holds. */
function sumUpStudy(): boolean {
  const file = path.join(figuresFolder(preset), "table-1.json");
  if (!existsSync(file)) return false;
  const { claims, cells }: Pick<SimulationStudy, "claims" | "cells"> = JSON.parse(readFileSync(file, "utf8"));
  console.log("\nclaims of the simulation study:");
  for (const { name, statement, holds } of claims)
    console.log(`  ${holds ? "holds        " : "DOES NOT HOLD"} ${name} (${statement})`);
  const { meanAbsLogRatio, meanAbsAccuracyDifference } = agreement(cells);
  console.log(
    `Table 1: mean |log ratio| ${meanAbsLogRatio.toFixed(3)} over 80 diagnostics, mean |Δ accuracy| ${meanAbsAccuracyDifference.toFixed(4)} over 20`,
  );
  return claims.every(({ holds }) => holds);
}

function seconds(since: number): string {
  return ((Date.now() - since) / 1000).toFixed(0);
}
