import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import fc from "fast-check";
import Papa from "papaparse";
import { missingCells } from "./infer.js";
import { loadTable, parseTable, type TableOptions } from "./load-table.js";
import { tableRecords } from "./records.js";

const folder = mkdtempSync(path.join(tmpdir(), "tables-"));
after(() => rmSync(folder, { recursive: true }));

const source = { title: "test", files: [], notes: [] };
const parse = (text: string, options: TableOptions = {}) => parseTable(text, "my.csv", options, source);
const refuses = (text: string, message: string | RegExp, options: TableOptions = {}) =>
  assert.throws(() => parse(text, options), message instanceof RegExp ? message : { message });

/** A pattern for the text itself. */
const literal = (text: string) => text.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&");

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
    'my.csv, line 3 has 1 cell, the header 2 (separator ","): fill the missing cells, quote cells that hold the separator, or set delimiter (--delimiter)',
  );
  refuses('a,b\n"1\n2\n3",2\n\n3,4,5\n', /^Error: my.csv, line 6 has 3 cells, the header 2/);
});

test("headers with doubled or empty names are refused", () => {
  refuses(
    "a,b,a\n1,2,3\n",
    'my.csv, line 1: the columns 1 and 3 are both called "a"; rename one, or say that the line is data (--no-header)',
  );
  refuses("a,,c\n1,2,3\n", "my.csv, line 1: column 2 has no name; name it in the header");
});

test("files without rows or without anything are refused", () => {
  refuses("a,b\n", "my.csv has a header but no rows; add at least one row of data");
  for (const nothing of ["", "\n\n"])
    refuses(nothing, "my.csv is empty; give a file with a header line and rows");
});

test("a wrong separator is recognised", () => {
  const refusesAs = (text: string, likely: string, options?: TableOptions) =>
    refuses(text, new RegExp(`line 1: the whole header ".*" was read as one column; ${likely}`), options);
  refusesAs("a;b\n1;2\n", `set delimiter: ";" \\(--delimiter ';'\\)$`, { delimiter: "," });
  refusesAs("a\tb\n1\t2\n", `set delimiter: "\\\\t" \\(--delimiter '\\\\t'\\)$`, { delimiter: "," });
  refusesAs("a b\n1 2\n3 4\n", `set delimiter: " " \\(--delimiter ' '\\)$`);
  refusesAs(" a   b\n 1  2\n 3  4", `set delimiter: " "`);
  refusesAs("a b\n1 2 3\n2 3 4\n", `set delimiter: " "`);
  refusesAs("a:b\n1:2\n3:4\n", `set delimiter: ":"`);
  assert.deepEqual(tableRecords(parse("full name\nAnn Lee\nBo\n")), [
    { "full name": "Ann Lee" },
    { "full name": "Bo" },
  ]);
  assert.deepEqual(tableRecords(parse("a b\nx y\n", { delimiter: "," })), [{ "a b": "x y" }]);
  for (const delimiter of ["", "ab", '"', "\n"])
    refuses("a,b\n1,2\n", /cannot be read with the separator ".*"; give a single character/, { delimiter });
});

