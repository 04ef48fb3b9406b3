import assert from "node:assert/strict";
import { test } from "node:test";
import { removalOrders, safeguards } from "../papers/var-jepa/pair-configurations.js";
import type { PairsCell } from "../studies/pairs-cells.js";
import { pairsStudyConfig } from "../studies/pairs-plan.js";
import { fixedScan, learnedScan } from "../studies/pairs-scans.js";
import type { PairsStudy, SpreadCurve } from "../studies/pairs-study.js";
import { collapseScan } from "./collapse-scan.js";
import { noiseLevels } from "./noise-levels.js";
import { removalPath } from "./removal-path.js";
import { removalRows } from "./removal-table.js";
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
const provenance: PairsStudy["provenance"] = {
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
    assert.deepEqual(of(4 + column, "floor: 5,000 draws").y, Array(2).fill(76 / 5_000));
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
  // Nobody knows the true s_x of digits: a probe stands in its place.
  const digits = cells.map((own) => ({ ...own, measure: own.measure.replace("r2SxGivenClass", "probeSx") }));
  const path = removalPath({ cells: digits, provenance });
  assert.deepEqual(path.data[0].y, data[0].y);
  assert.match((path.layout.yaxis as { title: { text: string } }).title.text, /^class found/);
  assert.match(path.layout.meta!.alternative, /^How often a probe finds the class,/);
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

test("the axis of collapse: every scan over α times the square of the scale it ends with", () => {
  const points = [...learnedScan, ...fixedScan.flatMap(({ byAlpha, bySigma }) => [byAlpha, bySigma])];
  const others = ["A log σ 2", "A log σ -2", "A α 4 annealed", "A α 4 free bits 0.1"];
  const names = [...new Set([...points.map(({ name }) => name), ...others])];
  const own = names.flatMap((name, i) => {
    const sigma = points.find((point) => point.name === name)?.sigma ?? Math.exp(-0.5);
    return [
      cell(name, "r2SxGivenClass", "samples", i / 100),
      cell(name, "activeUnitsSx", "means", i),
      cell(name, "activeUnitsZ", "means", 0),
      cell(name, "logSigmaX", "samples", Math.log(sigma)),
    ];
  });
  const { data, layout } = collapseScan({ cells: [...own, cell("pca", "r2SxGivenClass", "samples", 0.6)] });
  const trace = (name: string, panel: string) =>
    data.find((one) => one.name === name && one.xaxis === panel)!;
  const rounded = (values: unknown) => (values as number[]).map((value) => Number(value.toFixed(6)));
  assert.deepEqual(
    rounded(trace("σ learned", "x").x),
    rounded([1 / 64, 1 / 16, 1 / 4, 1, 4, 16, 64].map((alpha) => alpha * Math.exp(-1))),
  );
  // Both ways to a product stand at the same place.
  assert.deepEqual(rounded(trace("σ = 1, α scanned", "x2").x), rounded([1 / 64, 1 / 16, 1 / 4, 1, 4]));
  assert.deepEqual(rounded(trace("α = 1, σ scanned", "x2").x), rounded([1 / 64, 1 / 16, 1 / 4, 1, 4]));
  assert.deepEqual(trace("σ learned", "x2").y, [0, 1, 2, 3, 4, 5, 6]);
  assert.deepEqual(trace("PCA", "x").y, [0.6, 0.6]);
  assert.equal(trace("PCA", "x2"), undefined);
  assert.match(layout.meta!.alternative, /A α 4 \(1\.5\): 0\.04, 4, 0;/);
  assert.throws(() => collapseScan({ cells: own.slice(4) }), /no logSigmaX of A α 0\.015625/);
});

test("noise: a line where a density has all of a panel, at every level; levels where nothing follows and where all holds", () => {
  const measured = (name: string, measure: string, values: readonly number[]): PairsCell[] =>
    [undefined, "mild", "strong"].map((setting, i) => ({
      ...cell(name, measure, "samples", values[i]),
      ...(setting !== undefined && { setting }),
    }));
  const thirds = ["Low", "Middle", "High"];
  const own = ["A", "regression"].flatMap((name, i) => [
    ...(i === 0 ? measured(name, "noiseRankSy", [0, 0.2, 0.4]) : []),
    ...measured(name, "noiseRankY", [i, i + 0.1, i + 0.2]),
    ...thirds.flatMap((third, k) => measured(name, `coverageY${third}`, [0.9, 0.8, 0.7 - k / 10])),
  ]);
  const studied = { cells: own, provenance: { ...provenance, config: pairsStudyConfig("noise", "quick") } };
  const { data, layout } = noiseLevels(studied);
  const lines = (panel: string) =>
    data.filter(({ xaxis }) => xaxis === panel).map(({ name, y }) => [name, y]);
  const level = (value: number) => Array(2).fill(value);
  assert.deepEqual(lines("x"), [
    ["", level(0)],
    ["Var-JEPA", [0, 0.2, 0.4]],
  ]);
  assert.deepEqual(lines("x2").slice(1), [
    ["Var-JEPA", [0, 0.1, 0.2]],
    ["one variance", [1, 1.1, 1.2]],
  ]);
  assert.deepEqual(lines("x3")[0], ["as it should", level(0.9)]);
  assert.deepEqual(lines("x4")[1], ["Var-JEPA", [0.7, 0.6, 0.7 - 0.2]]);
  const words = (layout.annotations as { text: string }[]).map(({ text }) => text);
  assert.equal(words.filter((word) => word === "one variance").length, 2);
  assert.match(layout.meta!.alternative, /Σ of p\(s_y\|s_x,z\) .*: Var-JEPA 0\.00, 0\.20, 0\.40\./);
  assert.throws(() => noiseLevels({ ...studied, cells }), /no measure of noise/);
});

test("the table of terms: weights of the five, what is not minimised as a dot, what is not measured as a dash", () => {
  const own = ["untrained", "A", "no-entropy", "jepa", "vicreg-jepa"].map((name, i) =>
    cell(name, "r2SxGivenClass", "means", i / 10),
  );
  const rows = removalRows({ cells: own });
  assert.deepEqual(
    rows.map((row) => Object.values(row).slice(0, 9).join(" ")),
    [
      "untrained · · · · · · · 0 ± 0.1",
      "A 1 1 1 1 1 1 · 0.1 ± 0.1",
      "no-entropy 1 1 1 1 1 · · 0.2 ± 0.1",
      "jepa · · · · 1 · · 0.3 ± 0.1",
      "vicreg-jepa · · · · 25 · varianceSx 25, varianceSy 25, covarianceSx 1, covarianceSy 1 0.4 ± 0.1",
    ],
  );
  assert.equal(rows[0].KL_agg, "–");
  assert.throws(() => removalRows({ cells: own.map((one) => ({ ...one, setting: "tanh" })) }), /no setting/);
});
