/** The program of one thread of a team: does its part of the job that `engine/team.ts` hands out. */
import { parentPort, workerData } from "node:worker_threads";
import "./world.js";
import { startEngine } from "../engine/backend.js";
import {
  type FromMember,
  leave,
  type MemberStart,
  memberOf,
  TeamBroken,
  type TeamModule,
  type ToMember,
} from "../engine/team.js";

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
