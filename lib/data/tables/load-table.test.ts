import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import fc from "fast-check";
import Papa from "papaparse";
import { loadTable, parseTable, type TableOptions } from "./load-table.js";
import { tableRecords } from "./records.js";

const folder = mkdtempSync(path.join(tmpdir(), "tables-"));
after(() => rmSync(folder, { recursive: true }));

const source = { title: "test", files: [], notes: [] };
const parse = (text: string, options: TableOptions = {}) => parseTable(text, "my.csv", options, source);
const refuses = (text: string, message: string | RegExp, options: TableOptions = {}) =>
  assert.throws(() => parse(text, options), message instanceof RegExp ? message : { message });

const people = `name,age,town,pays
Ann,31,Rome,yes
"Bo, junior",,Oslo,no
Cy,4.5e1,?,yes
Di,-2,Oslo,no
`;

test("types are inferred, missing cells kept, classes taken from the target", () => {
  const table = parse(people, { target: "pays" });
  assert.deepEqual(tableRecords(table), [
    { name: "Ann", age: 31, town: "Rome", pays: "yes" },
    { name: "Bo, junior", age: null, town: "Oslo", pays: "no" },
    { name: "Cy", age: 45, town: null, pays: "yes" },
    { name: "Di", age: -2, town: "Oslo", pays: "no" },
  ]);
  assert.deepEqual(
    table.columns.map(({ kind }) => kind),
    ["categorical", "numeric", "categorical"],
  );
  assert.deepEqual(table.labels?.classes, ["no", "yes"]);
  assert.deepEqual([...table.labels!.codes], [1, 0, 1, 0]);
});

test("a column of numbers is categorical when named so, its categories in order of value", () => {
  const [code] = parse("code,x\n10,1\n9,2\n10,3\n", { categorical: ["code"] }).columns;
  assert.ok(code.kind === "categorical");
  assert.deepEqual(
    [code.categories, [...code.codes]],
    [
      ["9", "10"],
      [1, 0, 1],
    ],
  );
});

test("separators are found, line endings and a byte-order mark do not matter, empty lines are passed over", async () => {
  const expected = [
    { a: 1, b: "x" },
    { a: 2, b: "y" },
  ];
  for (const separator of [",", ";", "\t", "|"])
    assert.deepEqual(tableRecords(parse(`a,b\r\n1,x\r\n\r\n2,y\r\n`.replaceAll(",", separator))), expected);
  const file = path.join(folder, "marked.csv");
  writeFileSync(file, "\ufeffa,b\n1,x\n2,y");
  const table = await loadTable(file);
  assert.deepEqual(tableRecords(table), expected);
  assert.equal(table.name, "marked");
  assert.match(table.source.files[0].sha256, /^[0-9a-f]{64}$/);
});

test("the caller's missing cells replace the usual ones; ignored columns are left out", () => {
  const table = parse("id,x,y\n1,-,?\n2,3,q\n", { missing: ["-"], ignore: ["id"] });
  assert.deepEqual(tableRecords(table), [
    { x: null, y: "?" },
    { x: 3, y: "q" },
  ]);
});

test("what is written as CSV is read back", () => {
  const cell = fc.string({ unit: fc.constantFrom("a", "B", ",", '"', "\n", "é", " x ", "1") });
  fc.assert(
    fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 8 }), (rows) => {
      const text = Papa.unparse({ fields: ["p", "q"], data: rows }, { newline: "\n" });
      const table = parse(text, { delimiter: ",", categorical: ["p", "q"], missing: [] });
      assert.deepEqual(
        tableRecords(table),
        rows.map(([p, q]) => ({ p: p.trim(), q: q.trim() })),
      );
    }),
  );
});

test("ragged rows are refused with their line, also after a cell of several lines", () => {
  refuses(
    "a,b\n1,2\n3\n",
    'my.csv, line 3 has 1 cells, the header 2 (separator ","): fill the missing cells, quote cells that hold the separator, or set delimiter',
  );
  refuses('a,b\n"1\n2\n3",2\n\n3,4,5\n', /^Error: my.csv, line 6 has 3 cells, the header 2/);
});

