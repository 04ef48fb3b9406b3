import assert from "node:assert/strict";
import { test } from "node:test";
import type { SimulationStudy } from "../studies/simulation-study.js";
import { committed } from "./committed.test-results.js";
import { type Figure, plainFigure } from "./drawing/figure.js";
import { themed } from "./drawing/theme.js";
import { table1Figure, table1Rows } from "./table-1.js";

const { cells } = committed<Pick<SimulationStudy, "cells">>("table-1.json");

test("the committed cells give the committed picture of Table 1, to the last digit", () => {
  assert.deepEqual(plainFigure(themed(table1Figure(cells))), committed<Figure>("table-1.plotly.json"));
});

test("every cell of the rows says ours, the paper's and how far apart they are", () => {
  const cell = { latent: "sy", variant: "A" } as const;
  const row = (metric: "accuracy" | "meanNorm", mean: number, std: number | null, published: number) => ({
    ...{ ...cell, metric, mean, std, published },
    logRatio: Math.log(mean / published),
  });
  const others = (["klAggregate", "sigregMse", "covarianceFrobenius"] as const).map((metric) => ({
    ...{ ...cell, metric, mean: 1.6e-4, std: null, published: 3.2e-4, logRatio: Math.log(0.5) },
  }));
  const rows = table1Rows(
    [row("accuracy", 0.98765, 0.001, 0.99), row("meanNorm", 2, 0.25, 1), ...others],
    "sy",
  );
  assert.equal(rows.length, 1);
  assert.equal(rows[0].accuracy, "0.988 ± 0.001 | 0.99 | −0.00");
  assert.equal(rows[0]["‖m‖"], "2 ± 0.25 | 1 | +0.69");
  assert.equal(rows[0].KL_agg, "1.6e-4 | 3.2e-4 | −0.69");
  assert.throws(() => table1Rows([row("accuracy", 1, null, 1)], "sy"), /no cell sy A klAggregate/);
});
