import assert from "node:assert/strict";
import { test } from "node:test";
import type { DownstreamInputName } from "../studies/downstream-plan.js";
import type { DownstreamCell } from "../studies/downstream-tables.js";
import { type Figure3Curve, figure3 } from "./figure-3.js";

const percents = Array.from({ length: 100 }, (_, i) => (i + 1) / 100);

/** Risk grows with coverage up to `error`; the uncertainty is `slope` × u. */
const curve = (input: DownstreamInputName, seed: number, error: number, slope: number): Figure3Curve => ({
  dataset: "SIM",
  input,
  seed,
  spearman: 1,
  auc: 1,
  roc: [0, ...percents.map((share) => share ** (1 / slope))],
  rows: Array.from({ length: 20 }, (_, i) => [i / 20, (slope * i) / 20] as const),
  risk: {
    posterior: percents.map((share) => error * share),
    probe: percents.map((share) => (error * share) / 2),
  },
});

const cell = (
  input: DownstreamInputName,
  metric: string,
  mean: number,
  std: number | null,
): DownstreamCell => ({
  dataset: "SIM",
  predictor: "linear",
  input,
  discard: 0,
  metric,
  mean,
  std,
  runs: 2,
  published: null,
});
const cells = [
  cell("var-t-jepa", "area under the risk–coverage curve", 0.0521, 0.0014),
  cell("var-t-jepa", "error rate", 0.3, 0.1),
  cell("var-t-jepa", "Spearman correlation with u", -0.123, 0.011),
  cell("untrained var-t-jepa", "ROC AUC of u above its 90 % quantile", 0.61, null),
];
const curves = [
  curve("var-t-jepa", 1, 0.2, 2),
  curve("var-t-jepa", 2, 0.4, 4),
  curve("untrained var-t-jepa", 1, 0.5, 1.5),
];
const { data, layout } = figure3({ cells, curves });
const named = (name: string, yaxis: string) => {
  const { y } = data.find((trace) => trace.name === name && trace.yaxis === yaxis)!;
  return y as number[];
};
const close = (a: number, b: number) => assert.ok(Math.abs(a - b) < 1e-12, `${a}, ${b}`);

test("risk: mean over encoders in a band from the smallest to the largest; confidence and dropping at random beside", () => {
  close(named("trained", "y")[49], 0.15);
  close(named("trained, largest", "y")[49], 0.2);
  close(named("trained, smallest", "y")[49], 0.1);
  close(named("untrained", "y")[99], 0.5);
  close(named("confidence", "y")[49], 0.075);
  assert.ok(named("random", "y").every((risk) => Math.abs(risk - 0.3) < 1e-12));
});

test("uncertainty: rows of one encoder and means of tenths over encoders; ROC with its diagonal", () => {
  assert.deepEqual(
    named("rows of one trained encoder", "y2"),
    curves[0].rows.map(([, value]) => value),
  );
  // The first tenth holds u = 0 and .05, whose uncertainties are 2u and 4u.
  close(named("trained", "y2")[0], 0.075);
  close(named("untrained", "y2")[9], 1.5 * 0.925);
  close(named("trained", "y3")[25], (0.25 ** (1 / 2) + 0.25 ** (1 / 4)) / 2);
  close(named("chance", "y3")[25], 0.25);
});

test("titles and the alternative text tell the numbers that are there, curves have their names beside them", () => {
  const texts = (layout.annotations as { text: string; xref: string }[]).map(({ text }) => text);
  assert.ok(texts.includes("<b>area 0.052 ± 0.001</b>"));
  assert.ok(texts.includes("<b>Spearman −0.12 ± 0.01</b>"));
  assert.ok(texts.includes("untrained 0.61"));
  assert.deepEqual(
    (layout.annotations as { text: string; xref: string }[])
      .filter(({ xref }) => xref === "x")
      .map(({ text }) => text),
    ["trained", "untrained", "confidence", "random"],
  );
  assert.match(layout.meta!.alternative, /SIM: 2 trained encoders have .* 0\.052 ± 0\.001 \(not measured by/);
});

test("untrained encoders alone are drawn too, no curve is refused", () => {
  const alone = figure3({ cells: [], curves: curves.slice(2) });
  assert.ok(alone.data.every(({ name }) => !/^trained|confidence|random/.test(String(name))));
  assert.equal(alone.data.filter(({ name }) => name === "untrained").length, 3);
  assert.throws(() => figure3({ cells, curves: [] }), /curves is empty/);
});

test("every data set has its row of panels, MNIST above SIM", () => {
  const both = figure3({ cells, curves: [...curves, { ...curves[0], dataset: "MNIST" }] });
  const titles = ["yaxis", "yaxis4"].map(
    (axis) => (both.layout[axis] as { title: { text: string } }).title.text,
  );
  assert.deepEqual(titles, ["<b>MNIST</b><br>risk", "<b>SIM</b><br>risk"]);
  const domain = (axis: string) => (both.layout[axis] as { domain: [number, number] }).domain;
  assert.ok(domain("yaxis")[0] > domain("yaxis4")[1]);
  assert.equal(both.layout.height, 2 * layout.height!);
});
