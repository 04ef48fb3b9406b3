/** Runs the cells of a study, of whichever kind, and puts it together. */
import type { FolderLock } from "../files/folder-lock.js";
import { runJobs } from "../node/worker-pool.js";
import { type Cell, cellKey, cellName } from "./cell.js";
import { codeCommit } from "./provenance.js";
import { costsIn, inShard, type Shard } from "./share.js";
import { betweenClaims, claimCell, type FinishedCell, readCell, runsFolder, writeCell } from "./store.js";

/** A cell with what its program gets. */
export interface PlannedCell<Input> extends Cell {
  readonly input: Input;
  /**
   * Cells with the same word go to the same shard, such as all that need one encoder, and those that follow one another to
   * the same process while there are others to begin, of this program or of another on the same folder; one by one when
   * left out.
   */
  readonly together?: string;
  /** What it is called among cells of its study that are alike, in lists that count them; its arm when left out. */
  readonly stage?: string;
}

/** A study as data: its cells, who makes them, and what becomes of them. */
export interface StudyPlan<Input, Result extends { readonly seconds: number }, Study> {
  /** Processes that cells are spread over. */
  readonly workers: number;
  /** `describeEngine` of what computes in each. */
  readonly engine: string;
  /**
   * URL of the built module that makes a cell: `run(input, report)`, which reports the share that is done (0 to 1) and
   * returns a result that says what it cost, in `seconds`, all sittings together.
   */
  readonly program: URL;
  readonly cells: readonly PlannedCell<Input>[];
  /** Puts the study together from all its cells, in the order of `cells`. */
  readonly assemble: (finished: readonly FinishedCell<Result>[]) => Study;
  /** Puts together what there is, of a study that is worth having in part; cells in the order of `cells`, gaps where none is. */
  readonly assemblePart?: (finished: readonly (FinishedCell<Result> | undefined)[]) => Study;
}

/** How a study is run, apart from what it computes. */
export interface PlanOptions {
  /** Called when something got on: cells done of all, those in progress in part, and how many are done, running and left. */
  readonly onProgress?: (done: number, total: number, label: string) => void;
  /** Only these cells; all of them when left out. */
  readonly shard?: Shard;
  /** No cell is begun that would not be finished after so many seconds, as far as is known from cells like it. */
  readonly budgetSeconds?: number;
}

/** What came out. */
export interface PlanOutcome<Study> {
  /** If every cell is finished, those of other shards too; of a study that is worth having in part also without, unless this is a shard. */
  readonly study: Study | undefined;
  /** Names of the cells that are left, of this shard, and the seconds that they take as far as is known. */
  readonly left: readonly { readonly name: string; readonly seconds: number | undefined }[];
}

/**
 * Makes what is not on disk yet, one process per core, and puts the study together if nothing is left. Cells that another
 * process makes are left to it; they are waited for, and made here if it ends before they are finished. Finished ones are
 * kept whatever happens.
 * @throws the first error of a cell; CannotWrite when one cannot be kept.
 */
export async function runPlan<Input, Result extends { readonly seconds: number }, Study>(
  { workers, engine, program, cells, assemble, assemblePart }: StudyPlan<Input, Result, Study>,
  { onProgress, shard = { index: 1, count: 1 }, budgetSeconds = Number.POSITIVE_INFINITY }: PlanOptions = {},
): Promise<PlanOutcome<Study>> {
  const began = performance.now();
  codeCommit();
  const runs = runsFolder();
  const own = inShard(different(cells), shard);
  const open = new Set(own.keys());
  for (const i of open) if (readCell(own[i], runs)) open.delete(i);
  const running = new Map<number, { claim: FolderLock; startedAt: string; share: number }>();
  const costs = budgetSeconds < Number.POSITIVE_INFINITY && open.size > 0 ? costsIn(runs) : undefined;
  let ended = false;

  const tell = (i: number) => {
    const shares = [...running.values()].reduce((sum, { share }) => sum + share, 0);
    const done = own.length - open.size;
    const left = open.size - running.size;
    const counts = `${done} done, ${running.size} running, ${left} left`;
    onProgress?.(done + shares, own.length, `${counts}: ${labelOf(own[i])}`);
  };
  const fits = (i: number) => {
    const until = (performance.now() - began) / 1000 + (costs?.estimate(own[i]) ?? 0);
    return until < budgetSeconds;
  };
  const group = groupsOf(own);
  /** Open cells: first those that go with the one a process had, then those that go with none that is being made. */
  const inTurn = (previous: number | undefined) => {
    const busy = new Set([...running.keys()].map((i) => group[i]));
    const rank = (i: number) => (group[i] === group[previous ?? -1] ? 0 : busy.has(group[i]) ? 2 : 1);
    return [...open].sort((a, b) => rank(a) - rank(b));
  };
  const next = async (previous?: number): Promise<number | undefined> => {
    while (!ended) {
      const elsewhere = new Set<number>();
      for (const othersToo of [false, true]) {
        for (const i of inTurn(previous)) {
          if (running.has(i) || !fits(i) || (!othersToo && elsewhere.has(group[i]))) continue;
          const claim = claimCell(own[i], runs);
          if (!claim) elsewhere.add(group[i]);
          else if (readCell(own[i], runs)) {
            claim.release();
            open.delete(i);
            tell(i);
          } else {
            running.set(i, { claim, startedAt: new Date().toISOString(), share: 0 });
            return i;
          }
        }
      }
      if (elsewhere.size === 0) return undefined;
      await betweenClaims();
    }
    return undefined;
  };
  try {
    await runJobs<Input, Result>(
      program,
      own.map(({ input }) => input),
      {
        workers: Math.min(workers, open.size),
        next,
        onProgress: (i, share) => {
          const state = running.get(i);
          if (state) state.share = share as number;
          tell(i);
        },
        onDone: (i, result) => {
          const { claim, startedAt } = running.get(i)!;
          const { seconds } = result;
          const making = { engine, startedAt, finishedAt: new Date().toISOString(), seconds };
          const finished = writeCell(own[i], result, making, runs);
          costs?.add(finished);
          claim.release();
          running.delete(i);
          open.delete(i);
          tell(i);
        },
      },
    );
  } finally {
    ended = true;
    for (const { claim } of running.values()) claim.release();
  }
  const found = cells.map((cell) => readCell<Result>(cell, runs));
  const finished = found.filter((cell) => cell !== undefined);
  return {
    study:
      finished.length === cells.length
        ? assemble(finished)
        : shard.count === 1
          ? assemblePart?.(found)
          : undefined,
    left: [...open].map((i) => ({ name: cellName(own[i]), seconds: costs?.estimate(own[i]) })),
  };
}

