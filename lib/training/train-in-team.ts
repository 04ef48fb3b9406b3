/** Training spread over the processor's cores: a team of threads that runs the one loop together. */
import { runTeam } from "../engine/team.js";
import type { MemberInput, MemberReport, MemberResult } from "./team-training.js";
import { type OnEpoch, type StepReport, type Trained, TrainingDiverged } from "./train.js";

export type { TaskModule } from "./team-training.js";

/** How a team trains. The two functions are called in this thread, after the task's own of the same names. */
export interface TeamTraining {
  /** Threads. Each has a heap of its own, and each batch is cut into so many shares. */
  readonly workers: number;
  readonly onStep?: (report: StepReport) => void;
  readonly onEpoch?: OnEpoch;
}

/**
 * Trains the task that `module` builds from `input`, in `workers` threads while this one stays free. The number
 * of workers changes results by rounding only, and one worker gives the same bits as `train`.
 * @param module URL of a built module that exports `task` (see `TaskModule`)
 * @param input survives structured cloning
 * @throws what `train` throws; the error of a thread that fails; or how a thread ended.
 */
export async function trainInTeam<Input>(
  module: URL,
  input: Input,
  { workers, onStep, onEpoch }: TeamTraining,
): Promise<Trained> {
  const memberInput: MemberInput = { module: module.href, input };
  const result = await runTeam<MemberInput, MemberResult>(
    new URL("./team-training.js", import.meta.url),
    memberInput,
    {
      workers,
      onReport: (report) => answer(report as MemberReport, onStep, onEpoch),
    },
  );
  if ("trained" in result) return result.trained;
  const { term, value, epoch, step, lastGood } = result.diverged;
  throw new TrainingDiverged(term, value, epoch, step, lastGood);
}

function answer(
  report: MemberReport,
  onStep: TeamTraining["onStep"],
  onEpoch: TeamTraining["onEpoch"],
): ReturnType<OnEpoch> {
  if ("step" in report) onStep?.(report.step);
  else return onEpoch?.(report.epoch, report.parameters, report.average);
}
