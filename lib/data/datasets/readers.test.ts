/** Each reader on a few lines in its file's original format. */
import "../../node/world.js";
import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import XLSX from "xlsx";
import { tableRecords } from "../tables/records.js";
import { categoricalColumns, numericColumns, type Table, tableSha256 } from "../tables/table.js";
import { adult } from "./adult.js";
import { bankMarketing } from "./bank-marketing.js";
import { covertype } from "./covertype.js";
import { creditDefault } from "./credit-default.js";
import type { DataSet } from "./data-set.js";
import { electricity } from "./electricity.js";

function read(dataSet: DataSet, files: Record<string, string | Uint8Array>, seed = 1): Table {
  const originals = new Map(Object.entries(files).map(([name, content]) => [name, Buffer.from(content)]));
  return dataSet.read(originals, { title: dataSet.title, files: [], notes: [] }, seed);
}

const kinds = (table: Table) => [numericColumns(table).length, categoricalColumns(table).length];

test("Adult: data and test file follow each other, the remark and the full stops fall away, ? is missing", () => {
  const table = read(adult, {
    "adult.data": `39, State-gov, 77516, Bachelors, 13, Never-married, Adm-clerical, Not-in-family, White, Male, 2174, 0, 40, United-States, <=50K
52, ?, 209642, HS-grad, 9, Married-civ-spouse, ?, Husband, White, Male, 0, 0, 45, ?, >50K

`,
    "adult.test": `|1x3 Cross validator
25, Private, 226802, 11th, 7, Never-married, Craft-repair, Own-child, Black, Male, 0, 0, 40, United-States, <=50K.
44, Private, 160323, HS-grad, 10, Married-civ-spouse, Sales, Husband, Black, Male, 7688, 0, 40, United-States, >50K.

`,
  });
  assert.deepEqual(kinds(table), [6, 8]);
  const rows = tableRecords(table);
  assert.deepEqual(
    rows.map(({ age, workclass, income }) => [age, workclass, income]),
    [
      [39, "State-gov", "<=50K"],
      [52, null, ">50K"],
      [25, "Private", "<=50K"],
      [44, "Private", ">50K"],
    ],
  );
  assert.deepEqual([rows[1].occupation, rows[1]["native-country"]], [null, null]);
});

test("Bank Marketing: semicolons and quotes; unknown is a category", () => {
  const table = read(bankMarketing, {
    "bank-full.csv": `"age";"job";"balance";"month";"y"
58;"management";2143;"may";"no"
44;"unknown";-29;"jun";"yes"
33;"admin.";2;"may";"no"
35;"admin.";231;"jun";"yes"
`,
  });
  assert.deepEqual(kinds(table), [2, 2]);
  assert.deepEqual(tableRecords(table)[1], {
    age: 44,
    job: "unknown",
    balance: -29,
    month: "jun",
    y: "yes",
  });
});

test("Electricity: ARFF, with the day as a category", () => {
  const table = read(electricity, {
    "elecNormNew.arff": `@relation electricity
@attribute date numeric
@attribute day {1,2,3,4,5,6,7}
@attribute nswprice numeric
@attribute class {UP,DOWN}
@data
0,2,0.056443,UP
0,2,0.051699,UP
0.5,3,0.042482,DOWN
0.5,3,0.040861,DOWN
`,
  });
  assert.deepEqual(kinds(table), [2, 1]);
  assert.deepEqual(tableRecords(table)[2], { date: 0.5, day: "3", nswprice: 0.042482, class: "DOWN" });
});

test("Credit Default: an old Excel sheet with two header lines; the ID is left out, codes are categories", () => {
  const header = ["ID", "LIMIT_BAL", "SEX", "EDUCATION", "MARRIAGE", "AGE", "PAY_0"];
  const more = ["PAY_2", "PAY_3", "PAY_4", "PAY_5", "PAY_6", "BILL_AMT1", "default payment next month"];
  const names = [...header, ...more];
  const rows = [
    [1, 20000, 2, 2, 1, 24, 2, 2, -1, -1, -2, -2, 3913, 1],
    [2, 120000, 2, 2, 2, 26, -1, 2, 0, 0, 0, 2, -2682, 1],
    [3, 90000, 1, 2, 2, 34, 0, 0, 0, 0, 0, 0, 29239, 0],
    [4, 50000, 1, 3, 1, 37, 0, 0, 0, 0, 0, 0, 46990, 0],
  ];
  const sheet = XLSX.utils.aoa_to_sheet([["", ...names.slice(1).map((_, i) => `X${i + 1}`)], names, ...rows]);
  const workbook = XLSX.utils.book_new();
  XLSX.utils.book_append_sheet(workbook, sheet, "Data");
  const bytes: Uint8Array = XLSX.write(workbook, { type: "buffer", bookType: "biff8" });
  const table = read(creditDefault, { "default of credit card clients.xls": bytes });
  assert.deepEqual(kinds(table), [3, 9]);
  assert.deepEqual(tableRecords(table)[1], {
    LIMIT_BAL: 120000,
    SEX: "2",
    EDUCATION: "2",
    MARRIAGE: "2",
    AGE: 26,
    PAY_0: "-1",
    PAY_2: "2",
    PAY_3: "0",
    PAY_4: "0",
    PAY_5: "0",
    PAY_6: "2",
    BILL_AMT1: -2682,
    "default payment next month": "1",
  });
});

/** A line of covtype.data whose elevation counts the lines. */
const forest = (i: number) => [2000 + i, ...Array<number>(53).fill(i % 2), 1 + (i % 7)].join(",");
const forests = (count: number) => Array.from({ length: count }, (_, i) => forest(i)).join("\n");

test("Covertype: 10,000 different lines of the whole file, drawn by the seed", () => {
  const whole = { "covtype.data.gz": gzipSync(`${forests(12_000)}\n`) };
  const table = read(covertype, whole);
  assert.equal(table.rows, 10_000);
  assert.deepEqual(kinds(table), [10, 44]);
  const elevations = numericColumns(table)[0].values;
  assert.equal(new Set(elevations).size, 10_000);
  assert.ok(elevations.some((elevation) => elevation >= 13_500));
  assert.deepEqual(
    [...table.labels!.codes.subarray(0, 50)],
    [...elevations.subarray(0, 50)].map((elevation) => (elevation - 2000) % 7),
  );
  assert.equal(tableSha256(read(covertype, whole)), tableSha256(table));
  assert.notEqual(tableSha256(read(covertype, whole, 2)), tableSha256(table));
  assert.deepEqual(table.source.notes, ["rows drawn with seed 1"]);
});

test("Covertype: of the published random sample the first 10,000 lines, whatever the seed", () => {
  const sample = { "covtype_random20000.csv": forests(10_500) };
  const table = read(covertype, sample, 5);
  assert.equal(table.rows, 10_000);
  assert.deepEqual([...numericColumns(table)[0].values.subarray(0, 3)], [2000, 2001, 2002]);
  assert.match(table.source.notes[0], /the seed plays no part/);
});
