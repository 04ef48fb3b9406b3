/** Rows kept out of training, told apart by what they hold: the same in any order and among any others. */
import { fold, seedKey, uniforms } from "../../engine/random.js";
import { columnNamed, type Table, takeTableRows } from "./table.js";

/** Which rows are held out: those whose draw is from `from` to `to`. */
export interface HoldOut {
  /** Share of the rows that was asked for. */
  readonly share: number;
  readonly seed: number;
  readonly from: number;
  readonly to: number;
}

/**
 * Chooses rows to hold out. Equal rows have equal draws, so that none stands on both sides; a row that is repeated more often
 * than there are rows to hold out is trained on.
 * @param share of the rows, at least 0 and below 1; rounded to whole rows, and as near as equal rows allow
 * @throws when the share is out of range, or no row is left to train on, since all are equal or the share is too large.
 */
export function chooseHoldOut(table: Table, share: number, seed: number): HoldOut {
  if (!(share >= 0 && share < 1))
    throw new Error(`the share to hold out is ${share}; use a number of at least 0 and below 1`);
  const wanted = Math.round(share * table.rows);
  if (wanted === 0) return { share, seed, from: 1, to: 0 };
  const names = table.columns.map(({ name }) => name);
  const groups = groupsOf(rowDraws(table, names, seed));
  if (groups.length === 1 || wanted === table.rows)
    throw new Error(
      `holding out ${share} of ${table.rows} rows leaves none to train on, since equal rows stay together; hold out less`,
    );
  const { first, last } = nearestRun(
    groups.map(({ rows }) => rows),
    wanted,
  );
  return { share, seed, from: groups[first].draw, to: groups[last].draw };
}

/** Equal draws, ascending, and how many rows have each. */
function groupsOf(draws: Float64Array): { readonly draw: number; readonly rows: number }[] {
  const counts = new Map<number, number>();
  for (const draw of draws.slice().sort()) counts.set(draw, (counts.get(draw) ?? 0) + 1);
  return Array.from(counts, ([draw, rows]) => ({ draw, rows }));
}

/** The first run of neighbours, not of all, whose sum is nearest to `wanted`. */
function nearestRun(
  counts: readonly number[],
  wanted: number,
): { readonly first: number; readonly last: number } {
  let best = { first: 0, last: 0, distance: Number.POSITIVE_INFINITY };
  const consider = (first: number, last: number, sum: number) => {
    const distance = Math.abs(sum - wanted);
    const part = last >= first && last - first + 1 < counts.length;
    if (part && distance < best.distance) best = { first, last, distance };
  };
  let [last, sum] = [-1, 0];
  for (let first = 0; first < counts.length && best.distance > 0; first++) {
    while (sum < wanted && last + 1 < counts.length) sum += counts[++last];
    consider(first, last, sum);
    consider(first, last - 1, sum - counts[last]);
    sum -= counts[first];
  }
  return best;
}

/**
 * The rows on either side, ascending.
 * @param names of the columns that the choice was made by; others are not looked at
 * @throws naming the column that the table lacks.
 */
export function splitHoldOut(
  table: Table,
  names: readonly string[],
  { seed, from, to }: HoldOut,
): { readonly kept: Int32Array; readonly heldOut: Int32Array } {
  const draws = rowDraws(table, names, seed);
  const rows = Int32Array.from(draws, (_, row) => row);
  const isHeldOut = (row: number) => draws[row] >= from && draws[row] <= to;
  return { kept: rows.filter((row) => !isHeldOut(row)), heldOut: rows.filter(isHeldOut) };
}

/** The table without the rows held out. */
export function withoutHeldOut(table: Table, holdOut: HoldOut): Table {
  const names = table.columns.map(({ name }) => name);
  const { kept, heldOut } = splitHoldOut(table, names, holdOut);
  return heldOut.length === 0 ? table : takeTableRows(table, kept);
}

/** Whether no row differs from another. */
export function allRowsEqual(table: Table): boolean {
  const names = table.columns.map(({ name }) => name);
  let first: string | undefined;
  for (const content of rowContents(table, names)) {
    first ??= content;
    if (content !== first) return false;
  }
  return true;
}

/** A number from [0, 1) for each row, decided by the row's cells and the seed: `[rows]`. */
function rowDraws(table: Table, names: readonly string[], seed: number): Float64Array {
  const key = fold(seedKey(seed), "hold out");
  return Float64Array.from(rowContents(table, names), (content) => uniforms(fold(key, content), 1)[0]);
}

/**
 * What each row holds in the named columns, whatever their order, as a text: equal rows have equal ones, in any table.
 * @throws naming the column that the table lacks.
 */
export function* rowContents(table: Table, names: readonly string[]): Generator<string> {
  const chosen = [...names].sort().map((name) => columnNamed(table, name));
  for (let row = 0; row < table.rows; row++)
    yield JSON.stringify(
      chosen.map((column) =>
        column.kind === "numeric"
          ? String(column.values[row])
          : (column.categories[column.codes[row]] ?? null),
      ),
    );
}
