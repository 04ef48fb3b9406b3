import "../node/world.js";
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { presentCells } from "../data/tables/known-cells.js";
import { encodeTable } from "../data/tables/preprocess.js";
import {
  type CategoricalColumn,
  type Column,
  columnNamed,
  type Table,
  takeTableRows,
} from "../data/tables/table.js";
import { startEngine } from "../engine/backend.js";
import { expectClose } from "../engine/finite-differences.js";
import { fold, normals } from "../engine/random.js";
import { generateFeatures, imputeNumeric } from "../families/generate-features.js";
import { columnsWithoutRule, writtenNumbers } from "./column-rule.js";
import { generateColumns, patternKey } from "./generate-columns.js";
import { imputeDraws, imputeTable } from "./impute-table.js";
import { messyTable, untrainedTJepa, untrainedVarTJepa } from "./messy.test-table.js";

before(startEngine);

const samples = 7;

test("every missing cell is filled, every other cell, label and column stays", () => {
  const extra = { name: "extra", kind: "numeric" as const, values: new Float64Array(60).fill(Number.NaN) };
  const table = { ...messyTable(), columns: [...messyTable().columns, extra] };
  const model = untrainedVarTJepa(messyTable());
  const { table: filled, cells } = imputeTable(model, table, { samples });
  assert.deepEqual(filled.labels, table.labels);
  assert.deepEqual(columnNamed(filled, "extra"), extra);
  let missing = 0;
  for (const before of messyTable().columns) {
    const after = columnNamed(filled, before.name);
    const present = presentCells(before);
    assert.ok(presentCells(after).every((p) => p === 1));
    present.forEach((p, row) => {
      const cell = cells.find((c) => c.row === row && c.column === before.name);
      if (after.kind === "numeric" && before.kind === "numeric")
        assert.equal(after.values[row], p ? before.values[row] : cell?.value);
      else if (after.kind === "categorical" && before.kind === "categorical") {
        assert.deepEqual(after.categories, before.categories);
        assert.equal(
          after.categories[after.codes[row]],
          p ? before.categories[before.codes[row]] : cell?.value,
        );
      }
      assert.equal(cell === undefined, p === 1);
      missing += 1 - p;
    });
  }
  assert.ok(missing > 30 && missing === cells.length);
  for (const cell of cells)
    if (cell.kind === "numeric") assert.ok(Math.abs(cell.value - 100) < 60 && cell.deviation > 1);
    else assert.ok(cell.probability >= 1 / 3 && cell.probability <= 1);
  assert.deepEqual(
    imputeTable(model, filled, { samples }).cells,
    [],
    "a table without missing cells has nothing to fill in",
  );
});

test("values are those of generateFeatures from the row's own cells, in units; the seed decides the draws", () => {
  const table = messyTable();
  const model = untrainedVarTJepa(table);
  const { cells } = imputeTable(model, table, { samples, seed: 3 });
  const hidden = [1];
  const given = [0, 2, 3, 4, 5];
  const rows = Int32Array.from(
    Array.from({ length: 60 }, (_, row) => row).filter((row) =>
      table.columns.every((column, j) => (presentCells(column)[row] === 1) === (j !== 1)),
    ),
  );
  assert.ok(rows.length > 1);
  const key = fold(patternKey(3, given, hidden), 0);
  const input = encodeTable(model.schema, takeTableRows(table, rows));
  const contexts = Array.from(rows, () => given);
  const generated = generateFeatures(model.parameters, model.config, input, contexts, hidden, samples, key);
  const [entry] = generated.hidden;
  assert.ok(entry.kind === "numeric");
  const { mean, deviation } = imputeNumeric(generated, entry);
  const { mean: shift, std } = model.schema.numeric[1];
  rows.forEach((row, i) => {
    const cell = cells.find((c) => c.row === row && c.column === "x2");
    assert.ok(cell?.kind === "numeric");
    expectClose([cell.value, cell.deviation], [mean[i] * std + shift, deviation[i] * std]);
  });
  const columns = generateColumns(model, takeTableRows(table, rows), {
    ...{ hidden: ["x2"], samples, seed: 3 },
    rawNumbers: true,
  });
  assert.ok(columns[0].kind === "numeric");
  expectClose(
    columns[0].mean,
    Array.from(mean, (v) => v * std + shift),
  );
  const noise = normals(fold(fold(key, "y"), 1), samples * rows.length);
  expectClose(
    columns[0].draws,
    Array.from(noise, (v, i) => (entry.mean[i] + entry.deviation[i] * v) * std + shift),
  );
  assert.deepEqual(imputeTable(model, table, { samples, seed: 3 }).cells, cells);
  assert.notDeepEqual(imputeTable(model, table, { samples, seed: 4 }).cells, cells);
});

