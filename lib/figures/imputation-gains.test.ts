import assert from "node:assert/strict";
import { test } from "node:test";
import type { TabularStudy } from "../studies/tabular-study.js";
import { committed } from "./committed.test-results.js";
import { imputationGains } from "./imputation-gains.js";
import { runsOf } from "./study-tables.js";

test("several seeds of a model stand at their mean with two standard errors", () => {
  const [a, b] = runsOf(committed<TabularStudy>("adult-objectives.json"), "Table 7's weights").map(
    ({ scores }) => scores.imputation![0].columns,
  );
  const { data } = imputationGains([{ name: "ours", seeds: [a, b] }]);
  assert.deepEqual(
    data.map(({ name, x }) => [name, (x as number[]).length]),
    [
      ["ours", a.length],
      ["linear model", a.length],
      ["nearest rows", a.length],
    ],
  );
  assert.equal((data[0].x as number[])[1], (a[1].gain + b[1].gain) / 2);
  const bars = (data[0] as unknown as { error_x: { array: number[] } }).error_x.array;
  assert.ok(Math.abs(bars[1] - Math.abs(a[1].gain - b[1].gain)) < 1e-12, "two standard errors of two seeds");
  const gains = data.map(({ x }) => (x as number[])[1]);
  const cut = imputationGains([{ name: "ours", seeds: [a, b] }], { most: Math.min(...gains) - 1e-6 }).layout;
  const [{ text }] = (cut.annotations as { text: string; y: number }[]).filter(({ y }) => y === -1);
  assert.match(text, /^ours -?\d\.\d, linear model -?\d\.\d, nearest rows -?\d\.\d →$/);
  assert.deepEqual(imputationGains([{ name: "ours", seeds: [a] }]).layout.annotations, []);
  const tall = imputationGains([{ name: "ours", seeds: [a] }], { rowHeight: 40, rivals: "mixed" });
  assert.deepEqual(
    tall.data.map(({ name }) => name),
    ["ours", "linear model, mixed", "nearest rows, mixed"],
  );
  assert.equal(Number(tall.layout.height) - Number(cut.height), 14 * a.length);
  assert.throws(() => imputationGains([{ name: "none", seeds: [] }]), /series is empty or has no seed/);
});
