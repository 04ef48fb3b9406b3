import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  decodeFeatures,
  describeSchema,
  encodeTable,
  fitSchema,
  slotCount,
  type TableSchema,
} from "./preprocess.js";
import { tableOfRecords, tableRecords } from "./records.js";
import type { Table } from "./table.js";

const source = { title: "test", files: [], notes: [] };

/** Columns in mixed order: colour, size, shape (nothing missing). */
const table: Table = {
  name: "shop",
  rows: 4,
  columns: [
    {
      name: "colour",
      kind: "categorical",
      categories: ["blue", "red"],
      codes: Int32Array.of(1, 0, -1, 1),
    },
    { name: "size", kind: "numeric", values: Float64Array.of(1, 3, Number.NaN, 5) },
    { name: "fixed", kind: "numeric", values: Float64Array.of(7, 7, 7, 7) },
    { name: "shape", kind: "categorical", categories: ["disc"], codes: Int32Array.of(0, 0, 0, 0) },
  ],
  labels: { name: "sold", classes: ["no", "yes"], codes: Int32Array.of(0, 1, 1, 0) },
  source,
};
const schema = fitSchema(table);
const std = Math.sqrt(8 / 3);

test("a schema holds mean and standard deviation of what is present, category lists and counts of missing", () => {
  assert.deepEqual(schema, {
    numeric: [
      { name: "size", mean: 3, std, missing: 1, range: [1, 5], whole: true },
      { name: "fixed", mean: 7, std: 1, missing: 0, range: [7, 7], whole: true },
    ],
    categorical: [
      { name: "colour", categories: ["blue", "red"], missing: 1 },
      { name: "shape", categories: ["disc"], missing: 0 },
    ],
    labels: { name: "sold", classes: ["no", "yes"] },
  });
});

test("numbers are standardised, missing ones become the mean, missing categories get a slot", () => {
  const { numeric, categorical, labels, rows } = encodeTable(schema, table);
  assert.equal(rows, 4);
  assert.deepEqual(numeric, Float32Array.of(-2 / std, 0, 0, 0, 0, 0, 2 / std, 0));
  assert.deepEqual([...categorical], [1, 0, 0, 0, 2, 0, 1, 0]);
  assert.deepEqual([...labels!], [0, 1, 1, 0]);
});

test("slots: categories, then missing if it was seen, then unseen", () => {
  const [colour, shape] = schema.categorical;
  assert.deepEqual([slotCount(colour), slotCount(shape)], [4, 2]);
});

test("a category that the schema does not know, or a missing one where none was missing, is unseen", () => {
  const rows = [
    { size: 1, fixed: 7, colour: "green", shape: null },
    { size: 1, fixed: 7, colour: "blue", shape: "disc" },
  ];
  assert.deepEqual([...encodeTable(schema, tableOfRecords(schema, rows)).categorical], [3, 1, 0, 0]);
});

test("a schema survives JSON", () => {
  const stored: TableSchema = JSON.parse(JSON.stringify(schema));
  assert.deepEqual(stored, schema);
  assert.deepEqual(encodeTable(stored, table).numeric, encodeTable(schema, table).numeric);
});

test("fitting on some rows only sees those, and leaves their unseen categories out", () => {
  const fitted = fitSchema(table, Int32Array.of(0, 3));
  const size = { name: "size", mean: 3, std: 2, missing: 0, range: [1, 5], whole: true };
  assert.deepEqual(fitted.numeric[0], size);
  assert.deepEqual(fitted.categorical[0], { name: "colour", categories: ["red"], missing: 0 });
  assert.deepEqual(
    [...encodeTable(fitted, table).categorical].filter((_, i) => i % 2 === 0),
    [0, 1, 1, 0],
  );
});

test("labels are encoded by the schema's classes, whatever their order in the new table", () => {
  const labels = { name: "sold", classes: ["yes", "no"], codes: Int32Array.of(0, 1, 0, 1) };
  assert.deepEqual([...encodeTable(schema, { ...table, labels }).labels!], [1, 0, 1, 0]);
  assert.equal(encodeTable(schema, { ...table, labels: undefined }).labels, undefined);
  const other = { name: "sold", classes: ["no", "perhaps"], codes: Int32Array.of(0, 0, 1, 0) };
  assert.throws(() => encodeTable(schema, { ...table, labels: other }), {
    message: 'row 2 is of class "perhaps"; the model knows no, yes',
  });
});

