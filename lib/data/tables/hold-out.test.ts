import assert from "node:assert/strict";
import { test } from "node:test";
import { permutation, seedKey } from "../../engine/random.js";
import { simTableDefaults, simulateTable } from "../datasets/sim.js";
import { allRowsEqual, chooseHoldOut, splitHoldOut, withoutHeldOut } from "./hold-out.js";
import { type Table, takeTableRows } from "./table.js";

const source = { title: "simulated", files: [], notes: [] };
const simulated: Table = { ...simulateTable(seedKey(3), { ...simTableDefaults, rows: 400 }), source };
const names = simulated.columns.map(({ name }) => name);

/** What a row holds in its first column, by which the rows of `simulated` can be told apart. */
function firstCells(table: Table, rows: Int32Array): number[] {
  const [column] = table.columns;
  assert.ok(column.kind === "numeric");
  return Array.from(rows, (row) => column.values[row]).sort();
}

test("the asked share is held out, the same rows in any order, among others, and with more columns", () => {
  const choice = chooseHoldOut(simulated, 0.1, 5);
  const { kept, heldOut } = splitHoldOut(simulated, names, choice);
  assert.deepEqual([kept.length, heldOut.length], [360, 40]);
  assert.deepEqual(
    [...kept, ...heldOut].sort((a, b) => a - b),
    [...simulated.ambiguity!.keys()],
  );
  const shuffled = takeTableRows(simulated, permutation(seedKey(1), 400).slice(0, 300));
  const more = { name: "more", kind: "numeric" as const, values: new Float64Array(300).map((_, i) => i) };
  const other = { ...shuffled, columns: [more, ...shuffled.columns] };
  const again = splitHoldOut(other, names, choice).heldOut;
  const wanted = new Set(firstCells(simulated, heldOut));
  const here = firstCells(
    shuffled,
    Int32Array.from({ length: 300 }, (_, i) => i),
  ).filter((v) => wanted.has(v));
  assert.deepEqual(firstCells(shuffled, again), here);
  assert.equal(withoutHeldOut(simulated, choice).rows, 360);
  assert.notDeepEqual(splitHoldOut(simulated, names, chooseHoldOut(simulated, 0.1, 6)).heldOut, heldOut);
});

test("rows are all equal when none differs in any column", () => {
  const same = takeTableRows(simulated, new Int32Array(9));
  assert.deepEqual([same, simulated].map(allRowsEqual), [true, false]);
  const last = takeTableRows(
    simulated,
    Int32Array.from({ length: 9 }, (_, i) => Number(i === 8)),
  );
  assert.equal(allRowsEqual(last), false);
});

test("equal rows stay on one side", () => {
  const twice = takeTableRows(
    simulated,
    Int32Array.from({ length: 200 }, (_, i) => i % 100),
  );
  const { heldOut } = splitHoldOut(twice, names, chooseHoldOut(twice, 0.2, 1));
  assert.equal(heldOut.length, 40);
  assert.deepEqual(
    [...heldOut.subarray(20)],
    [...heldOut.subarray(0, 20)].map((row) => row + 100),
  );
});

test("a row that is repeated more often than rows are to be held out is trained on, whatever the seed", () => {
  const often = takeTableRows(
    simulated,
    Int32Array.from({ length: 100 }, (_, i) => Math.max(0, i - 60)),
  );
  const pairOfRows = takeTableRows(
    simulated,
    Int32Array.from({ length: 60 }, (_, i) => Number(i < 10)),
  );
  for (let seed = 1; seed <= 20; seed++) {
    const { heldOut } = splitHoldOut(often, names, chooseHoldOut(often, 0.1, seed));
    assert.equal(heldOut.length, 10);
    assert.ok(heldOut.every((row) => row > 60));
    assert.equal(splitHoldOut(pairOfRows, names, chooseHoldOut(pairOfRows, 0.1, seed)).heldOut.length, 10);
  }
});

test("nothing, too much, and shares that make no sense", () => {
  const none = chooseHoldOut(simulated, 0, 1);
  assert.equal(splitHoldOut(simulated, names, none).heldOut.length, 0);
  assert.equal(withoutHeldOut(simulated, none), simulated);
  assert.throws(() => chooseHoldOut(simulated, 1, 1), /the share to hold out is 1; use/);
  const same = takeTableRows(simulated, new Int32Array(20));
  assert.throws(() => chooseHoldOut(same, 0.1, 1), /holding out 0.1 of 20 rows leaves none to train on/);
  assert.throws(() => splitHoldOut(simulated, ["no"], none), /has no column "no"/);
});