test("a cell's value depends neither on what other rows lack nor on a category that the model does not know", () => {
  const table = messyTable();
  const model = untrainedVarTJepa(table);
  const cellsOf = (some: Table) => imputeTable(model, some, { samples }).cells;
  const whole = cellsOf(table);
  const { row } = whole[0];
  const own = cellsOf(takeTableRows(table, Int32Array.of(row)));
  assert.deepEqual(
    own.map(({ column }) => column),
    whole.filter((cell) => cell.row === row).map(({ column }) => column),
  );
  const one = takeTableRows(table, Int32Array.of(row));
  const withCategory = (code: number): Table => ({
    ...one,
    columns: one.columns.map((column) =>
      column.name === "c1"
        ? { ...(column as CategoricalColumn), categories: ["of another world"], codes: Int32Array.of(code) }
        : column,
    ),
  });
  const unknown = imputeTable(model, withCategory(0), { samples });
  const filledCategory = columnNamed(unknown.table, "c1") as CategoricalColumn;
  assert.equal(filledCategory.categories[filledCategory.codes[0]], "of another world");
  assert.ok(!unknown.cells.some(({ column }) => column === "c1"));
  const imputed = imputeTable(model, withCategory(-1), { samples });
  const proposed = imputed.cells.find(({ column }) => column === "c1");
  assert.ok(model.schema.categorical[0].categories.includes(String(proposed?.value)));
});

test("generated columns: only known categories, draws that agree with mean, deviation and probabilities", () => {
  const table = messyTable();
  const model = untrainedVarTJepa(table);
  const [category, number] = generateColumns(model, table, {
    ...{ hidden: ["c2", "x1"], samples: 800 },
    rawNumbers: true,
  });
  assert.ok(category.kind === "categorical" && number.kind === "numeric");
  assert.deepEqual(category.categories, ["bin 1", "bin 2", "bin 3"]);
  const ofRow = (draws: ArrayLike<number>, row: number) =>
    Array.from({ length: 800 }, (_, s) => draws[s * 60 + row]);
  for (const row of [0, 31]) {
    const shares = [0, 1, 2].map((c) => ofRow(category.draws, row).filter((v) => v === c).length / 800);
    expectClose(shares, category.probabilities.subarray(3 * row, 3 * row + 3), { absolute: 0.08 });
    const drawn = ofRow(number.draws, row);
    const mean = drawn.reduce((a, b) => a + b) / 800;
    const deviation = Math.sqrt(drawn.reduce((a, b) => a + (b - mean) ** 2, 0) / 800);
    expectClose([mean / number.deviation[row]], [number.mean[row] / number.deviation[row]], {
      absolute: 0.1,
    });
    expectClose([deviation / number.deviation[row]], [1], { absolute: 0.12 });
  }
  const given = generateColumns(model, table, { hidden: ["x1"], given: ["x2", "c1"], samples: 2 }).length;
  assert.equal(given, 1);
});