/** How far cells of one study and stage are. */
export interface StageState {
  readonly study: string;
  readonly stage: string;
  readonly done: number;
  readonly left: number;
  /** What those that are left take at most, one after the other, as far as is known from finished ones. */
  readonly seconds: number;
  /** How many of them are like none that is finished. */
  readonly unknown: number;
}

/** How far a study is, or a shard of it, stage by stage in the order of its cells. Makes nothing. */
export function stateOf<Input>(
  cells: readonly PlannedCell<Input>[],
  shard: Shard = { index: 1, count: 1 },
): StageState[] {
  const runs = runsFolder();
  const costs = costsIn(runs);
  const states = new Map<string, StageState>();
  for (const cell of inShard(different(cells), shard)) {
    const { study, stage = cell.arm } = cell;
    const name = JSON.stringify([study, stage]);
    const state = states.get(name) ?? { study, stage, done: 0, left: 0, seconds: 0, unknown: 0 };
    const open = readCell(cell, runs) === undefined;
    const seconds = open ? costs.estimate(cell) : 0;
    states.set(name, {
      ...state,
      done: state.done + Number(!open),
      left: state.left + Number(open),
      seconds: state.seconds + (seconds ?? 0),
      unknown: state.unknown + Number(seconds === undefined),
    });
  }
  return [...states.values()];
}

/** Cells without those that ask for the same as one before them. */
function different<Input>(cells: readonly PlannedCell<Input>[]): PlannedCell<Input>[] {
  return [...new Map(cells.map((cell) => [cellKey(cell), cell])).values()];
}

/** Runs a whole study. @throws as `runPlan` does. */
export async function runWhole<Input, Result extends { readonly seconds: number }, Study>(
  plan: StudyPlan<Input, Result, Study>,
  onProgress?: PlanOptions["onProgress"],
): Promise<Study> {
  const { study } = await runPlan(plan, { onProgress });
  if (study === undefined) throw new Error("finished cells were removed while the study ran; run it again");
  return study;
}

/** A number for each cell, the same for neighbours that belong together. */
function groupsOf<Input>(cells: readonly PlannedCell<Input>[]): number[] {
  let group = -1;
  return cells.map(({ together }, i) => {
    if (together === undefined || together !== cells[i - 1]?.together) group++;
    return group;
  });
}

function labelOf({ arm, seed }: Cell): string {
  return [arm, seed].filter((word) => word !== "").join(" ");
}

/**
 * Seconds in which any of the cells was being made, and when the first was begun and the last finished: time in which
 * none was, between two sittings, does not count.
 */
export function spanOf(cells: readonly FinishedCell[]): {
  startedAt: string;
  finishedAt: string;
  durationSeconds: number;
} {
  const times = cells
    .map(({ provenance }) => [provenance.startedAt, provenance.finishedAt].map((time) => Date.parse(time)))
    .sort(([a], [b]) => a - b);
  const first = times[0][0];
  let until = first;
  let total = 0;
  for (const [from, to] of times) {
    total += Math.max(0, to - Math.max(from, until));
    until = Math.max(until, to);
  }
  const iso = (time: number) => new Date(time).toISOString();
  return { startedAt: iso(first), finishedAt: iso(until), durationSeconds: Math.round(total / 1000) };
}
