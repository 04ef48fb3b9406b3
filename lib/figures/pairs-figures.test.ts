import assert from "node:assert/strict";
import { test } from "node:test";
import { removalOrders, safeguards } from "../papers/var-jepa/pair-configurations.js";
import type { PairsCell } from "../studies/pairs-cells.js";
import { pairsStudyConfig } from "../studies/pairs-plan.js";
import type { PairsProvenance, SpreadCurve } from "../studies/pairs-study.js";
import { collapseScan } from "./collapse-scan.js";
import { removalPath } from "./removal-path.js";
import { collapseCurves, safeguardsFigure } from "./safeguards.js";

const both = ["means", "samples"] as const;
const cell = (
  configuration: string,
  measure: string,
  on: PairsCell["on"],
  mean: number,
  std = 0.1,
): PairsCell => ({
  ...{ configuration, measure, on, mean, std, runs: 2 },
});

const steps = [...new Set(Object.values(removalOrders).flat())];
const cells = [...steps, "untrained", "pca"].flatMap((name, i) =>
  both.flatMap((on, k) => [
    cell(name, "r2SxGivenClass", on, 0.01 * i + 0.5 * k),
    cell(name, "klAggregateSx", on, 10 ** (i - 5)),
    cell(name, "varianceRatio", on, 1 + i),
    ...(/jepa|points|pca/.test(name) || k === 0 ? [] : [cell(name, "informationUpper", on, 20 - i)]),
    ...(/jepa|points|pca/.test(name) || k === 0 ? [] : [cell(name, "informationLower", on, 19 - i)]),
  ]),
);
const config = pairsStudyConfig("removal", "quick");
const provenance: PairsProvenance = {
  ...{ config, engine: "", version: "", startedAt: "", durationSeconds: 1, cpuSeconds: 1, missing: 0 },
};

test("the path shows every step of both orders in its order, with levels; points have no bracket", () => {
  const changed = cells.map((own) => ({ ...own, mean: -1, setting: "tanh" }));
  const { data, layout } = removalPath({ cells: [...changed, ...cells], provenance });
  const of = (panel: number, name: string) =>
    data.find((trace) => trace.xaxis === (panel === 0 ? "x" : `x${panel + 1}`) && trace.name === name)!;
  const mean = (name: string, measure: string, on: PairsCell["on"]) =>
    cells.find((own) => own.configuration === name && own.measure === measure && own.on === on)!.mean;
  for (const [column, order] of (["decodersFirst", "klFirst"] as const).entries()) {
    for (const on of both)
      assert.deepEqual(
        of(column, on).y,
        removalOrders[order].map((name) => mean(name, "r2SxGivenClass", on)),
      );
    assert.deepEqual(of(2 + column, "at most").x, [0, 1, 2, 3, 4, 5]);
    assert.deepEqual(of(column, "untrained").y, Array(2).fill(mean("untrained", "r2SxGivenClass", "means")));
    assert.deepEqual(of(4 + column, "floor: 5,000 draws of N(0, I)").y, Array(2).fill(76 / 5_000));
  }
  const axis = layout.xaxis7 as { ticktext: string[] };
  assert.deepEqual(axis.ticktext.slice(0, 3), ["ELBO", "− decoder of x", "− decoder of y"]);
  assert.deepEqual((layout.xaxis8 as typeof axis).ticktext.slice(3, 6), [
    "− entropy of s<sub>y</sub>",
    "− decoder of x",
    "− decoder of y",
  ]);
  const words = (layout.annotations as { text: string }[]).map(({ text }) => text);
  for (const name of ["means", "samples", "at least", "untrained"]) assert.ok(words.includes(name), name);
  assert.match(layout.meta!.alternative, /decoders first: ELBO: 0\.5, 0\.000?01, 1;/);
  assert.throws(
    () => removalPath({ cells: cells.filter(({ configuration }) => configuration !== "points"), provenance }),
    /no configuration points/,
  );
});

