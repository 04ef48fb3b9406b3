/** The study of spreads: what linear models and trees gain on the tables of `imputationStudies` by a deviation of each row. */
import { type DataSetName, loadDataset } from "../data/datasets/index.js";
import { tableSha256 } from "../data/tables/table.js";
import { startEngine } from "../engine/backend.js";
import type { SpreadRivals } from "../evaluation/imputation-spread.js";
import { figuresFolder } from "../settings.js";
import { planInPart } from "./plan-in-part.js";
import type { RunsProvenance } from "./provenance.js";
import { writeResults } from "./result-files.js";
import type { PlannedCell, StudyPlan } from "./run-plan.js";
import type { SpreadRunInput, SpreadRunResult, SpreadTable } from "./spread-run.js";
import { resolveRun } from "./tabular-run.js";
import { imputationStudies } from "./tabular-studies.js";

/** Configuration of the study. */
export interface SpreadStudyConfig {
  readonly study: "spread";
  readonly tables: readonly SpreadTable[];
}

/** One table, or its rows of one seed. */
export interface SpreadTableRun {
  readonly dataset: DataSetName;
  readonly rows?: number;
  readonly seed: number;
  readonly columns: readonly SpreadRivals[];
}

/** The study, or what there is of it. */
export interface SpreadStudy {
  readonly runs: readonly SpreadTableRun[];
  readonly provenance: RunsProvenance<SpreadStudyConfig>;
}

/** The tables and rows that models for imputation are scored on. */
export function spreadConfig(): SpreadStudyConfig {
  const tables = imputationStudies().map(({ dataset, preset, arms, seeds, scoring }): SpreadTable => {
    const { rows } = resolveRun({ dataset, preset, family: arms[0].family, seed: 1 });
    const { testRows, trainRows } = scoring.imputation;
    return { dataset, ...(rows && { rows }), seeds: rows ? seeds : [1], testRows, trainRows };
  });
  return { study: "spread", tables };
}

/**
 * The study as cells, one for each table and, where its rows are drawn, seed.
 * @throws as `loadDataset` does.
 */
export async function planSpread(
  config: SpreadStudyConfig,
): Promise<StudyPlan<SpreadRunInput, SpreadRunResult, SpreadStudy>> {
  const engine = await startEngine();
  const cells: PlannedCell<SpreadRunInput>[] = [];
  for (const { seeds, ...table } of config.tables) {
    const data = tableSha256(await loadDataset(table.dataset));
    for (const seed of seeds)
      cells.push({
        study: "spread",
        arm: table.dataset,
        seed,
        data,
        computations: ["spread"],
        configuration: table,
        input: { table, seed },
      });
  }
  const program = new URL("./spread-run.js", import.meta.url);
  return planInPart<SpreadRunInput, SpreadRunResult, SpreadStudyConfig, SpreadStudy>(
    { config, engine, program, cells },
    (found, provenance) => ({
      runs: found.flatMap((own, i) => {
        const { dataset, rows } = cells[i].input.table;
        const { seed } = cells[i];
        return own ? [{ dataset, ...(rows && { rows }), seed, columns: own.result.columns }] : [];
      }),
      provenance,
    }),
  );
}

/**
 * Writes the study's JSON (runs, provenance) to the figures folder. A file that holds more is left as it is, which is said.
 * @throws CannotWrite
 */
export function saveSpread(study: SpreadStudy, folder = figuresFolder("standard")): void {
  writeResults(folder, "spread.json", { ...study });
}
