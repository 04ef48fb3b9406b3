import assert from "node:assert/strict";
import { test } from "node:test";
import { parseTable } from "./load-table.js";
import { newValueNotes, noteLines, tableNotes } from "./notes.js";
import { fitSchema } from "./preprocess.js";

const parse = (text: string) => parseTable(text, "my.csv", {}, { title: "", files: [], notes: [] });
const column = (cells: readonly (string | number)[]) =>
  `v,w\n${cells.map((cell, i) => `${cell},${i / 8}`).join("\n")}`;
const kinds = (text: string) => tableNotes(parse(text)).map(({ kind }) => kind);

test("columns that are no use, dates, very many categories and repeated rows are noted", () => {
  const many = Array.from({ length: 40 }, (_, i) => `n${i % 30}`);
  assert.deepEqual(kinds(column(many)), ["many categories"]);
  assert.deepEqual(kinds(column(["a", "a", "a"])), ["constant"]);
  assert.deepEqual(kinds(column(["", "", ""])), ["empty"]);
  assert.deepEqual(kinds("v,w\n1.5,2\n2.5,2\n1.5,2\n"), ["constant", "repeated rows"]);
  for (const dates of [
    ["2024-01-31", "2024-02-01", "2024-01-31"],
    ["31.1.2024", "1.2.2024", "31.1.2024"],
    ["1/31/24 12:30", "2/1/24 1:00", "1/31/24 12:30"],
    [20240131, 20240201, 20240131],
  ])
    assert.deepEqual(kinds(column(dates)), ["dates"]);
  assert.deepEqual(kinds(column([1.5, 2.5, 3.5, 1.5, 2.25, 9.5])), []);
});

test("a mark of a missing value among numbers is noted with the option to type", () => {
  const numbers = Array.from({ length: 100 }, (_, i) => (i % 10 === 3 ? -99999 : i / 7));
  const [note] = tableNotes(parse(column(numbers)));
  assert.equal(note.kind, "far value");
  assert.equal(
    note.message,
    "-99999 (10 cells) is far from all others (0 … 14.1429): count it as missing if it stands for no value (--missing -99999)",
  );
  const rare = Array.from({ length: 100 }, (_, i) => (i === 7 ? 50 : i % 2));
  assert.deepEqual(kinds(column(rare)), []);
});

test("categories that may mean missing are noted with the option to type", () => {
  const [note, ...others] = tableNotes(parse(column(["red", "None", "blue", "None", "red", "#N/A"])));
  assert.equal(
    `${note.kind}: ${note.message}`,
    "marks of missing cells: #N/A, None (3 cells) is read as a category: count it as missing if it stands for no value (--missing '#N/A,None')",
  );
  assert.deepEqual(others, []);
});

test("lines name the columns of one message together, as they can be printed", () => {
  const table = parse("a,\u001bb,c\n1,2,x\n1,2,y\n");
  assert.deepEqual(noteLines(tableNotes(table)), [
    'note: a, "\\u001bb": constant: name it in ignore',
    "note: c: different in every row: name it in ignore if it is an identifier",
  ]);
});

test("what a model did not meet in training is counted by column", () => {
  const schema = fitSchema(parse("age,town,flag\n20,Rome,x\n40,Oslo,\n30,Rome,y\n"));
  const lines = (text: string) => noteLines(newValueNotes(schema, parse(text)));
  assert.deepEqual(lines("age,town,flag\n25,Rome,x\n55,Oslo,\n"), []);
  assert.deepEqual(lines("age,town,flag\n25,Ulm,x\n3000,Oslo,\n31,,z\n1,Bern,y"), [
    "note: age: 1 of 4 numbers lie far outside of those trained on (20 … 40): 3000",
    "note: town: 2 of 3 cells have categories not seen in training: Bern, Ulm",
    "note: town: 1 cell missing, where none was in training",
    "note: flag: 1 of 3 cells have categories not seen in training: z",
  ]);
  const fixed = fitSchema(parse("k,y\n0.1,1\n0.1,2\n0.1,3\n"));
  assert.deepEqual(noteLines(newValueNotes(fixed, parse("k,y\n0.1,2.5\n0.2,2.5\n"))), [
    "note: k: 1 of 2 numbers lie far outside of those trained on (0.1 in every row): 0.2",
  ]);
});
