import assert from "node:assert/strict";
import { test } from "node:test";
import { codeFrame, compileError, runtimeError } from "./cell-errors.js";

test("a code frame shows the line, its neighbours and the place", () => {
  const source = Array.from({ length: 12 }, (_, i) => `line ${i + 1}`).join("\n");
  assert.deepEqual(codeFrame(source, { line: 10, column: 6 }, { line: 10, column: 8 }), [
    "   9 | line 9",
    "> 10 | line 10",
    "     |      ^^",
    "  11 | line 11",
  ]);
  assert.deepEqual(codeFrame("\tx", { line: 1, column: 2 }), ["> 1 | \tx", "    | \t^"]);
});

test("a compile error names each place once", () => {
  const place = { start: { line: 1, column: 1 }, end: { line: 1, column: 2 } };
  const error = compileError([
    { where: "cell [1]", source: "x", ...place, code: 2304, messages: ["Cannot find name 'x'.", "because"] },
    { where: "helper.ts", ...place, code: 1, messages: ["other"] },
  ]);
  assert.equal(error.ename, "CompileError");
  assert.equal(error.evalue, "cell [1], line 1: Cannot find name 'x'.");
  assert.deepEqual(error.traceback, [
    "cell [1], line 1, column 1 - error TS2304: Cannot find name 'x'.",
    "    because",
    "> 1 | x",
    "    | ^",
    "helper.ts, line 1, column 1 - error TS1: other",
  ]);
});

test("a run-time error loses frames of Node and the kernel, and keeps its causes", () => {
  const error = new TypeError("outer", { cause: new RangeError("inner") });
  error.stack = [
    "cell-1:3",
    "    boom();",
    "    ^",
    "",
    "TypeError: outer",
    "    at f (cell-1:3:5)",
    "    at Proxy.g (/project/dist/lib/a.js:2:1)",
    "    at Module._compile (node:internal/modules/cjs/loader:1:1)",
    "    at execute (/x/node_modules/tslab/dist/executor.js:1:1)",
  ].join("\n");
  (error.cause as Error).stack = "RangeError: inner\n    at cell-9:1:1";
  const cell = { label: "cell [4]", source: "a\nboom()", origin: () => ({ line: 2, column: 1 }) };
  assert.deepEqual(runtimeError(error, new Map([["cell-1", cell]])), {
    ename: "TypeError",
    evalue: "outer",
    traceback: [
      "TypeError: outer",
      "  1 | a",
      "> 2 | boom()",
      "    | ^",
      "    at f (cell [4], line 2, column 1)",
      "    at g (/project/dist/lib/a.js:2:1)",
      "Caused by RangeError: inner",
      "    at cell-9:1:1",
    ],
  });
  assert.deepEqual(runtimeError({ code: 3 }, new Map()).traceback, ["Thrown: { code: 3 }"]);
});

test("an AggregateError tells its reasons, and no chain of causes is too long", () => {
  const error = new AggregateError([new RangeError("one"), "two"], "several");
  error.stack = "AggregateError: several\n    at cell-9:1:1";
  (error.errors[0] as Error).stack = "RangeError: one\n    at cell-9:2:1";
  assert.deepEqual(runtimeError(error, new Map()).traceback, [
    "AggregateError: several",
    "    at cell-9:1:1",
    "  Reason 1: RangeError: one",
    "      at cell-9:2:1",
    "  Reason 2: 'two'",
  ]);
  const circle = new AggregateError([]);
  circle.errors = [circle, circle];
  circle.cause = circle;
  assert.ok(runtimeError(circle, new Map()).traceback.length < 1000);
});

test("an error that does not let itself be looked at is told all the same", () => {
  const refuse = () => {
    throw new Error("no");
  };
  const hostile = new Error("x");
  for (const name of ["stack", "name", "message", "cause", "errors"])
    Object.defineProperty(hostile, name, { get: refuse });
  for (const thrown of [
    hostile,
    new Proxy({}, { getPrototypeOf: refuse, get: refuse }),
    Object.create(null),
  ]) {
    const { ename, evalue, traceback } = runtimeError(thrown, new Map());
    assert.ok([ename, evalue, ...traceback].every((text) => typeof text === "string"));
    assert.ok(traceback.length > 0);
  }
});