test("draws: tables that differ where cells were missing, those of a row together, the first ones whatever their number", () => {
  const table = messyTable();
  const model = untrainedVarTJepa(table);
  const draws = 3;
  const { tables, cells } = imputeDraws(model, table, { draws, seed: 3 });
  assert.equal(tables.length, draws);
  assert.deepEqual(
    cells.map(({ row, column }) => [row, column]),
    imputeTable(model, table, { samples: 1 }).cells.map(({ row, column }) => [row, column]),
  );
  tables.forEach((completed, draw) => {
    assert.deepEqual(completed.labels, table.labels);
    for (const before of table.columns) {
      const after = columnNamed(completed, before.name);
      presentCells(before).forEach((present, row) => {
        const own = cells.find((cell) => cell.row === row && cell.column === before.name);
        const value = (column: Column) =>
          column.kind === "numeric" ? column.values[row] : column.categories[column.codes[row]];
        assert.equal(value(after), present ? value(before) : own!.values[draw]);
      });
    }
  });
  assert.ok(cells.filter(({ values }) => new Set(values).size > 1).length > cells.length / 2);
  const more = imputeDraws(model, table, { draws: 5, seed: 3 });
  assert.deepEqual(more.tables.slice(0, draws), tables);
  assert.notDeepEqual(imputeDraws(model, table, { draws, seed: 4 }).cells, cells);
  // Both missing cells of a row stand in one line of what is drawn for its pattern: one s_x and z.
  const { row } = cells.find((cell, i) => cells[i + 1]?.row === cell.row)!;
  const one = takeTableRows(table, Int32Array.of(row));
  const hidden = cells.filter((cell) => cell.row === row).map(({ column }) => column);
  const together = generateColumns(model, one, { hidden, samples: draws, seed: 3 });
  const alone = imputeDraws(model, one, { draws, seed: 3 });
  assert.deepEqual(
    alone.cells.map(({ values }) => values),
    together.map((column) =>
      column.kind === "numeric"
        ? [...column.draws]
        : Array.from(column.draws, (code) => column.categories[code]),
    ),
  );
});

test("numbers are whole where all fitted on were, and in their range; raw ones, means and probabilities are as before", () => {
  const whole = wholeTable();
  const model = untrainedVarTJepa(whole);
  assert.deepEqual(
    model.schema.numeric.map(({ whole }) => whole),
    [true, true, true, false],
  );
  const options = { hidden: ["x1", "x4"], samples: 50 };
  const [kept, raw] = [false, true].map((rawNumbers) =>
    generateColumns(model, whole, { ...options, rawNumbers }),
  );
  for (const [j, name] of options.hidden.entries()) {
    const [own, before] = [kept[j], raw[j]];
    assert.ok(own.kind === "numeric" && before.kind === "numeric");
    const { range, whole } = model.schema.numeric.find((feature) => feature.name === name)!;
    const [least, most] = range!;
    // Counted and clamped anew, one draw at a time.
    let beyond = 0;
    before.draws.forEach((draw, at) => {
      const near = whole ? Math.floor(draw + 0.5) : draw;
      if (near < least || near > most) beyond++;
      assert.equal(own.draws[at], near < least ? least : near > most ? most : near);
    });
    assert.ok(beyond > 0 && beyond < before.draws.length);
    assert.deepEqual([own.moved, before.moved], [beyond, 0]);
    assert.deepEqual([own.mean, own.deviation], [before.mean, before.deviation]);
  }
  const { cells, moved } = imputeTable(model, whole, { samples });
  const rawCells = imputeTable(model, whole, { samples, rawNumbers: true });
  assert.deepEqual(rawCells.moved, []);
  const expected = new Map<string, number>();
  cells.forEach((cell, i) => {
    const before = rawCells.cells[i];
    if (cell.kind === "categorical" || before.kind === "categorical") {
      assert.deepEqual(cell, before);
      return;
    }
    const feature = model.schema.numeric.find(({ name }) => name === cell.column)!;
    const near = feature.whole ? Math.floor(before.value + 0.5) : before.value;
    const [least, most] = feature.range!;
    assert.equal(cell.value, Math.min(most, Math.max(least, near)));
    assert.equal(cell.deviation, before.deviation);
    if (cell.value !== near) expected.set(cell.column, (expected.get(cell.column) ?? 0) + 1);
  });
  assert.deepEqual(new Map(moved.map(({ column, numbers }) => [column, numbers])), expected);
  const drawn = imputeDraws(model, whole, { draws: 40 });
  const rawDrawn = imputeDraws(model, whole, { draws: 40, rawNumbers: true });
  const far = rawDrawn.cells.filter(({ column }) => column === "x2").flatMap(({ values }) => values);
  const [least, most] = model.schema.numeric[1].range!;
  const beyond = far.filter((value) => Math.round(Number(value)) < least || Math.round(Number(value)) > most);
  assert.ok(beyond.length > 0);
  assert.equal(drawn.moved.find(({ column }) => column === "x2")?.numbers, beyond.length);
});

