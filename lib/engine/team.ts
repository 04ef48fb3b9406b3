/** Several worker threads, each with its own engine, that do one job together in lockstep. */
import { checkWhole } from "../checks.js";
import { type Thread, world } from "./world.js";

/** One member's view of its team. */
export interface Team {
  /** 0 … size − 1; member 0 speaks for the team. */
  readonly index: number;
  readonly size: number;
  /**
   * Adds up one array from every member; all must call it at the same point with equally long arrays.
   * Summed in double precision in the order of the members, so every member gets the same bits at any timing.
   * @throws TeamBroken when another member has ended and will not come.
   */
  sum<T extends Float32Array | Float64Array>(values: T): T;
}

/** The team of one that plain, unthreaded code works in. */
export const solo: Team = { index: 0, size: 1, sum: (values) => values };

/** Another member ended before the team was done. Never the cause of a failure, only its consequence. */
export class TeamBroken extends Error {
  constructor() {
    super("another worker thread ended while the rest of its team waited for it");
    this.name = "TeamBroken";
  }
}

/** What a module that `runTeam` can run exports. */
export interface TeamModule {
  run(input: unknown, team: Team, tell: (report: unknown) => Promise<unknown>): Promise<unknown>;
}

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

/** How a team works. */
export interface TeamOptions {
  /** Threads, at least 1. */
  readonly workers: number;
  /** Answers what a member tells; the member gets what this returns. An error thrown here ends the team. */
  readonly onReport?: (report: unknown) => unknown;
}

/** Most threads of a team. */
export const mostWorkers = 256;

/**
 * Runs `module`'s exported function `run(input, team, tell)` once in each of several threads, all with the same
 * input and with the engine started. Input, output and reports must survive structured cloning.
 * @param module URL of the built module
 * @returns what member 0 returned
 * @throws the error of the first member that fails, or the way in which its thread ended. The others are stopped.
 */
export async function runTeam<Input, Output>(
  module: URL,
  input: Input,
  { workers, onReport }: TeamOptions,
): Promise<Output> {
  checkWhole("workers", workers, 1, mostWorkers);
  const { startThread } = world();
  if (!startThread)
    throw new Error(`workers is ${workers}, but there are no threads here; train without a team`);
  const shared = sharedMemory(workers);
  const threads = Array.from({ length: workers }, (_, index) => {
    const start: MemberStart = { module: module.href, input, index, size: workers, shared };
    return startThread(start);
  });
  try {
    const outcomes = await Promise.all(threads.map((thread) => outcomeOf(thread, shared, onReport)));
    if (outcomes.some((outcome) => "broken" in outcome)) throw new TeamBroken();
    return (outcomes[0] as { output: Output }).output;
  } finally {
    leave(shared);
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
}

/** How a member's work ended, other than by an error. */
type Outcome = { output: unknown } | { broken: true };

/** Answers one member's reports until it is done. Rejects with its error, or when its thread ends first. */
function outcomeOf(
  thread: Thread,
  shared: SharedMemory,
  onReport: TeamOptions["onReport"],
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => {
      leave(shared);
      reject(error);
    };
    const answer = async (id: number, report: unknown) => {
      const reply: ToMember = { id, reply: await onReport?.(report) };
      thread.postMessage(reply);
    };
    thread.on("message", (said) => {
      const message = said as FromMember;
      if ("report" in message) answer(message.id, message.report).catch(fail);
      else if ("error" in message) fail(message.error);
      else resolve(message);
    });
    thread.on("error", fail);
    thread.on("exit", (code) =>
      fail(new Error(`a worker thread ended with exit code ${code} before its work was done`)),
    );
  });
}

/** Everything the members share: the meeting point, and room for one chunk of every member and for its sum. */
export interface SharedMemory {
  readonly meeting: Int32Array;
  readonly chunks: readonly Float64Array[];
  readonly total: Float64Array;
}

/** Numbers that are summed at a time. */
const CHUNK = 2 ** 17;

/** Places in `meeting`: members that have arrived, meetings held so far, and whether any member has left. */
const ARRIVED = 0;
const HELD = 1;
const LEFT = 2;

function sharedMemory(size: number): SharedMemory {
  const numbers = () => new Float64Array(new SharedArrayBuffer(CHUNK * Float64Array.BYTES_PER_ELEMENT));
  return {
    meeting: new Int32Array(new SharedArrayBuffer(3 * Int32Array.BYTES_PER_ELEMENT)),
    chunks: Array.from({ length: size }, numbers),
    total: numbers(),
  };
}

/** Says that a member will come to no further meeting, and wakes those who wait for it. */
export function leave({ meeting }: SharedMemory): void {
  Atomics.store(meeting, LEFT, 1);
  Atomics.notify(meeting, HELD);
}

/** The team as member `index` of `size` sees it, over memory that all of them share. */
export function memberOf(shared: SharedMemory, index: number, size: number): Team {
  return {
    index,
    size,
    sum(values) {
      const out = values.slice() as typeof values;
      for (let at = 0; at < values.length; at += CHUNK)
        sumChunk(shared, index, size, out.subarray(at, at + CHUNK));
      return out;
    },
  };
}

/**
 * Each member lays down its numbers, adds up one stretch of everybody's, and takes the whole total. The next
 * chunk may be laid down at once: nobody reads the old ones, and its total waits for the next meeting.
 */
function sumChunk(
  shared: SharedMemory,
  index: number,
  size: number,
  values: Float32Array | Float64Array,
): void {
  const { chunks, total } = shared;
  chunks[index].set(values);
  meet(shared, size);
  const end = Math.ceil(((index + 1) * values.length) / size);
  for (let i = Math.ceil((index * values.length) / size); i < end; i++) {
    let sum = chunks[0][i];
    for (let member = 1; member < size; member++) sum += chunks[member][i];
    total[i] = sum;
  }
  meet(shared, size);
  values.set(total.subarray(0, values.length));
}

/** Waits until every member is here. The time limit of a wait only matters to one that began as somebody left. */
function meet({ meeting }: SharedMemory, size: number): void {
  const held = Atomics.load(meeting, HELD);
  if (Atomics.add(meeting, ARRIVED, 1) === size - 1) {
    Atomics.store(meeting, ARRIVED, 0);
    Atomics.add(meeting, HELD, 1);
    Atomics.notify(meeting, HELD);
    return;
  }
  while (Atomics.load(meeting, HELD) === held) {
    // Who leaves has been at every meeting before; only if this one is still not held will it never be.
    if (Atomics.load(meeting, LEFT) === 1 && Atomics.load(meeting, HELD) === held) throw new TeamBroken();
    Atomics.wait(meeting, HELD, held, 500);
  }
}
