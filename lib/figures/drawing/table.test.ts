import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { afterEach, mock, test } from "node:test";
import { DataFrame } from "danfojs-node";
import { table, tableHtml, tableText } from "./table.js";

const tslab = createRequire(import.meta.url)("tslab/dist/jupyter.js");
const rows = [
  { variant: "A <b>&", accuracy: 0.996123, runs: 5, spread: "0.996 ± 0.002" },
  { variant: "B|C", accuracy: 1234.5678, runs: 12, spread: "1.5e-4 ± 0.1" },
];

afterEach(() => {
  tslab.lastWriteDisplayData = null;
});

test("text is an aligned Markdown table, numbers on the right", () => {
  assert.equal(
    tableText(rows, { caption: "Table 1" }),
    [
      "Table 1",
      "",
      "| variant | accuracy | runs |        spread |",
      "| ------- | -------: | ---: | ------------: |",
      "| A <b>&  |   0.9961 |    5 | 0.996 ± 0.002 |",
      "| B\\|C    |     1235 |   12 |  1.5e-4 ± 0.1 |",
    ].join("\n"),
  );
});

test("HTML is escaped and number columns are on the right", () => {
  const html = tableHtml(rows, { caption: "<script>", digits: 2 });
  assert.match(html, /<td style="text-align:left;[^"]*">A &#60;b&#62;&#38;<\/td>/);
  assert.match(html, /<td style="text-align:right;[^"]*">1200<\/td>/);
  assert.match(html, /<th style="text-align:right;[^"]*">spread<\/th>/);
  assert.match(html, /<caption [^>]*>&#60;script&#62;<\/caption>/);
  assert.doesNotMatch(html, /<script|<b>/);
});

test("a folded table is opened by its caption, which is escaped", () => {
  const html = tableHtml(rows, { caption: "a < b", folded: true });
  assert.match(html, /^<details><summary>a &#60; b<\/summary><table .*<\/table><\/details>$/);
  assert.doesNotMatch(html, /<caption/);
  assert.equal(tableText(rows, { caption: "x", folded: true }), tableText(rows, { caption: "x" }));
});

test("missing values are empty, special numbers and booleans are written out", () => {
  const text = tableText([{ a: Number.NaN, b: null }, { a: -2, c: true }, { c: { mean: 1 } }]);
  assert.equal(
    text,
    [
      "|   a |   b | c          |",
      "| --: | --: | ---------- |",
      "| NaN |     |            |",
      "|  -2 |     | true       |",
      '|     |     | {"mean":1} |',
    ].join("\n"),
  );
});

test("a marked cell shows its letter, what stands under it and its background; notes stand below", () => {
  const marked = { text: "0.8 ± 0.1", letter: "a", under: "0.7", background: "#FFEEDD" };
  const options = { notes: ["a: <five> splits"] };
  assert.equal(
    tableText([{ score: marked }, { score: { text: "0.9" } }, {}], options),
    [
      "|                score |",
      "| -------------------: |",
      "| 0.8 ± 0.1 (a) \\| 0.7 |",
      "|                  0.9 |",
      "|                      |",
      "",
      "a: <five> splits",
    ].join("\n"),
  );
  const html = tableHtml([{ score: marked }, {}], options);
  assert.match(
    html,
    /right;white-space:nowrap;padding:2px 10px;background:#FFEEDD;color:#222222">0\.8 ± 0\.1<sup>a<\/sup><br><small>0\.7<\/small><\/td>/,
  );
  assert.match(html, /padding:2px 10px"><\/td>.*<tfoot><tr><td colspan="1">a: &#60;five&#62; splits<\/td>/);
});

test("at most max rows are shown, the others are counted", () => {
  const many = Array.from({ length: 60 }, (_, i) => ({ i }));
  assert.match(tableText(many), /\n\n… 10 more rows$/);
  assert.equal(tableText(many, { max: 59 }).split("\n").at(-1), "… 1 more row");
  assert.match(tableHtml(many), /<td colspan="1">… 10 more rows<\/td>/);
  assert.doesNotMatch(tableHtml(many, { max: 60 }), /more row/);
});

test("a danfojs data frame is shown with its index when that says something", () => {
  const frame = new DataFrame({ name: ["a", "b"], value: [0.123456, 2] });
  assert.equal(
    tableText(frame),
    ["| name |  value |", "| ---- | -----: |", "| a    | 0.1235 |", "| b    |      2 |"].join("\n"),
  );
  const indexed = new DataFrame({ value: [1, 2] }, { index: ["x", "y"] });
  assert.equal(
    tableText(indexed),
    ["|     | value |", "| --- | ----: |", "| x   |     1 |", "| y   |     2 |"].join("\n"),
  );
});

test("in a notebook a table is one output of HTML and text, outside it is printed", () => {
  const outputs: { data: Record<string, unknown> }[] = [];
  tslab.lastWriteDisplayData = (content: { data: Record<string, unknown> }) => outputs.push(content);
  table(rows);
  assert.deepEqual(
    outputs.map(({ data }) => data),
    [{ "text/html": tableHtml(rows), "text/plain": tableText(rows) }],
  );
  tslab.lastWriteDisplayData = null;
  const print = mock.method(console, "log", () => {});
  table(rows);
  assert.deepEqual(print.mock.calls[0].arguments, [tableText(rows)]);
  print.mock.restore();
});