test("a quote that is not closed is refused with its line", () => {
  refuses('a,b\n\n1,2\n"3,4\n5,6\n', /^Error: my.csv, line 4: a quote \("\) is not closed/);
  refuses('a,b\n1,"2"3\n', /^Error: my.csv, line 2: a quote .* stands inside a cell/);
  assert.deepEqual(tableRecords(parse('a,b\n5" disk, "x, ""y"" "\n')), [{ a: '5" disk', b: 'x, "y"' }]);
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
  refuses(
    ["x,y", ...Array.from({ length: 30 }, (_, row) => `${row},${row % 2 ? 7 : row / 8}`)].join("\n"),
    'my.csv, line 2: the class "0" of the target "y" (16 classes) has one row, too few to split; remove it, merge it with another class, or choose another target',
    { target: "y" },
  );
  refuses(
    ["x,y", ...Array.from({ length: 30 }, (_, row) => `${row},${row / 8}`)].join("\n"),
    'my.csv, line 2: the class "0" of the target "y" (30 classes) has one row, too few to split; it seems to hold numbers, of which each different one would be a class: put them into a few ranges, or choose another target',
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
    'my.csv, line 3, column "x" holds "about 2" (1 of 2 cells are not numbers): correct it, count it as missing (--missing \'about 2\'), or name the column in categorical (--categorical x)',
    { numeric: ["x"] },
  );
  const nearly = Array.from({ length: 40 }, (_, i) => (i === 20 ? "n.a.,1" : `${i},1`));
  refuses(`x,y\n${nearly.join("\n")}`, /line 22, column "x" holds "n.a." \(1 of 40 cells/);
  refuses("x,y\n1e999,1\n", /holds "1e999"/, { numeric: ["x"] });
});

test("decimal commas are refused with the fix", () => {
  refuses(
    "x;y\n1,5;a\n2,25;b\n3;c\n",
    'my.csv, line 2, column "x" holds "1,5" (2 of 3 cells are not numbers): it has a decimal comma: write 1.5, or name the column in categorical (--categorical x)',
  );
});

test("a file that is not there or not UTF-8 is refused", async () => {
  const file = path.join(folder, "latin.csv");
  await assert.rejects(loadTable(file), { message: `there is no file ${file}; check its path` });
  writeFileSync(file, Buffer.from("a\ncaf\xe9\n", "latin1"));
  await assert.rejects(loadTable(file), {
    message: "latin.csv, line 2 is not UTF-8 text; save it as CSV in UTF-8",
  });
});

test("lines may end each in its own way; none is lost", () => {
  const expected = [1, 3, 5, 7].map((a) => ({ a, b: a + 1 }));
  assert.deepEqual(tableRecords(parse("a,b\r\n1,2\n3,4\r5,6\n\r\n7,8")), expected);
  assert.equal(parse("a\r\n1\n2\n3\n").rows, 3);
  refuses("a,b\r1,2\r\n3,4\n5\r", /line 4 has 1 cell/);
});

test("blanks and any other character separate cells when told so; a leading separator makes a column", () => {
  const expected = [
    { a: 1, b: "x" },
    { a: 2, b: "y" },
  ];
  for (const [text, delimiter] of [
    ["  a  b \n1   x\n  2 y  ", " "],
    ["a:b\n1:x\n2:y", ":"],
    ["a·b\n1·x\n2·y", "·"],
  ])
    assert.deepEqual(tableRecords(parse(text, { delimiter })), expected);
  refuses("\ta\n1\t2\n3\t4\n", /line 1: column 1 has no name/);
});

test("the separator that cuts all lines alike is taken", () => {
  const table = parse("price, in EUR;plot, m2;town, county;x,y\n1;2;a;4\n3;4;b;5\n");
  assert.deepEqual(
    table.columns.map(({ name }) => name),
    ["price, in EUR", "plot, m2", "town, county", "x,y"],
  );
  refuses(
    "a,b;c\n1,5;2\n2,5;3\n",
    'my.csv, line 1: "," and ";" cut the first lines alike; say which one separates cells (--delimiter)',
  );
});

test("marks of missing cells among numbers are refused with the option to type, which then helps", () => {
  for (const mark of ["None", "n/a", "#N/A", "-", "NaT", "inf", "nil", "$"]) {
    const text = `x,y\n${Array.from({ length: 10 }, (_, i) => `${i % 5 === 4 ? mark : i},1`).join("\n")}\n`;
    const words = /^[\w/-]+$/.test(mark) ? mark : `'${mark}'`;
    refuses(
      text,
      new RegExp(
        `line 6, column "x" holds "${literal(mark)}" \\(2 of 10 .*count it as missing \\(--missing ${literal(words)}\\), or name the column in categorical \\(--categorical x\\)$`,
      ),
    );
    const [x] = parse(text, { missing: [...missingCells, mark] }).columns;
    assert.ok(x.kind === "numeric" && x.values.filter(Number.isNaN).length === 2);
  }
  const [y] = parse("x,y\n-999.0,1\n2,-999\n", { missing: ["-999"] }).columns;
  assert.ok(y.kind === "numeric" && Number.isNaN(y.values[0]) && y.values[1] === 2);
  refuses("x;y\n1;1\n2;1\nNone;1\nn/a;1", /such cells as missing \(--missing None,n\/a\)/);
});

test("numbers written in another way are refused with what to write", () => {
  const written = {
    "1,234,567": "separators of thousands: write 1234567",
    "1.234,56": "separators of thousands: write 1234.56",
    "1.234.567": "separators of thousands: write 1234567",
    "1 234,5": "separators of thousands: write 1234.5",
    "1'234": "separators of thousands: write 1234",
    "1,100": "a separator of thousands or a decimal comma: write 1100 or 1.100",
    "2,5": "a decimal comma: write 2.5",
    "12%": "a sign: write 12",
    $1: "a sign: write 1",
    "−5": "a typographic minus: write -5",
    "1e999": "no finite number",
  };
  for (const [cell, advice] of Object.entries(written))
    for (const options of [{}, { numeric: ["x"] }])
      refuses(`x;y\n${cell};1\n${cell};2\n7;3\n`, new RegExp(`holds "${literal(cell)}".*${advice}`), options);
  const [x] = parse("x;y\n1,100;1\n", { categorical: ["x"] }).columns;
  assert.ok(x.kind === "categorical" && x.categories[0] === "1,100");
});

test("numbers beyond single precision are refused with line, value and option", () => {
  refuses(
    "x,y\n1,1\n2,1\n1e200,2\n",
    'my.csv, line 4, column "x" holds "1e200", beyond 3.4e+38, the most that a model can compute with: correct it, or count it as missing (--missing 1e200)',
  );
});

test("what a number may have meant is noted", () => {
  const notes = (text: string, options?: TableOptions) =>
    (parse(text, options).notes ?? []).map(({ kind, column, message }) => `${kind} (${column}): ${message}`);
  assert.deepEqual(notes("zip,v\n01234,1.1\n1234,1.10\n0501,2\n"), [
    "leading zeros (zip): numbers lose the zeros that they begin with (01234, 0501): name the column in categorical if they are codes",
    "written differently (zip): 01234, 1234 are read as the same number: name the column in categorical if they are codes",
    "written differently (v): 1.1, 1.10 are read as the same number: name the column in categorical if they are codes",
  ]);
  assert.match(
    notes("n,x\n90071992547409931,1\n", { numeric: ["n"] })[0],
    /beyond 2\^53 \(n\): .* are rounded/,
  );
  assert.deepEqual(notes("zip,v\n01234,1.1\n1234,1.10\n", { numeric: ["zip"], categorical: ["v"] }), []);
  const id = "20831022400369740";
  const ids = parse(`id,x\n${id}0,1\n${id}1,2\n${id}2,2\n`);
  assert.ok(ids.columns[0].kind === "categorical" && ids.columns[0].categories.length === 3);
  assert.match(ids.notes![0].message, /whole numbers beyond 2\^53 .* are read as categories/);
  const [rare] = notes(`id,x\n${id}0,1\n1,2\n2,2\n`);
  assert.match(rare, /beyond 2\^53 \(id\): .* are rounded/);
  assert.deepEqual(notes("x\n1\nlow\nmid\nhigh\n"), [
    "numbers and text (x): 1 of 4 cells are numbers (1), the others text (low, mid, high): all are read as categories",
  ]);
  assert.deepEqual(notes("x\n1\n\n3\n"), [
    'empty lines (undefined): 1 empty line is passed over: write "" for a missing cell',
  ]);
  assert.equal(parse('x\n1\n""\n3\n').rows, 3);
});

test("a first line that is data is noted, and read as data when told so", () => {
  const magic = "28.7,16.0,g\n31.6,11.7,g\n162.1,136.0,h\n";
  const [note] = parse(magic).notes ?? [];
  assert.equal(
    `${note.kind}: ${note.message}`,
    "header: the first line looks like data, not like names (28.7, 16.0, g): if it is, say that there is no header (--no-header)",
  );
  const whole = parse(magic, { header: false });
  assert.deepEqual(tableRecords(whole)[0], { c1: 28.7, c2: 16, c3: "g" });
  assert.deepEqual([whole.rows, whole.notes], [3, undefined]);
  assert.equal(parse("country,2019,2020\nA,1,2\nB,3,4\n").notes, undefined);
  assert.match(
    parse("p,x,s\np,x,s\ne,y,s\np,x,n\ne,x,n", { target: "p" }).notes![0].message,
    /looks like data/,
  );
});

test("names with control characters are quoted, and messages stay short", () => {
  refuses("a\u001b[31m,b\n1,2\n", /has no column "\\u0007" \(ignore\); it has "a\\u001b\[31m", b$/, {
    ignore: ["\u0007"],
  });
  const long = "x".repeat(100_000);
  const header = Array.from({ length: 500 }, (_, i) => `${long.slice(0, 300)}${i}`).join(",");
  for (const text of [
    `${header}\n1\n`,
    `${long},${long}\n1,2\n`,
    `a\n${long}1\n1\n2\n`,
    `${header}\n${header}\n`,
  ])
    assert.throws(
      () => parse(text, { ignore: [long] }),
      ({ message }: Error) => message.length < 2000,
    );
});

test("a cell of 100,000 digits and a letter takes no time", () => {
  const began = performance.now();
  refuses(`x,y\n1,1\n${"1".repeat(100_000)}a,2\n`, /line 3, column "x" holds "1{60}…"/);
  assert.ok(performance.now() - began < 10_000);
});

test("20,000 rows of 20 columns are read within seconds", () => {
  const line = Array.from({ length: 20 }, (_, j) => (j % 4 === 3 ? "red" : `${j}.25`)).join(",");
  const header = Array.from({ length: 20 }, (_, j) => `c${j}`).join(",");
  const began = performance.now();
  assert.equal(parse(`${header}\n${`${line}\n`.repeat(20_000)}`).rows, 20_000);
  assert.ok(performance.now() - began < 5_000);
});