test("decoding gives back units and names; imputed numbers come back as the mean", () => {
  const encoded = encodeTable(schema, table);
  const columns = decodeFeatures(schema, encoded);
  const rounded = tableRecords({ rows: 4, columns }).map((row) => ({
    ...row,
    size: Number((row.size as number).toFixed(5)),
  }));
  assert.deepEqual(rounded, [
    { size: 1, fixed: 7, colour: "red", shape: "disc" },
    { size: 3, fixed: 7, colour: "blue", shape: "disc" },
    { size: 3, fixed: 7, colour: null, shape: "disc" },
    { size: 5, fixed: 7, colour: "red", shape: "disc" },
  ]);
});

test("encoding and decoding are inverse up to single precision", () => {
  const number = fc.double({ min: -1e6, max: 1e6, noNaN: true });
  fc.assert(
    fc.property(fc.array(fc.tuple(number, fc.nat(3)), { minLength: 1, maxLength: 20 }), (rows) => {
      const some: Table = {
        name: "some",
        rows: rows.length,
        columns: [
          { name: "v", kind: "numeric", values: Float64Array.from(rows, ([v]) => v) },
          {
            name: "c",
            kind: "categorical",
            categories: ["a", "b", "c", "d"],
            codes: Int32Array.from(rows, ([, c]) => c),
          },
        ],
        source,
      };
      const fitted = fitSchema(some);
      const columns = decodeFeatures(fitted, encodeTable(fitted, some));
      tableRecords({ rows: some.rows, columns }).forEach(({ v, c }, row) => {
        const [value, code] = rows[row];
        const spread = fitted.numeric[0].std;
        assert.ok(Math.abs((v as number) - value) <= 1e-6 * (Math.abs(value) + 10 * spread));
        assert.equal(c, "abcd"[code]);
      });
    }),
  );
});

test("a constant column deviates by 1 exactly, tiny numbers by what they deviate", () => {
  const fitted = (...numbers: number[]) => {
    const values = Float64Array.from(numbers);
    return fitSchema({
      name: "t",
      rows: numbers.length,
      columns: [{ name: "v", kind: "numeric", values }],
      source,
    }).numeric[0];
  };
  const { mean, std: deviation } = fitted(...Array.from({ length: 100 }, () => 0.1));
  assert.deepEqual([mean, deviation], [0.1, 1]);
  const tiny = fitted(1e-200, 3e-200);
  assert.ok(Math.abs(tiny.std / 1e-200 - 1) < 1e-9);
});

test("what a model cannot compute with and columns without a value are refused before training", () => {
  const of = (...numbers: number[]): Table => {
    const values = Float64Array.from(numbers);
    return { name: "t", rows: numbers.length, columns: [{ name: "v", kind: "numeric", values }], source };
  };
  assert.throws(() => fitSchema(of(1, 2, -1e200)), {
    message:
      'row 2, column "v" holds -1e+200, beyond 3.4e+38, the most that a model can compute with; correct it, or count it as missing',
  });
  assert.throws(() => fitSchema(of(Number.NaN, Number.NaN)), {
    message: 'the column "v" of "t" has no value to fit on; leave it out (--ignore v)',
  });
  assert.throws(
    () => encodeTable(fitSchema(of(1e-9, 2e-9)), of(1e-9, 1e38)),
    /row 1, column "v" holds 1e\+38, too far/,
  );
});

test("a missing column and one of another type are refused", () => {
  const without = { ...table, columns: table.columns.slice(1) };
  assert.throws(() => encodeTable(schema, without), {
    message: 'the table "shop" has no column "colour"; it has size, fixed, shape',
  });
  const numbers = { name: "colour", kind: "numeric", values: new Float64Array(4) } as const;
  assert.throws(() => encodeTable(schema, { ...table, columns: [numbers, ...table.columns.slice(1)] }), {
    message:
      'the column "colour" of "shop" is numeric but categorical in the model; load it with categorical: ["colour"]',
  });
});

test("arrays of another size and slots out of range are refused", () => {
  const encoded = encodeTable(schema, table);
  assert.throws(() => decodeFeatures(schema, { ...encoded, numeric: new Float32Array(3) }), {
    message: "numeric holds 3 values; 4 rows of 2 features need 8",
  });
  assert.throws(
    () => decodeFeatures(schema, { ...encoded, categorical: Int32Array.of(0, 0, 0, 0, 0, 2, 0, 0) }),
    {
      message: 'categorical holds slot 2 for "shape" at row 2; use 0 to 1',
    },
  );
});

test("a schema is described feature by feature in the model's order", () => {
  assert.deepEqual(describeSchema(schema), [
    { feature: "size", type: "numeric", encoding: "(value − 3) / 1.633; missing (1): the mean" },
    { feature: "fixed", type: "numeric", encoding: "(value − 7) / 1" },
    {
      feature: "colour",
      type: "categorical",
      encoding: "4 slots: 2 known, missing (1), unseen",
    },
    { feature: "shape", type: "categorical", encoding: "2 slots: 1 known, unseen" },
  ]);
});
