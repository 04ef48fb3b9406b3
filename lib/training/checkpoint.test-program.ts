/**
 * Trains the small task of `train-in-team.test-task.ts` with a checkpoint: file, workers (0: without a team), and
 * optionally the step after which it holds still until it is killed. Prints the steps made, at last the result.
 */
import "../node/world.js";
import { startEngine } from "../engine/backend.js";
import { type StepReport, train } from "./train.js";
import { trainInTeam } from "./train-in-team.js";
import { type SmallTask, task, timeless } from "./train-in-team.test-task.js";

const [file, workers, holdAt] = process.argv.slice(2);
const input: SmallTask = { seed: 4, changes: { checkpoint: { file, configuration: { seed: 4 } } } };

function onStep({ step }: StepReport): void {
  process.stdout.write(`step ${step}\n`);
  if (step === Number(holdAt)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

await startEngine();
const trained =
  workers === "0"
    ? await train({ ...task(input), onStep })
    : await trainInTeam(new URL("./train-in-team.test-task.js", import.meta.url), input, {
        workers: Number(workers),
        onStep,
      });
process.stdout.write(`${JSON.stringify(timeless(trained))}\n`);
