import assert from "node:assert/strict";
import { test } from "node:test";
import { tradeOff } from "./trade-off.js";

const points = [
  { x: 0.1, measures: { gain: 1, accuracy: 0.8 } },
  { x: 0.001, measures: { gain: 0, accuracy: 0.9 } },
  { x: 0.1, measures: { gain: 3, accuracy: 0.7 } },
];

test("one panel per measure: every run a marker, a line through the means in ascending x, levels where they are", () => {
  const { data, layout } = tradeOff(points, "α", [{ name: "untrained", measures: { accuracy: 0.85 } }]);
  assert.deepEqual(
    data.map(({ mode, x, y }) => ({ mode, x, y })),
    [
      { mode: "lines", x: [0.001, 0.1], y: [0, 2] },
      { mode: "markers", x: [0.1, 0.001, 0.1], y: [1, 0, 3] },
      { mode: "lines", x: [0.001, 0.1], y: [0.9, 0.75] },
      { mode: "markers", x: [0.1, 0.001, 0.1], y: [0.8, 0.9, 0.7] },
      { mode: "lines", x: [0.001, 0.1], y: [0.85, 0.85] },
    ],
  );
  assert.deepEqual(
    data.filter(({ showlegend }) => showlegend).map(({ name }) => name),
    ["trained, one marker per seed", "untrained"],
  );
  assert.ok("yaxis2" in layout);
  assert.ok(data.every((trace) => !("error_y" in trace)));
  const withErrors = tradeOff(
    [{ x: 1, measures: { gain: 1, accuracy: 0.8 }, errors: { gain: 0.2 } }],
    "α",
  ).data;
  assert.deepEqual(
    withErrors.map((trace) => (trace.error_y as { array: number[] } | undefined)?.array),
    [undefined, [0.4], undefined, undefined],
  );
});

test("what cannot stand on a logarithmic axis is refused", () => {
  assert.throws(() => tradeOff([], "α"), /points is empty/);
  assert.throws(() => tradeOff([{ x: 0, measures: { gain: 1 } }], "α"), /x is 0; a logarithmic axis/);
});
