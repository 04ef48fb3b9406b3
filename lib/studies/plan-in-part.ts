/** The plan of a study whose results are worth having with some of its cells missing. */
import { describeEngine, type Engine } from "../engine/backend.js";
import { cellKey } from "./cell.js";
import { libraryVersion, type RunsProvenance } from "./provenance.js";
import { type PlannedCell, type StudyPlan, spanOf } from "./run-plan.js";
import type { FinishedCell } from "./store.js";

/** What such a study is of. */
interface InPart<Input, Config> {
  readonly config: Config;
  readonly engine: Engine;
  readonly program: URL;
  readonly cells: readonly PlannedCell<Input>[];
}

/** @param assembled puts the study together from what there is, in the order of `cells` with gaps where nothing is. */
export function planInPart<
  Input,
  Result extends { readonly seconds: number; readonly cpuSeconds: number },
  Config,
  Study,
>(
  { config, engine, program, cells }: InPart<Input, Config>,
  assembled: (
    found: readonly (FinishedCell<Result> | undefined)[],
    provenance: RunsProvenance<Config>,
  ) => Study,
): StudyPlan<Input, Result, Study> {
  const assemble = (found: readonly (FinishedCell<Result> | undefined)[]) => {
    const finished = found.filter((own) => own !== undefined);
    // Cells that ask for the same are one.
    const costs = new Map(finished.map(({ key, result }) => [key, result.cpuSeconds]));
    const { startedAt, durationSeconds } =
      finished.length > 0 ? spanOf(finished) : { startedAt: "", durationSeconds: 0 };
    return assembled(found, {
      ...{ config, engine: describeEngine(engine), version: libraryVersion(), startedAt, durationSeconds },
      cpuSeconds: Math.round([...costs.values()].reduce((sum, seconds) => sum + seconds, 0)),
      missing: new Set(cells.filter((_, i) => !found[i]).map((cell) => cellKey(cell))).size,
    });
  };
  return {
    workers: engine.workers,
    engine: describeEngine({ ...engine, workers: 1 }),
    ...{ program, cells, assemble, assemblePart: assemble },
  };
}