test("a dot for every safeguard and its scans, named; dots that lie on each other share a name", () => {
  const names = [...safeguards, "vicreg-jepa × 10"];
  const own = names.flatMap((name, i) => {
    const place = name === "jepa-ema-0.9" ? names.indexOf("jepa-stop-gradient") : i;
    return [
      cell(name, "varianceRatio", "means", 10 ** (place / 4 - 2)),
      cell(name, "r2SxGivenClass", "means", 0.05 * place),
    ];
  });
  const { data, layout } = safeguardsFigure({
    cells: [...own, cell("untrained", "r2SxGivenClass", "means", 0.3)],
  });
  const dots = data.filter(({ mode }) => mode === "markers");
  assert.deepEqual(
    dots.map(({ name }) => name),
    names,
  );
  assert.deepEqual([dots[3].x, dots[3].y], [[10 ** -1.25], [0.05 * 3]]);
  assert.deepEqual((dots[3].error_y as { array: number[] }).array, [0.1]);
  assert.deepEqual(data.find(({ name }) => name === "untrained encoder")!.y, [0.3, 0.3]);
  const words = (layout.annotations as { text: string }[]).map(({ text }) => text);
  for (const name of ["no safeguard", "stop-gradient, EMA .9", "VICReg", "× 10", "untrained encoder"])
    assert.ok(words.includes(name), name);
  assert.throws(() => safeguardsFigure({ cells: [] }), /no safeguard/);
});

test("curves of the variance and the rank; the JEPA's band is the range of its runs", () => {
  const curve = (configuration: string, fall: number, setting?: string): SpreadCurve => ({
    configuration,
    ...(setting !== undefined && { setting }),
    points: [0, 10, 20].map((step, i) => ({
      ...{ step, varianceRatio: fall ** i, effectiveRank: 8 - i },
      ...{ least: fall ** i / 2, most: fall ** i * 2 },
    })),
  });
  const { data } = collapseCurves({
    curves: [curve("jepa", 9, "tanh"), curve("jepa", 0.1), curve("vicreg-jepa", 3), curve("other", 5)],
  });
  const lines = data.filter(({ fill }) => fill === undefined);
  assert.deepEqual(
    lines.map(({ name, xaxis, y }) => [name, xaxis, (y as number[])[2]]),
    [
      ["no safeguard", "x", 0.1 ** 2],
      ["VICReg", "x", 9],
      ["no safeguard", "x2", 6],
      ["VICReg", "x2", 6],
    ],
  );
  const bands = data.filter(({ fill }) => fill === "toself");
  assert.deepEqual(
    bands.map(({ y }) => (y as number[]).length),
    [6],
  );
  assert.throws(() => collapseCurves({ curves: [] }), /no safeguard/);
});

test("the scan of the decoders' weight: a panel for every measure, α ascending", () => {
  const own = ["0.015625", "0.0625", "0.25", "", "4", "16", "64"].flatMap((weight, i) =>
    ["activeUnitsSx", "activeUnitsZ", "r2SxGivenClass", "logSigmaX"].flatMap((measure, k) =>
      both.map((on) => cell(weight ? `A α ${weight}` : "A", measure, on, 10 * k + i)),
    ),
  );
  const { data, layout } = collapseScan({ cells: own });
  const lines = data.filter(({ mode }) => mode === "lines");
  assert.deepEqual(
    lines.map(({ y }) => (y as number[])[6]),
    [6, 16, 26, 36],
  );
  assert.deepEqual(lines[0].x, [1 / 64, 1 / 16, 1 / 4, 1, 4, 16, 64]);
  assert.match(layout.meta!.alternative, /α 0\.016: 0, 10, 20, 30;/);
  assert.throws(() => collapseScan({ cells: own.slice(8) }), /no activeUnitsSx of A α 0\.015625/);
});
