import "../node/world.js";
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { expectClose } from "../engine/finite-differences.js";
import { committed } from "../figures/committed.test-results.js";
import { cellKey } from "./cell.js";
import { runWhole } from "./run-plan.js";
import {
  planSpread,
  type SpreadStudy,
  type SpreadStudyConfig,
  saveSpread,
  spreadConfig,
} from "./spread-study.js";
import { imputationStudies } from "./tabular-studies.js";
import type { TabularStudy } from "./tabular-study.js";

const folder = mkdtempSync(path.join(os.tmpdir(), "var-jepa-spread-"));
process.env.VARJEPA_RUNS = path.join(folder, "runs");
after(() => rmSync(folder, { recursive: true, force: true }));

const tiny: SpreadStudyConfig = {
  study: "spread",
  tables: [{ dataset: "sim", rows: 100, seeds: [1, 2], testRows: 15, trainRows: 70 }],
};

test("the tables and rows are those of the models: once where all rows are read, else for every seed", () => {
  const { tables } = spreadConfig();
  assert.deepEqual(
    tables.map(({ dataset, rows, testRows }) => [dataset, rows, testRows]),
    imputationStudies().map(({ dataset, preset, scoring }) => [
      dataset,
      typeof preset === "string" ? undefined : preset.rows,
      scoring.imputation.testRows,
    ]),
  );
  assert.ok(tables.every(({ rows, seeds }) => seeds.length === (rows ? 3 : 1)));
});

test("a tiny study: every number in each seed's rows, the file, and what is there in part", async () => {
  const plan = await planSpread(tiny);
  assert.equal(new Set(plan.cells.map((cell) => cellKey(cell))).size, 2);
  const study = await runWhole(plan);
  assert.deepEqual(
    study.runs.map(({ dataset, rows, seed }) => [dataset, rows, seed]),
    [1, 2].map((seed) => ["sim", 100, seed]),
  );
  const [first, second] = study.runs.map(({ columns }) => columns);
  assert.ok(first.length > 20 && first.every(({ rows }) => rows === 15));
  assert.notDeepEqual(first, second);
  assert.deepEqual(
    first.map(({ column }) => column),
    second.map(({ column }) => column),
  );
  saveSpread(study, folder);
  const saved = JSON.parse(readFileSync(path.join(folder, "spread.json"), "utf8"));
  assert.deepEqual(Object.keys(saved), ["runs", "provenance"]);
  assert.deepEqual([saved.runs.length, saved.provenance.missing], [2, 0]);
  const part = plan.assemblePart!([undefined, undefined]);
  assert.deepEqual([part.runs.length, part.provenance.missing], [0, 2]);
});

test("committed: with one deviation they are the rivals that stand beside the models, on the same rows", () => {
  const { runs, provenance } = committed<SpreadStudy>("spread.json");
  assert.deepEqual(provenance.config, JSON.parse(JSON.stringify(spreadConfig())));
  const studies = committed<TabularStudy[]>("imputation.json");
  assert.equal(provenance.missing, 0);
  let compared = 0;
  for (const { provenance: of, runs: models } of studies) {
    const { dataset, preset } = of.config;
    const rows = typeof preset === "string" ? undefined : preset.rows;
    for (const { seed, scores } of models) {
      const own = runs.find(
        (run) => run.dataset === dataset && run.rows === rows && (rows === undefined || run.seed === seed),
      )!;
      for (const { column, linear, trees } of own.columns) {
        assert.ok(linear.converged, `${dataset} ${column}`);
        const beside = scores.imputation!.at(-1)!.columns.find((one) => one.column === column)!;
        const told = [linear, trees].map(({ alike }) => alike.logLikelihood);
        expectClose(told, [beside.linear!.logLikelihood, beside.trees!.logLikelihood], {
          absolute: 1e-4,
          relative: 1e-4,
        });
        compared++;
      }
    }
  }
  assert.ok(compared > 250);
});
