/** CSV files as they should not be: thousands of small ones, damaged at random from a fixed seed. */
import "../../node/world.js";
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import Papa from "papaparse";
import { describeTable } from "./describe.js";
import { parseTable, type TableOptions } from "./load-table.js";
import { newValueNotes, noteLines, tableNotes } from "./notes.js";
import { fitSchema } from "./preprocess.js";
import { tableRecords } from "./records.js";
import { type Table, tableSha256 } from "./table.js";

const source = { title: "test", files: [], notes: [] };
const parse = (text: string, options: TableOptions = {}) => parseTable(text, "my.csv", options, source);
const seed = 11;

const plain = fc.constantFrom("0", "1", "-2.5", "3e4", ".5", "a", "b", "Rome", "x y", "NA", "", "?");
const odd = fc.constantFrom(
  ...["None", "inf", "1,234", "1.234,5", "12%", "$1", "−5", "01234", "1e999", "1e200", "90071992547409931"],
  ...[
    '"',
    '""',
    '"a"',
    "a\nb",
    "\u0007",
    "\u202e",
    "é",
    "2024-01-31",
    "\ufeff",
    " 7 ",
    "__proto__",
    "1".repeat(400),
  ],
);
const cell = fc.oneof({ weight: 6, arbitrary: plain }, { weight: 1, arbitrary: odd });
const grid = fc
  .record({ columns: fc.integer({ min: 1, max: 4 }), rows: fc.integer({ min: 1, max: 8 }) })
  .chain(({ columns, rows }) =>
    fc.array(fc.array(cell, { minLength: columns, maxLength: columns }), {
      minLength: rows,
      maxLength: rows,
    }),
  );
const names = ["age", "town", "constructor", "a, b"];
const piece = fc.constantFrom(
  ",",
  ";",
  "\t",
  "|",
  " ",
  ":",
  '"',
  "\n",
  "\r",
  "\r\n",
  "\0",
  "\ufeff",
  "a",
  "9",
  "-",
);
const damage = fc.array(
  fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), drop: fc.nat(2), insert: piece }),
  { maxLength: 3 },
);
const someOptions: fc.Arbitrary<TableOptions> = fc.record(
  {
    target: fc.constantFrom(...names),
    categorical: fc.subarray(names, { maxLength: 1 }),
    numeric: fc.subarray(names, { maxLength: 1 }),
    ignore: fc.subarray([...names, "nobody"], { maxLength: 1 }),
    missing: fc.subarray(["", "None", "0", "\u0007"]),
    delimiter: fc.constantFrom(",", ";", "\t", " ", ":", "ab", ""),
    header: fc.constant(false as const),
  },
  { requiredKeys: [] },
);

const options = fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: someOptions });

/** The table as CSV with a header, quoted where need be. */
function written(rows: readonly (readonly unknown[])[], header: readonly string[] = names): string {
  const fields = header.slice(0, rows[0].length);
  const data = rows.map((row) => row.map((cell) => cell ?? ""));
  return Papa.unparse({ fields, data }, { newline: "\n", quotes: rows[0].length === 1 });
}

/** What comes out, or the one sentence that says why nothing does. */
function outcome(text: string, some: TableOptions): Table | undefined {
  try {
    const table = parse(text, some);
    describeTable(table);
    const lines = noteLines([...tableNotes(table), ...newValueNotes(fitSchema(table), table)]);
    for (const line of lines) checkSentence(line);
    return table;
  } catch (error) {
    assert.ok(error instanceof Error && Object.getPrototypeOf(error) === Error.prototype, String(error));
    const { message } = error;
    assert.match(message, /my\.csv|"my"|the column ".*" is in categorical and in numeric|row \d+, column/);
    checkSentence(message);
    return undefined;
  }
}

function checkSentence(text: string): void {
  assert.ok(text.length < 2000, text);
  assert.doesNotMatch(text, /[\p{Cc}\p{Cs}\u202e\ufeff]/u);
}

test("a damaged file is read or refused in one short sentence, never otherwise", () => {
  let read = 0;
  const property = fc.property(grid, damage, options, (rows, damages, some) => {
    let text = written(rows);
    for (const { at, drop, insert } of damages) {
      const place = Math.floor(at * text.length);
      text = text.slice(0, place) + insert + text.slice(place + drop);
    }
    if (outcome(text, some)) read++;
  });
  const runs = 3000;
  fc.assert(property, { seed, numRuns: runs });
  assert.ok(read > runs / 50 && read < runs / 2, `${read} of ${runs} were read`);
});

const readable = (rows: readonly (readonly string[])[]) => outcome(written(rows), {}) !== undefined;

test("a table that is written and read again is the same table", () => {
  fc.assert(
    fc.property(grid.filter(readable), (rows) => {
      const table = parse(written(rows));
      const again = written(
        tableRecords(table).map((record) => table.columns.map(({ name }) => record[name])),
      );
      assert.equal(tableSha256(parse(again)), tableSha256(table));
    }),
    { seed, numRuns: 300 },
  );
});

test("types depend neither on the order of the rows nor on rows without anything", () => {
  const kinds = (rows: readonly (readonly string[])[]) =>
    parse(written(rows)).columns.map(({ kind }) => kind);
  fc.assert(
    fc.property(grid.filter(readable), fc.infiniteStream(fc.nat()), (rows, numbers) => {
      const shuffled = rows
        .map((row) => ({ row, at: numbers.next().value }))
        .sort((a, b) => a.at - b.at)
        .map(({ row }) => row);
      assert.deepEqual(kinds(shuffled), kinds(rows));
      assert.deepEqual(kinds([...rows, rows[0].map(() => "NA"), rows[0].map(() => "")]), kinds(rows));
    }),
    { seed, numRuns: 300 },
  );
});

test("a number is read as Number reads it, however it is written", () => {
  const whole = fc.integer().map(String);
  const number = fc.oneof(
    fc.double({ noNaN: true, min: -1e38, max: 1e38 }).map(String),
    fc.double({ noNaN: true, min: -1e20, max: 1e20 }).map((value) => value.toFixed(3)),
    fc.double({ noNaN: true, min: -1e30, max: 1e30 }).map((value) => value.toExponential()),
    fc
      .tuple(fc.constantFrom("", "+", "-"), fc.nat(), fc.constantFrom("", ".", ".50"))
      .map((parts) => parts.join("")),
    whole,
  );
  fc.assert(
    fc.property(fc.array(number, { minLength: 1, maxLength: 10 }), (cells) => {
      const [x] = parse(written(cells.map((text) => [text, "y"])), { numeric: ["age"] }).columns;
      assert.ok(x.kind === "numeric");
      assert.deepEqual([...x.values], cells.map(Number));
    }),
    { seed, numRuns: 300 },
  );
});
