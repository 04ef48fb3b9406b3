/** What each thread of `trainInTeam` runs: it builds the task and calls the one training loop. */
import type { Team } from "../engine/team.js";
import type { FlatParameters } from "../layers/parameters.js";
import {
  type EpochReport,
  type StepReport,
  type Trained,
  TrainingDiverged,
  type TrainingTask,
  train,
} from "./train.js";

/** What a module that `trainInTeam` can use exports. */
export interface TaskModule<Input> {
  /** Builds the task; called once in every thread, and must give each the same. */
  task(input: Input): TrainingTask | Promise<TrainingTask>;
}

/** The module that builds the task, and what it builds it from. */
export interface MemberInput {
  readonly module: string;
  readonly input: unknown;
}

/** What member 0 tells while it trains. */
export type MemberReport =
  | { step: StepReport }
  | { epoch: EpochReport; parameters: FlatParameters; average: FlatParameters | undefined };

/** How training ended. */
export type MemberResult =
  | { trained: Trained }
  | { diverged: Pick<TrainingDiverged, "term" | "value" | "epoch" | "step" | "lastGood"> };

/** See `TeamModule`. */
export async function run(
  { module, input }: MemberInput,
  team: Team,
  tell: (report: MemberReport) => Promise<unknown>,
): Promise<MemberResult> {
  const { task: build } = (await import(module)) as TaskModule<unknown>;
  const task = await build(input);
  try {
    const trained = await train(
      {
        ...task,
        onStep: (report) => {
          task.onStep?.(report);
          tell({ step: report });
        },
        onEpoch: async (report, parameters, average) => {
          const own = await task.onEpoch?.(report, parameters, average);
          const answer = await tell({ epoch: report, parameters, average });
          return own === "stop" || answer === "stop" ? "stop" : undefined;
        },
      },
      team,
    );
    return { trained };
  } catch (error) {
    if (!(error instanceof TrainingDiverged)) throw error;
    const { term, value, epoch, step, lastGood } = error;
    return { diverged: { term, value, epoch, step, lastGood } };
  }
}