test("headers with doubled or empty names are refused", () => {
  refuses("a,b,a\n1,2,3\n", 'my.csv, line 1: the columns 1 and 3 are both called "a"; rename one');
  refuses("a,,c\n1,2,3\n", "my.csv, line 1: column 2 has no name; name it in the header");
});

test("files without rows or without anything are refused", () => {
  refuses("a,b\n", "my.csv has a header but no rows; add at least one row of data");
  for (const nothing of ["", "\n\n"])
    refuses(nothing, "my.csv is empty; give a file with a header line and rows");
});

test("a wrong separator is recognised", () => {
  refuses("a;b\n1;2\n", 'my.csv, line 1: the whole header "a;b" was read as one column; set delimiter: ";"', {
    delimiter: ",",
  });
});

test("a quote that is not closed is refused with its line", () => {
  refuses('a,b\n\n1,2\n"3,4\n5,6\n', /^Error: my.csv, line 4: a quote \("\) is not closed/);
});

test("options that name no column are refused with the columns there are", () => {
  for (const options of [{ target: "z" }, { categorical: ["z"] }, { numeric: ["z"] }, { ignore: ["z"] }])
    refuses(
      "a,b\n1,2\n",
      `my.csv has no column "z" (${Object.keys(options)[0]}); it has a, b`,
      options as TableOptions,
    );
  refuses("a,b\n1,2\n", 'the column "a" is in categorical and in numeric; name it in one', {
    categorical: ["a"],
    numeric: ["a"],
  });
  refuses("a\nx\n", "my.csv has no column beside target and ignored ones; give at least one feature", {
    target: "a",
  });
});

test("targets that cannot be learnt are refused", () => {
  refuses(
    "x,y\n1,a\n2,b\n3,a\n",
    'my.csv, line 3: the class "b" of the target "y" (2 classes) has one row, too few to split; remove it, merge it with another class, or choose another target',
    { target: "y" },
  );
  refuses("x,y\n1,a\n2,\n", 'my.csv, line 3: the target "y" is missing; remove such rows', { target: "y" });
  refuses("x,y\n1,a\n2,a\n", /the target "y" is "a" in every row; choose a target with two or more classes/, {
    target: "y",
  });
});

test("text among numbers is refused with its line", () => {
  refuses(
    "x,y\n1,1\nabout 2,1\n",
    'my.csv, line 3, column "x" holds "about 2" (1 of 2 cells are not numbers): correct it, add it to missing, or name the column in categorical',
    { numeric: ["x"] },
  );
  const nearly = Array.from({ length: 40 }, (_, i) => (i === 20 ? "n.a.,1" : `${i},1`));
  refuses(`x,y\n${nearly.join("\n")}`, /line 22, column "x" holds "n.a." \(1 of 40 cells/);
  refuses("x,y\n1e999,1\n", /holds "1e999"/, { numeric: ["x"] });
});

test("decimal commas are refused with the fix", () => {
  refuses(
    "x;y\n1,5;a\n2,25;b\n3;c\n",
    'my.csv, line 2, column "x" holds "1,5": write numbers with a decimal point, or name the column in categorical',
  );
});

test("a file that is not there or not UTF-8 is refused", async () => {
  const file = path.join(folder, "latin.csv");
  await assert.rejects(loadTable(file), { message: `there is no file ${file}; check its path` });
  writeFileSync(file, Buffer.from("a\ncaf\xe9\n", "latin1"));
  await assert.rejects(loadTable(file), {
    message: "latin.csv is not UTF-8 text; save it as CSV in UTF-8",
  });
});

test("20,000 rows of 20 columns are read within seconds", () => {
  const line = Array.from({ length: 20 }, (_, j) => (j % 4 === 3 ? "red" : `${j}.25`)).join(",");
  const header = Array.from({ length: 20 }, (_, j) => `c${j}`).join(",");
  const began = performance.now();
  assert.equal(parse(`${header}\n${`${line}\n`.repeat(20_000)}`).rows, 20_000);
  assert.ok(performance.now() - began < 5_000);
});
