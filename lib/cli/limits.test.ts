import assert from "node:assert/strict";
import { availableParallelism } from "node:os";
import { test } from "node:test";
import { checkSamples, checkTrainingRows, checkWorkers } from "./limits.js";
import { UsageError } from "./usage-error.js";

const schema = {
  numeric: [{ name: "a", mean: 0, std: 1, missing: 0 }],
  categorical: [{ name: "b", categories: ["x", "y"], missing: 0 }],
};

test("fewer than ten rows to train on are refused", () => {
  checkTrainingRows(10, 0);
  assert.throws(
    () => checkTrainingRows(9, 1),
    /^Error: 9 rows to train on \(1 more held out\) are too few: .*10 rows.*; give/,
  );
  assert.throws(() => checkTrainingRows(1, 0), /^Error: 1 row to train on is too few: .* with more$/);
  checkTrainingRows(10, 0, 3);
  assert.throws(
    () => checkTrainingRows(9, 0, 3),
    /^Error: 9 rows to train on \(3 more set aside by --for imputation\) are .* with more, or leave out --for imputation$/,
  );
  assert.throws(
    () => checkTrainingRows(6, 1, 2),
    /^Error: 6 rows to train on \(1 more held out, 2 more set aside by .* with more$/,
  );
});

test("more threads than the memory holds are refused with the number that it holds", () => {
  const cores = availableParallelism();
  const most = Math.max(40, cores);
  checkWorkers(most, 2e9);
  assert.throws(
    () => checkWorkers(most + 1, 2e9),
    (error) =>
      error instanceof UsageError &&
      error.message.includes(`Use at most ${most}; more than the ${cores} cores`),
  );
});

test("more draws than the memory holds are refused with the number that it holds", () => {
  // A number takes 20 bytes of each of 1000 rows, a category with its unseen slot 24.
  checkSamples(50_000, schema, 1000, ["a"], false, 2e9);
  assert.throws(
    () => checkSamples(50_001, schema, 1000, ["a"], false, 2e9),
    /--samples is 50001, .* 1\.0 GB .* Use at most 50000/,
  );
  assert.throws(() => checkSamples(22_728, schema, 1000, ["a", "b"], false, 2e9), /Use at most 22727/);
  checkSamples(1_000_000, schema, 1_000_000, [], false, 2e9);
  assert.throws(() => checkSamples(125, schema, 1_000_000, ["a"], true, 2e9), UsageError);
});
