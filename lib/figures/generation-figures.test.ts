import assert from "node:assert/strict";
import { test } from "node:test";
import type { GenerationDataName } from "../studies/generation-plan.js";
import type { GenerationCell, GenerationCurve } from "../studies/generation-study.js";
import { generationBounds } from "./generation-bounds.js";
import { boundRows, densityRows, sampleRows } from "./generation-tables.js";

const cell = (
  density: string,
  measure: string,
  mean: number,
  std: number | null = 0.123,
): GenerationCell => ({
  ...{ data: "simulation", density, measure, mean, std, runs: std === null ? 1 : 3 },
});
const curve = (
  data: GenerationDataName,
  density: string,
  proposal: GenerationCurve["proposal"],
  from: number,
) => ({
  ...{ data, density, proposal },
  points: [2, 4, 16, 64].map((samples, i) => ({ samples, mean: from + i - 1, std: 0.2 })),
});
const cells = [
  cell("marginal full", "logLikelihood", -26),
  cell("A", "logLikelihood", -30.98765),
  cell("A", "coverage", 0.95, null),
  cell("truth", "logLikelihood", -25, 12.3),
  cell("A", "boundMode", -30.9),
  cell("A", "untrustedPredictor", 0.64),
  cell("A", "aggregateSx", 1.3),
  cell("A", "xPrior", 0.28),
];

test("bounds over K from 4 on, in a panel for every model and kind of pairs that there is, with levels", () => {
  const curves = [
    ...(["mode", "posterior", "predictor"] as const).map((proposal, i) =>
      curve("simulation", "A", proposal, -31 - i),
    ),
    curve("simulation", "A α 0.25", "mode", -30),
  ];
  const { data, layout } = generationBounds({ cells, curves });
  const lines = (panel: string) =>
    data.filter(({ xaxis }) => xaxis === panel).map(({ name, x, y }) => [name, x, y]);
  assert.deepEqual(
    lines("x").map(([name]) => name),
    ["the truth", "marginal, full", "around the mode", "q(s<sub>y</sub>|s<sub>x</sub>,z,y)", "the predictor"],
  );
  assert.deepEqual(lines("x")[2].slice(1), [
    [4, 16, 64],
    [-31, -30, -29],
  ]);
  assert.deepEqual(lines("x2")[2].slice(1), [
    [4, 16, 64],
    [-30, -29, -28],
  ]);
  const words = (layout.annotations as { text: string }[]).map(({ text }) => text);
  assert.deepEqual(
    words.filter((word) => /truth|marginal/.test(word)),
    ["marginal, full", "the truth"],
  );
  const far = generationBounds({ cells: [...cells, cell("truth", "logLikelihood", 400)], curves });
  const named = (far.layout.annotations as { text: string }[]).map(({ text }) => text);
  assert.ok(named.includes("↑ the truth: 400") && !named.includes("the truth"));
  assert.ok((far.layout.yaxis as { range: number[] }).range[1] < 0);
  const low = generationBounds({
    cells,
    curves: [...curves, curve("simulation", "A α 0.25", "predictor", -900)],
  });
  const edges = (low.layout.annotations as { text: string; xref: string }[]).filter(({ text }) =>
    /↓/.test(text),
  );
  assert.deepEqual(
    edges.map(({ text, xref }) => [text, xref]),
    [["↓ the predictor: -898", "x2 domain"]],
  );
  assert.ok((low.layout.yaxis as { range: number[] }).range[0] > -40);
  assert.match(
    layout.meta!.alternative,
    /simulated pairs, Var-JEPA: the truth -25\.0; .*around the mode -29\.0/,
  );
  assert.throws(() => generationBounds({ cells, curves: [] }), /no bound of Var-JEPA/);
});

test("tables: densities from the truth down, bounds by proposal, what samples suffer; a dash where there is nothing", () => {
  const rows = densityRows({ cells }, "simulation");
  assert.deepEqual(
    rows.map((row) => [row.density, row["log p(y|x), nats"], row.coverage]),
    [
      ["the truth", "-25 ± 12", "–"],
      ["Var-JEPA", "-30.99 ± 0.12", "0.950"],
      ["marginal, full covariance", "-26.00 ± 0.12", "–"],
    ],
  );
  const [mode, , predictor] = ["around the mode", "q(s_y|s_x,z,y)", "the predictor"].map(
    (name) => boundRows({ cells }, "simulation").find(({ proposal }) => proposal === name)!,
  );
  assert.equal(mode["bound, nats"], "-30.90 ± 0.12");
  assert.equal(predictor["rows above 0.7"], "0.64 ± 0.12");
  assert.deepEqual(
    sampleRows({ cells }, "simulation").map((row) => [
      row["KL of aggregated s_x"],
      row["x, s_x of the prior"],
    ]),
    [["1.30 ± 0.12", "0.28 ± 0.12"]],
  );
  assert.throws(() => densityRows({ cells }, "halves"), /cells hold nothing of halves/);
});
