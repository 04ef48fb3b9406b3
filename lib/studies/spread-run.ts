/** One table of the study of spreads: what its rivals say of every number. Runs in a worker process. */
import type { DataSetName } from "../data/datasets/index.js";
import { startEngine } from "../engine/backend.js";
import { type SpreadRivals, spreadRivals } from "../evaluation/imputation-spread.js";
import { studySplit } from "./study-split.js";
import { readRows } from "./tabular-run.js";
import { imputationRows } from "./tabular-scores.js";

/** A table, or some rows of it. */
export interface SpreadTable {
  readonly dataset: DataSetName;
  /** So many rows, other ones for each seed; all when left out, of which one seed is enough. */
  readonly rows?: number;
  readonly seeds: readonly number[];
  /** Rows to score on, to choose on as many, and rows to learn from. */
  readonly testRows: number;
  readonly trainRows: number;
}

/** What is asked for. */
export interface SpreadRunInput {
  readonly table: Omit<SpreadTable, "seeds">;
  /** Of the rows, where they are not all. */
  readonly seed: number;
}

/** What it found. */
export interface SpreadRunResult {
  readonly columns: readonly SpreadRivals[];
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/** Reads the rows that models for imputation are trained and scored on, and fits; `report` gets the share that is done. */
export async function run(
  { table: { dataset, rows, ...counts }, seed }: SpreadRunInput,
  report: (share: number) => void,
): Promise<SpreadRunResult> {
  await startEngine();
  const [began, cpu] = [performance.now(), process.cpuUsage()];
  const { table, encoded } = await readRows({ dataset, rows, seed, testHeldOut: true, shrink: true });
  const split = imputationRows(studySplit(table), counts);
  const columns = spreadRivals(encoded.schema, table, split, (done, all) => report(done / all));
  const { user, system } = process.cpuUsage(cpu);
  return {
    columns,
    seconds: (performance.now() - began) / 1000,
    cpuSeconds: (user + system) / 1e6,
  };
}
