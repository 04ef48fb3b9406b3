/**
 * A tiny downstream study, for `downstream-study.test.ts`: SIM, few rows, small encoders, one predictor. As a program it
 * makes the shard that is its argument.
 */
import "../node/world.js";
import { fileURLToPath } from "node:url";
import { smallTJepa, smallVarTJepa } from "../training/tabular.test-table.js";
import type { DownstreamConfig } from "./downstream-plan.js";
import { planDownstream } from "./downstream-study.js";
import { runPlan } from "./run-plan.js";
import { parseShard } from "./share.js";

/** Two encoders of either family. */
export const tinyConfig: DownstreamConfig = {
  preset: {
    rows: 60,
    probe: { every: 4, patience: 10 },
    models: { "var-t-jepa": smallVarTJepa, "t-jepa": smallTJepa } as never,
  },
  datasets: ["sim"],
  seeds: [1, 2],
  rawSeeds: [],
  treeSplits: [],
};

/** Linear probes of it on trained and untrained encoders; other cells are empty places. */
export async function tinyStudy(): Promise<Awaited<ReturnType<typeof planDownstream>>> {
  const plan = await planDownstream(tinyConfig);
  const kept = plan.cells.map(
    ({ input: { arm, features } }) => !arm || (arm.predictor === "linear" && features !== "raw"),
  );
  const assemblePart: typeof plan.assemblePart = (found) => {
    const waiting = [...found];
    return plan.assemblePart!(kept.map((is) => (is ? waiting.shift() : undefined)));
  };
  return {
    ...plan,
    workers: 1,
    cells: plan.cells.filter((_, i) => kept[i]),
    assemble: assemblePart,
    assemblePart,
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await runPlan(await tinyStudy(), { shard: parseShard(process.argv[2]) });