test("a schema of an earlier version that does not say what numbers were leaves them as they are", () => {
  const whole = wholeTable();
  const model = untrainedVarTJepa(whole);
  const numeric = model.schema.numeric.map(({ whole: _, range: __, ...old }) => old);
  const old = { ...model, schema: { ...model.schema, numeric } };
  const raw = generateColumns(model, whole, { hidden: ["x1"], samples, rawNumbers: true });
  assert.deepEqual(generateColumns(old, whole, { hidden: ["x1"], samples }), raw);
  assert.deepEqual(columnsWithoutRule(old.schema, ["x1", "c1"]), ["x1"]);
  assert.deepEqual(columnsWithoutRule(model.schema, ["x1", "c1"]), []);
  const rounding = { ...old.schema, numeric: [{ ...numeric[0], range: [0.1234564, 1234567.5] as const }] };
  const write = writtenNumbers(rounding, false);
  assert.deepEqual(
    [0.1, 0.12345643, 0.5123456789, 2e6].map((value) => write("x1", value)),
    [0.1234564, 0.1234564, 0.512346, 1234567.5],
    "six digits do not lead out of the range",
  );
  const integers = { ...rounding, numeric: [{ ...numeric[0], range: [-3, 12345678] as const, whole: true }] };
  assert.deepEqual(
    [-0.4, 1234567.4, -8].map((value) => writtenNumbers(integers, false)("x1", value)),
    [0, 1234567, -3],
  );
  assert.equal(writtenNumbers(integers, true)("x1", 1234567.4), 1234570);
});

/** The messy table with whole numbers in all but its last numeric column. */
function wholeTable(): Table {
  const table = messyTable();
  const columns = table.columns.map((column) =>
    column.kind === "numeric" && column.name !== "x4"
      ? { ...column, values: column.values.map(Math.round) }
      : column,
  );
  return { ...table, columns };
}

test("what cannot be done is said", () => {
  const table = messyTable();
  const model = untrainedVarTJepa(table);
  assert.throws(
    () => imputeTable(untrainedTJepa(table), table),
    /t-jepa has no predictive distribution, so it cannot generate or impute; use a var-t-jepa model/,
  );
  const generate = (hidden: string[], given?: string[]) => () =>
    generateColumns(model, table, { hidden, given, samples: 1 });
  assert.throws(generate(["weight"]), /hidden names "weight", which is no feature of the model; use x1, x2/);
  assert.throws(generate([]), /hidden is empty/);
  assert.throws(generate(["x1"], []), /given is empty/);
  assert.throws(generate(["x1", "x1"]), /"x1" is named twice/);
  assert.throws(generate(["x1"], ["x1", "x2"]), /"x1" is named twice/);
  const first = takeTableRows(table, Int32Array.of(5));
  const empty: Table = {
    ...first,
    columns: first.columns.map((column) =>
      column.kind === "numeric"
        ? { ...column, values: Float64Array.of(Number.NaN) }
        : { ...column, codes: Int32Array.of(-1) },
    ),
  };
  const left = imputeTable(model, empty);
  assert.deepEqual([left.cells, left.emptyRows, left.table.columns], [[], [0], empty.columns]);
  const lacking = { ...table, columns: table.columns.slice(1) };
  assert.throws(() => imputeTable(model, lacking), /"messy" has no column "x1"/);
});
