import assert from "node:assert/strict";
import { test } from "node:test";
import type { DownstreamCell } from "../studies/downstream-tables.js";
import { downstreamFigure, downstreamTable } from "./downstream-table.js";
import type { MarkedCell } from "./drawing/table.js";

const cell = (own: Partial<DownstreamCell>): DownstreamCell => ({
  dataset: "AD",
  predictor: "MLP",
  input: "raw",
  discard: 0,
  metric: "accuracy",
  mean: 0.8,
  std: 0.01,
  runs: 3,
  published: null,
  ...own,
});

const few = "2,000 rows in all";
const cells = [
  cell({ mean: 0.85, published: 0.849, runs: 5 }),
  cell({ dataset: "MNIST", mean: 0.81, published: 0.822 }),
  cell({ dataset: "MNIST", mean: 0.7, published: 0.822, setting: few }),
  cell({ dataset: "MNIST", input: "var-t-jepa", mean: 0.72, published: 0.822, setting: few }),
  cell({ dataset: "MNIST", input: "var-t-jepa", mean: 0.9, published: 0.901, setting: few, discard: 0.5 }),
  cell({ input: "untrained t-jepa", mean: 0.6 }),
  cell({ predictor: "boosted trees", mean: 0.86, published: 0.864, std: null, runs: 1 }),
  cell({ predictor: "boosted trees", mean: 0.87, published: 0.864, setting: "depth 10, five splits" }),
  cell({ metric: "macro F1", mean: 0.1 }),
];
const { rows, notes } = downstreamTable(cells, "accuracy");
const row = (predictor: string, input: string, dropped = "0 %") =>
  rows.find((own) => own.predictor === predictor && own.input === input && own.dropped === dropped);
const letter = (value: string | MarkedCell | undefined) => (value as MarkedCell | undefined)?.letter;
const text = (value: string | MarkedCell | undefined) => (value as MarkedCell | undefined)?.text;

test("a row per predictor, input and share dropped, also where nothing ran; a place without runs is empty", () => {
  assert.equal(rows.filter(({ predictor }) => predictor === "AutoInt").length, 6);
  assert.deepEqual(Object.keys(rows[0]), [
    ...["predictor", "input", "dropped"],
    ...["AD", "CO", "EL", "CC", "BM", "MNIST", "SIM", "runs"],
  ]);
  assert.deepEqual(row("AutoInt", "T-JEPA")?.runs, "");
  assert.equal(row("MLP", "raw")?.CO, undefined);
  assert.equal(text(row("MLP", "raw")?.AD), "0.850 ± 0.010");
  assert.equal(row("MLP", "raw")?.runs, "3–5");
  assert.equal(text(row("MLP", "untrained T-JEPA")?.AD), "0.600 ± 0.010");
  assert.equal(text(row("MLP", "Var-T-JEPA", "50 %")?.MNIST), "0.900 ± 0.010");
});

test("the setting nearest to the paper stands first, others in rows of their own with a letter", () => {
  assert.equal(text(row("MLP", "raw")?.MNIST), "0.810 ± 0.010");
  const matched = row("MLP", "raw, learnt as on embeddings");
  assert.deepEqual([text(matched?.MNIST), letter(matched?.MNIST)], ["0.700 ± 0.010", "a"]);
  assert.equal(matched?.AD, undefined);
  assert.equal(letter(row("MLP", "Var-T-JEPA")?.MNIST), "a");
  assert.equal(text(row("boosted trees", "raw")?.AD), "0.860");
  assert.equal(letter(row("boosted trees", "raw, depth 10")?.AD), "b");
  assert.deepEqual(notes.slice(2), [`a: ${few}`, "b: depth 10, five splits"]);
});

test("without printed values nothing is said of shading", () => {
  const macro = downstreamTable(cells, "macro F1");
  assert.equal(macro.notes.length, 1);
  assert.match(notes[1], /blue above, orange below; white within 0\.01/);
});

test("the picture holds ours − the paper's, both numbers and the letters, and nothing where nothing ran", () => {
  const { data, layout } = downstreamFigure(cells, "accuracy");
  const [raw, , trained, half] = data.map(({ z }) => z as (number | null)[][]);
  assert.deepEqual(
    raw[0].map((value) => value?.toFixed(3)),
    ["0.001", ...Array(4).fill(undefined), "-0.012", undefined],
  );
  assert.deepEqual([trained[0][5]?.toFixed(3), half[0][5]?.toFixed(3)], ["-0.102", "-0.001"]);
  assert.ok(raw[1].every((value) => value === null));
  const written = (layout.annotations as { text: string }[]).map((own) => own.text);
  assert.ok(written.includes('0.850<br><span style="font-size:11px">0.849</span>'));
  assert.ok(written.includes('0.720<sup>a</sup><br><span style="font-size:11px">0.822</span>'));
  assert.equal(written.filter((own) => own.includes("<span")).length, 5);
  assert.match(layout.meta!.alternative, /raw columns: 2 of 3 within \.01 of the paper's/);
});
