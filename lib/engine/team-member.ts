/** The program of one thread of a team: does its part of the job that `team.ts` hands out. */
import { parentPort, workerData } from "node:worker_threads";
import { startEngine } from "./backend.js";
import { leave, memberOf, type SharedMemory, TeamBroken, type TeamModule } from "./team.js";

/** What a member is told when its thread starts. */
export interface MemberStart {
  readonly module: string;
  readonly input: unknown;
  readonly index: number;
  readonly size: number;
  readonly shared: SharedMemory;
}

/** What a member says: reports on the way, then once how it ended. */
export type FromMember =
  | { id: number; report: unknown }
  | { output: unknown }
  | { error: Error }
  | { broken: true };

/** The answer to a report. */
export interface ToMember {
  readonly id: number;
  readonly reply: unknown;
}

const { module, input, index, size, shared } = workerData as MemberStart;
const say = (message: FromMember) => parentPort?.postMessage(message);

const unanswered = new Map<number, (reply: unknown) => void>();
let reports = 0;
const tell = (report: unknown): Promise<unknown> =>
  new Promise((resolve) => {
    const id = reports++;
    unanswered.set(id, resolve);
    say({ id, report });
  });
parentPort?.on("message", ({ id, reply }: ToMember) => {
  unanswered.get(id)?.(reply);
  unanswered.delete(id);
});

async function work(): Promise<void> {
  try {
    await startEngine();
    const job = (await import(module)) as TeamModule;
    const output = await job.run(input, memberOf(shared, index, size), tell);
    say({ output: index === 0 ? output : undefined });
  } catch (error) {
    if (error instanceof TeamBroken) say({ broken: true });
    else say({ error: error instanceof Error ? error : new Error(String(error)) });
  }
}

process.on("exit", () => leave(shared));
// An output or error that cannot be cloned ends the thread as an uncaught error, which the team is told.
work().finally(() => leave(shared));
