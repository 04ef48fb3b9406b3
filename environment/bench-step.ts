/** One contender of `npm run bench`: times training steps in a process of its own and prints the result as JSON. */
import "../lib/node/world.js";
import { startEngine } from "../lib/engine/backend.js";
import { train } from "../lib/training/train.js";
import { trainInTeam } from "../lib/training/train-in-team.js";
import { type BenchInput, task } from "./bench-task.js";

/** What a contender prints. */
export interface StepTimes {
  readonly ms: readonly number[];
  /** Largest resident memory of the process, MiB. */
  readonly peakMb: number;
  readonly parameters: number;
}

const [model, workers, steps, warm] = process.argv.slice(2);
const input: BenchInput = { model: model as BenchInput["model"], steps: Number(steps) + Number(warm) };
// What the engine prints belongs elsewhere: standard output carries the result.
console.log = console.error;
await startEngine();
const trained =
  workers === "1"
    ? await train(task(input))
    : await trainInTeam(new URL("./bench-task.js", import.meta.url), input, { workers: Number(workers) });
const times: StepTimes = {
  ms: trained.history.slice(Number(warm)).map(({ seconds }) => 1000 * seconds),
  peakMb: process.resourceUsage().maxRSS / 1024,
  parameters: trained.parameters.values.length,
};
process.stdout.write(`${JSON.stringify(times)}\n`);
