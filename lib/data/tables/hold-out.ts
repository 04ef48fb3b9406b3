/** Rows kept out of training, told apart by what they hold: the same in any order and among any others. */
import { fold, seedKey, uniforms } from "../../engine/random.js";
import { type Table, takeTableRows } from "./table.js";

/** Which rows are held out: those whose draw is at most `below`. */
export interface HoldOut {
  /** Share of the rows that was asked for. */
  readonly share: number;
  readonly seed: number;
  readonly below: number;
}

/**
 * Chooses rows to hold out. Equal rows have equal draws, so that none stands on both sides; those at the edge are held
 * out when that comes closer to the share, or nothing else would be.
 * @param share of the rows, at least 0 and below 1
 * @throws when the share is out of range, or so large that no row is left to train on.
 */
export function chooseHoldOut(table: Table, share: number, seed: number): HoldOut {
  if (!(share >= 0 && share < 1))
    throw new Error(`the share to hold out is ${share}; use a number of at least 0 and below 1`);
  const draws = rowDraws(
    table,
    table.columns.map(({ name }) => name),
    seed,
  );
  const count = Math.round(share * table.rows);
  const sorted = draws.slice().sort();
  const edge = sorted[count - 1] ?? -1;
  const [before, upTo] = [sorted.filter((draw) => draw < edge), sorted.filter((draw) => draw <= edge)];
  const below =
    before.length > 0 && count - before.length < upTo.length - count ? before[before.length - 1] : edge;
  if (draws.every((draw) => draw <= below))
    throw new Error(
      `holding out ${share} of ${table.rows} rows leaves none to train on, since equal rows stay together; hold out less`,
    );
  return { share, seed, below };
}

/**
 * The rows on either side, ascending.
 * @param names of the columns that the choice was made by; others are not looked at
 * @throws naming the column that the table lacks.
 */
export function splitHoldOut(
  table: Table,
  names: readonly string[],
  { seed, below }: HoldOut,
): { readonly kept: Int32Array; readonly heldOut: Int32Array } {
  const draws = rowDraws(table, names, seed);
  const rows = Int32Array.from(draws, (_, row) => row);
  return {
    kept: rows.filter((row) => draws[row] > below),
    heldOut: rows.filter((row) => draws[row] <= below),
  };
}

/** The table without the rows held out. */
export function withoutHeldOut(table: Table, holdOut: HoldOut): Table {
  const names = table.columns.map(({ name }) => name);
  const { kept, heldOut } = splitHoldOut(table, names, holdOut);
  return heldOut.length === 0 ? table : takeTableRows(table, kept);
}

/** A number from [0, 1) for each row, decided by the row's cells and the seed: `[rows]`. */
function rowDraws({ name, rows, columns }: Table, names: readonly string[], seed: number): Float64Array {
  const key = fold(seedKey(seed), "hold out");
  const chosen = [...names].sort().map((wanted) => {
    const column = columns.find((candidate) => candidate.name === wanted);
    if (!column) throw new Error(`the table "${name}" has no column "${wanted}"`);
    return column;
  });
  return Float64Array.from({ length: rows }, (_, row) => {
    const cells = chosen.map((column) =>
      column.kind === "numeric" ? String(column.values[row]) : (column.categories[column.codes[row]] ?? null),
    );
    return uniforms(fold(key, JSON.stringify(cells)), 1)[0];
  });
}
