import assert from "node:assert/strict";
import { test } from "node:test";
import type { DownstreamCell } from "../studies/downstream-tables.js";
import type { MarkedCell } from "./drawing/table.js";
import { sensitivityFigure, sensitivityTable } from "./sensitivity.js";

const cell = (column: string, discard: number, mean: number, published: number): DownstreamCell => ({
  dataset: "AD",
  predictor: "MLP",
  input: "var-t-jepa",
  discard,
  metric: "accuracy",
  mean,
  std: 0.002,
  runs: 3,
  published,
  column,
  setting: "learnt from 10,000 rows",
});
const cells = [
  cell("Base", 0, 0.85, 0.852),
  cell("Base", 0.5, 0.9, 0.921),
  cell("High KL", 0, 0.82, 0.826),
  cell("Deep", 0, 0.8, 0.832),
];

test("Table 4 has its seven settings across, empty where nothing ran, and the setting below", () => {
  const { rows, notes } = sensitivityTable(cells, 4);
  assert.deepEqual(
    rows.map(({ predictor, dropped }) => `${predictor} ${dropped}`),
    ["MLP", "ResNet"].flatMap((name) => [0, 10, 20, 50].map((percent) => `${name} ${percent} %`)),
  );
  const { Base, "Low KL": low } = rows[0];
  assert.deepEqual(
    [(Base as MarkedCell).text, (Base as MarkedCell).under, low],
    ["0.850 ± 0.002", "0.852", undefined],
  );
  assert.equal((rows[3].Base as MarkedCell).text, "0.900 ± 0.002");
  assert.ok(!("Deep" in rows[0]) && "Deep" in sensitivityTable(cells, 5).rows[0]);
  assert.equal(notes.at(-1), "a: learnt from 10,000 rows");
});

test("ours filled with its deviation, the paper's hollow beside it, each setting at its place of both tables, ours between them", () => {
  const { data, layout } = sensitivityFigure(cells);
  const [ours, theirs] = data;
  assert.deepEqual(
    ours.x,
    [0, 2, 15].map((place) => place - 0.17),
  );
  assert.deepEqual(
    theirs.x,
    [0, 2, 15].map((place) => place + 0.17),
  );
  assert.deepEqual(
    [ours.y, theirs.y],
    [
      [0.85, 0.82, 0.8],
      [0.852, 0.826, 0.832],
    ],
  );
  assert.deepEqual(
    (ours as unknown as { error_y: { array: number[] } }).error_y.array,
    [0.002, 0.002, 0.002],
  );
  assert.deepEqual(
    [ours, theirs].map(({ marker }) => (marker as { symbol: string }).symbol),
    ["circle", "circle-open"],
  );
  assert.deepEqual(
    data.filter(({ showlegend }) => showlegend).map(({ name }) => name),
    ["all rows", "10 % dropped", "20 % dropped", "50 % dropped"],
  );
  assert.equal(
    layout.meta!.alternative,
    "Accuracy on all rows of Adult at 3 settings: MLP from 0.800 with Deep (the paper's 0.832) to 0.850 with Base (the paper's 0.852). Half of the rows dropped: MLP from 0.900 with Base (the paper's 0.921) to 0.900 with Base (the paper's 0.921).",
  );
});
