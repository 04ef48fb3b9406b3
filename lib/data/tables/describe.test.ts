import assert from "node:assert/strict";
import { test } from "node:test";
import { describeTable } from "./describe.js";
import { parseTable } from "./load-table.js";

test("a description says type, range or categories, missing cells and what to look at", () => {
  const text = `id,age,town,kind,weight,gone,pays
a1,31,Rome,x,1.25,,yes
a2,?,Oslo,x,2.5,,no
a3,45,?,x,3.75,,yes
a4,31,Oslo,x,0.1234567,,no
`;
  const table = parseTable(text, "my.csv", { target: "pays" }, { title: "", files: [], notes: [] });
  const lines = describeTable(table).map(({ column, type, values, missing, note }) => [
    column,
    type,
    values,
    missing,
    note,
  ]);
  assert.deepEqual(lines, [
    [
      "id",
      "categorical",
      "4 categories: a1, a2, a3, a4",
      0,
      "different in every row: name it in ignore if it is an identifier",
    ],
    ["age", "numeric", "31 … 45", 1, ""],
    ["town", "categorical", "2 categories: Oslo, Rome", 1, ""],
    ["kind", "categorical", "1 category: x", 0, "constant: name it in ignore"],
    ["weight", "numeric", "0.123457 … 3.75", 0, ""],
    ["gone", "numeric", "", 4, "no value: name it in ignore"],
    ["pays", "target", "2 classes: no (2), yes (2)", 0, ""],
  ]);
});

test("long category lists are cut; whole numbers that count the rows are an identifier", () => {
  const rows = Array.from({ length: 9 }, (_, i) => `${i + 100},c${i}`);
  const table = parseTable(`n,c\n${rows.join("\n")}`, "my.csv", {}, { title: "", files: [], notes: [] });
  const [n, c] = describeTable(table);
  assert.match(n.note, /^different in every row/);
  assert.equal(c.values, "9 categories: c0, c1, c2, c3, c4, c5, …");
});
