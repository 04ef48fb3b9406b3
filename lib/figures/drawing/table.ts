import { printable } from "../../files/printable.js";
import { cellDisplay } from "./display.js";
import { escapeHtml } from "./figure-html.js";

/** The parts of a danfojs `DataFrame` that a table shows. */
export interface DataFrameLike {
  columns: string[];
  values: unknown[];
  index: (string | number)[];
}

/** A cell that says more than one text. */
export interface MarkedCell {
  readonly text: string;
  /** Raised, of one of the table's notes. */
  readonly letter?: string;
  /** Below, in smaller type. */
  readonly under?: string;
  /** A colour light enough for dark text. */
  readonly background?: string;
}

/** How `table` shows its cells. */
export interface TableOptions {
  /** Significant digits of numbers that are not whole; 4 by default. */
  digits?: number;
  caption?: string;
  /** Opened by a click on the caption, where the table is shown as HTML. */
  folded?: boolean;
  /** Lines below the table. */
  notes?: readonly string[];
  /** Most rows shown; 50 by default. */
  max?: number;
}

/** Cells as texts, with the columns whose cells all look like numbers. */
interface TextTable {
  header: string[];
  rows: MarkedCell[][];
  numeric: boolean[];
  caption: string | undefined;
  notes: readonly string[];
  hiddenRows: number;
}

/**
 * Shows a danfojs data frame or an array of plain objects as a table: as the notebook cell's output, or as
 * text on standard output outside a notebook. A `MarkedCell` is shown with its marks.
 */
export function table(rows: DataFrameLike | readonly object[], options: TableOptions = {}): void {
  const display = cellDisplay();
  const text = tableText(rows, options);
  if (display) display({ data: { "text/html": tableHtml(rows, options), "text/plain": text } });
  else console.log(text);
}

/** The table as HTML: everything escaped, number columns on the right. */
export function tableHtml(rows: DataFrameLike | readonly object[], options: TableOptions = {}): string {
  const { header, rows: body, numeric, caption, notes, hiddenRows } = textTable(rows, options);
  const style = (cell: MarkedCell, i: number) =>
    [
      `text-align:${numeric[i] ? "right;white-space:nowrap" : "left"};padding:2px 10px`,
      ...(cell.background ? [`background:${escapeHtml(cell.background)};color:#222222`] : []),
    ].join(";");
  const row = (tag: "th" | "td", cells: readonly MarkedCell[]) =>
    `<tr>${cells.map((cell, i) => `<${tag} style="${style(cell, i)}">${cellHtml(cell)}</${tag}>`).join("")}</tr>`;
  const isFolded = options.folded === true && caption !== undefined;
  const top =
    caption && !isFolded
      ? `<caption style="caption-side:top;text-align:left">${escapeHtml(caption)}</caption>`
      : "";
  const across = (text: string) => `<tr><td colspan="${header.length}">${text}</td></tr>`;
  const rest = hiddenRows > 0 ? across(moreRows(hiddenRows)) : "";
  const foot = notes.length > 0 ? `<tfoot>${across(notes.map(escapeHtml).join("<br>"))}</tfoot>` : "";
  const head = row(
    "th",
    header.map((text) => ({ text })),
  );
  const whole = `<table class="dataframe" style="border-collapse:collapse">${top}<thead>${head}</thead><tbody>${body.map((cells) => row("td", cells)).join("")}${rest}</tbody>${foot}</table>`;
  return isFolded ? `<details><summary>${escapeHtml(caption)}</summary>${whole}</details>` : whole;
}

/** The table as aligned text that is a Markdown table as well. */
export function tableText(rows: DataFrameLike | readonly object[], options: TableOptions = {}): string {
  const { header, rows: body, numeric, caption, notes, hiddenRows } = textTable(rows, options);
  const cells = [header, ...body.map((row) => row.map(oneLine))].map((row) =>
    row.map((cell) => printable(cell.replace(/[|\n]/g, markdownEscape))),
  );
  const widths = header.map((_, i) => Math.max(3, ...cells.map((row) => characters(row[i]))));
  const line = (row: string[]) =>
    `| ${row.map((cell, i) => padded(cell, widths[i], numeric[i])).join(" | ")} |`;
  const rule = widths.map((width, i) => (numeric[i] ? `${"-".repeat(width - 1)}:` : "-".repeat(width)));
  return [
    ...(caption ? [caption, ""] : []),
    line(cells[0]),
    line(rule),
    ...cells.slice(1).map(line),
    ...(hiddenRows > 0 ? ["", moreRows(hiddenRows)] : []),
    ...notes.flatMap((note) => ["", printable(note)]),
  ].join("\n");
}

function cellHtml({ text, letter, under }: MarkedCell): string {
  const raised = letter === undefined ? "" : `<sup>${escapeHtml(letter)}</sup>`;
  const below = under === undefined ? "" : `<br><small>${escapeHtml(under)}</small>`;
  return `${escapeHtml(text)}${raised}${below}`;
}

function oneLine({ text, letter, under }: MarkedCell): string {
  return `${text}${letter === undefined ? "" : ` (${letter})`}${under === undefined ? "" : ` | ${under}`}`;
}

function textTable(input: DataFrameLike | readonly object[], options: TableOptions): TextTable {
  const { digits = 4, caption, notes = [], max = 50 } = options;
  const { header, values } = isRowArray(input) ? fromRows(input) : fromDataFrame(input);
  const rows = values.slice(0, max).map((row) => row.map((value) => markedCell(value, digits)));
  const numeric = header.map((_, i) => rows.length > 0 && rows.every((row) => looksNumeric(row[i].text)));
  return { header, rows, numeric, caption, notes, hiddenRows: values.length - rows.length };
}

function isRowArray(input: DataFrameLike | readonly object[]): input is readonly object[] {
  return Array.isArray(input);
}

function fromRows(rows: readonly object[]): { header: string[]; values: unknown[][] } {
  const header = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return { header, values: rows.map((row) => header.map((key) => (row as Record<string, unknown>)[key])) };
}

/** The frame's index becomes the first column, unless it only counts the rows. */
function fromDataFrame(frame: DataFrameLike): { header: string[]; values: unknown[][] } {
  const values = frame.values as unknown[][];
  if (frame.index.every((label, i) => label === i)) return { header: frame.columns, values };
  return {
    header: ["", ...frame.columns],
    values: values.map((row, i) => [frame.index[i], ...row]),
  };
}

function markedCell(value: unknown, digits: number): MarkedCell {
  const marked = typeof value === "object" && value !== null && "text" in value;
  return marked ? (value as MarkedCell) : { text: cellText(value, digits) };
}

function cellText(value: unknown, digits: number): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number" && !Number.isInteger(value)) return String(Number(value.toPrecision(digits)));
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function looksNumeric(cell: string): boolean {
  return /^(NaN|-?Infinity|[-+−]?[\d.][\d.,e+−\-±%() ]*)?$/.test(cell);
}

function markdownEscape(character: string): string {
  return character === "|" ? "\\|" : " ";
}

function characters(text: string): number {
  return [...text].length;
}

function padded(cell: string, width: number, right: boolean): string {
  const space = " ".repeat(width - characters(cell));
  return right ? space + cell : cell + space;
}

function moreRows(count: number): string {
  return `… ${count} more ${count === 1 ? "row" : "rows"}`;
}
