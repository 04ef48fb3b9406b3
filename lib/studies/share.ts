/** What of a study one process does: a shard of its cells, within a budget of time. */
import { type Cell, cellKey } from "./cell.js";
import { type FinishedCell, finishedCells } from "./store.js";

/** What number `index` (1, 2, …) of `count` gets when cells, or groups of cells that belong together, are dealt out in turn. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** Reads `2/3`. @throws when it is no such thing. */
export function parseShard(text: string): Shard {
  const [, index, count] = (/^(\d+)\/(\d+)$/.exec(text) ?? []).map(Number);
  if (!(index >= 1 && index <= count))
    throw new Error(`shard is "${text}"; write the part and the number of parts, as in 1/3, 2/3, 3/3`);
  return { index, count };
}

/**
 * The cells of a shard. The union of all shards is the whole, and no two have a cell in common, nor cells that belong
 * together. Every second round is dealt backwards, so that of cells that alternate, such as two families of models, no shard
 * gets one kind only.
 */
export function inShard<T extends { readonly together?: string }>(
  cells: readonly T[],
  { index, count }: Shard,
): T[] {
  const words = new Map<unknown, number>();
  for (const cell of cells) words.set(cell.together ?? cell, words.get(cell.together ?? cell) ?? words.size);
  return cells.filter((cell) => {
    const word = words.get(cell.together ?? cell)!;
    const place = word % count;
    return index - 1 === (Math.floor(word / count) % 2 === 0 ? place : count - 1 - place);
  });
}

/** Reads `3h`, `90m`, `1h30m`, `45s` as seconds. @throws when it is no such thing. */
export function parseBudget(text: string): number {
  const [whole, hours = 0, minutes = 0, seconds = 0] = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(text) ?? [];
  if (!whole) throw new Error(`budget is "${text}"; write hours and minutes, as in 3h, 1h30m, 90m`);
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
}

/** What cells cost, learnt from finished ones. */
export interface Costs {
  /**
   * Seconds that a cell takes at most, as far as is known: the largest cost of the same with another seed, in whatever
   * version of its computations, or, if there is none, of the same study, computations and engine; `undefined` if there is
   * none either. The largest, since a cell may have found on disk most of what it is made of.
   */
  estimate(cell: Cell): number | undefined;
  add(finished: FinishedCell): void;
}

/** Costs of the cells in a folder; more can be added. */
export function costsIn(runs: string): Costs {
  const largest = new Map<string, number>();
  const add = (finished: FinishedCell) => {
    const cell = { ...finished, computations: Object.keys(finished.computations) };
    for (const kind of [seedless(cell), similar(cell)])
      largest.set(kind, Math.max(largest.get(kind) ?? 0, finished.provenance.seconds));
  };
  for (const finished of finishedCells(runs)) add(finished);
  return { estimate: (cell) => largest.get(seedless(cell)) ?? largest.get(similar(cell)), add };
}

const seedless = (cell: Cell) =>
  cellKey({ ...cell, seed: 0 }, Object.fromEntries(cell.computations.map((name) => [name, 0])));

const similar = ({ study, computations, engine }: Cell) => JSON.stringify([study, computations, engine]);
