import assert from "node:assert/strict";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import fc from "fast-check";
import { applyCarriageReturns, collectOutputs, type Displays, relativePaths } from "./outputs.js";
import { type JsonObject, newMessage } from "./wire.js";

/** A terminal, one character after the other. */
function terminal(text: string): string {
  const rows: string[][] = [[]];
  let column = 0;
  for (const character of text) {
    if (character === "\n") {
      rows.push([]);
      column = 0;
    } else if (character === "\r") column = 0;
    else rows[rows.length - 1][column++] = character;
  }
  return rows.map((row) => row.join("")).join("\n");
}

test("carriage returns act as in a terminal", () => {
  const text = fc.array(fc.constantFrom("a", "b", "é", "😀", " ", "\r", "\n"), { maxLength: 60 });
  fc.assert(
    fc.property(text, (characters) => {
      assert.equal(applyCarriageReturns(characters.join("")), terminal(characters.join("")));
    }),
    { numRuns: 2000 },
  );
});

test("of endless output a part is kept, and the rest is counted; overwritten lines take no room", () => {
  const stream = (text: string): [string, JsonObject] => ["stream", { name: "stdout", text }];
  const bar = Array.from({ length: 100 }, (_, i) => stream(`${"#".repeat(99_999)}\r${i}`));
  const lines = Array.from({ length: 60 }, () => stream(`${"x".repeat(99_999)}\n`));
  const figure: [string, JsonObject] = ["display_data", { data: { "text/plain": "a figure" } }];
  const [printed, shown, note] = collect([
    stream("first\n"),
    ...bar,
    stream("\n"),
    ...lines,
    figure,
  ]).outputs();
  assert.ok(
    printed.output_type === "stream" && printed.text[1].startsWith("99###") && printed.text.length > 30,
  );
  assert.ok(printed.text.join("").length < 4.2e6);
  assert.equal(shown.output_type, "display_data");
  assert.match(
    "text" in note ? note.text.join("") : "",
    /^\[\d\.\d MB of this cell's output are kept, \d\.\d MB are left out\]\n$/,
  );
  const figures = Array.from({ length: 6 }, (): [string, JsonObject] => [
    "display_data",
    { data: { "image/png": "x".repeat(1e7) } },
  ]);
  assert.equal(collect(figures).outputs().length, 5);
  assert.deepEqual(
    collect([...figures, ["clear_output", {}], stream("new")]).outputs(),
    collect([stream("new")]).outputs(),
  );
});

test("ten megabytes of progress lines take no time", () => {
  const steps = Array.from({ length: 400_000 }, (_, i) => `step ${i} of many, loss 0.1`);
  const began = Date.now();
  assert.equal(applyCarriageReturns(`start\n${steps.join("\r")}`), `start\n${steps.at(-1)}`);
  assert.equal(applyCarriageReturns(`${"x".repeat(5_000_000)}\r${"y".repeat(5_000_000)}`).length, 5_000_000);
  assert.ok(Date.now() - began < 5000);
});

function collect(messages: [type: string, content: JsonObject][], displays: Displays = new Map()) {
  const collector = collectOutputs(displays, ["/some/project"]);
  for (const [type, content] of messages) collector.add(newMessage("s", type, content));
  return collector;
}
const stream = (name: string, text: string): [string, JsonObject] => ["stream", { name, text }];
const picture = (png: string, id?: string): JsonObject => ({
  data: { "image/png": png, "text/plain": "one\ntwo", "application/json": { a: ["/some/project/x"] } },
  metadata: {},
  transient: id ? { display_id: id } : {},
});

test("neighbouring pieces of one stream are merged, and only those", () => {
  const messages = [
    stream("stdout", "a"),
    stream("stdout", "b\nc"),
    stream("stderr", "!"),
    stream("stdout", "d"),
  ];
  assert.deepEqual(collect(messages).outputs(), [
    { output_type: "stream", name: "stdout", text: ["ab\n", "c"] },
    { output_type: "stream", name: "stderr", text: ["!"] },
    { output_type: "stream", name: "stdout", text: ["d"] },
  ]);
});

test("a display is stored without its id, and updated from a later cell", () => {
  const displays: Displays = new Map();
  const first = collect([["display_data", picture("AAAA", "id")]], displays);
  const second = collect([["update_display_data", picture("BBBB", "id")]], displays);
  const data = {
    "image/png": "BBBB",
    "text/plain": ["one\n", "two"],
    "application/json": { a: ["/some/project/x"] },
  };
  assert.deepEqual(first.outputs(), [{ output_type: "display_data", data, metadata: {} }]);
  assert.deepEqual(second.outputs(), []);
});

test("clear_output clears at once, or when the next output comes", () => {
  assert.deepEqual(collect([stream("stdout", "a"), ["clear_output", { wait: false }]]).outputs(), []);
  assert.equal(collect([stream("stdout", "a"), ["clear_output", { wait: true }]]).outputs().length, 1);
  assert.deepEqual(
    collect([stream("stdout", "a"), ["clear_output", { wait: true }], stream("stdout", "b")]).outputs(),
    [{ output_type: "stream", name: "stdout", text: ["b"] }],
  );
});

test("results and errors are kept as they are", () => {
  const error = { ename: "E", evalue: "at /some/project/a.ts", traceback: ["E", "  /some/project/a.ts:1"] };
  const result = { execution_count: 3, data: { "text/plain": "4" }, metadata: {} };
  assert.deepEqual(
    collect([
      ["execute_result", result],
      ["error", error],
    ]).outputs(),
    [
      { output_type: "execute_result", execution_count: 3, data: { "text/plain": ["4"] }, metadata: {} },
      { output_type: "error", ename: "E", evalue: "at a.ts", traceback: ["E", "  a.ts:1"] },
    ],
  );
});

test("what should be a text and is none becomes one", () => {
  const data = { "text/plain": { a: 1 }, "text/html": null, "image/png": 5, "application/json": { a: 1 } };
  assert.deepEqual(collect([["display_data", { data }]]).outputs(), [
    {
      output_type: "display_data",
      data: {
        "text/plain": ['{"a":1}'],
        "text/html": ["null"],
        "image/png": "5",
        "application/json": { a: 1 },
      },
      metadata: {},
    },
  ]);
  assert.deepEqual(collect([["constructor", {}]]).outputs(), []);
});

test("paths within a folder become relative, others stay", () => {
  const clean = (text: string) => relativePaths(text, ["/some/project"]);
  assert.equal(clean("at f (/some/project/lib/a.js:1:2)"), "at f (lib/a.js:1:2)");
  assert.equal(clean(`at f (${pathToFileURL("/some/project/lib/a.js").href}:1:2)`), "at f (lib/a.js:1:2)");
  assert.equal(clean("cwd /some/project\n"), "cwd .\n");
  assert.equal(clean("cwd '/some/project/'"), "cwd ''");
  for (const other of ["/some/project2/a", "/some/project-b", "/else/some/project/a", "/some/projec"])
    assert.equal(clean(other), other);
});
