import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { tableText } from "../lib/figures/drawing/table.js";
import { table1Rows } from "../lib/figures/table-1.js";
import { projectFolder } from "../lib/settings.js";
import { type ChoiceEffect, choiceRows } from "../lib/studies/open-choices.js";
import type { SimulationStudy } from "../lib/studies/simulation-study.js";
import { agreement } from "../lib/studies/simulation-table.js";

const read = (file: string) => readFileSync(path.join(projectFolder, file), "utf8");
const study: Pick<SimulationStudy, "cells" | "claims" | "provenance"> = JSON.parse(
  read("figures/table-1.json"),
);
const choices: ChoiceEffect[] = JSON.parse(read("figures/open-choices.json"));

test("the committed study is the full one, close to the published table, and every claim holds", () => {
  const { preset, runs, config } = study.provenance;
  assert.deepEqual([preset, runs, config.training.epochs, config.variants.length], ["standard", 5, 40, 10]);
  const { meanAbsLogRatio, meanAbsAccuracyDifference } = agreement(study.cells);
  assert.ok(meanAbsLogRatio <= 0.3, `mean |log ratio| ${meanAbsLogRatio}`);
  assert.ok(meanAbsAccuracyDifference <= 0.02, `mean |Δ accuracy| ${meanAbsAccuracyDifference}`);
  assert.deepEqual(
    study.claims.filter(({ holds }) => !holds),
    [],
  );
});

test("README shows the committed table and its distance to the published one", () => {
  const readme = read("README.md");
  assert.ok(readme.includes(tableText(table1Rows(study.cells, "sx"))));
  const { meanAbsLogRatio, meanAbsAccuracyDifference } = agreement(study.cells);
  assert.ok(readme.includes(`is ${meanAbsLogRatio.toFixed(2)},`));
  assert.ok(readme.includes(`is ${meanAbsAccuracyDifference.toFixed(3)}`));
});

test("FAITHFULNESS shows the committed effect of every open choice", () => {
  const faithfulness = read("FAITHFULNESS.md");
  assert.ok(faithfulness.includes(tableText(choiceRows(choices))));
});

const documents = [
  "README.md",
  "FAITHFULNESS.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  "environment/README.md",
  "environment/GPU.md",
];

/** Made by a run, or where a build has put it. */
const unmade = /^(figures\/quick|docs|runs|dist)\//;

test("every file, folder and script that a document names is there", () => {
  const { scripts } = JSON.parse(read("package.json"));
  for (const file of documents) {
    const text = read(file);
    const named = [...text.matchAll(/`((?:lib|environment|figures|notebooks)\/[\w./-]+)`/g)].map(
      ([, at]) => at,
    );
    const linked = [...text.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, at]) =>
      path.posix.join(path.posix.dirname(file), at),
    );
    const missing = [...named, ...linked].filter(
      (at) => !unmade.test(at) && !existsSync(path.join(projectFolder, at)),
    );
    const run = [...text.matchAll(/\bnpm run (?:--silent )?([\w:]+)/g)].map(([, name]) => name);
    assert.deepEqual([...missing, ...run.filter((name) => !(name in scripts))], [], file);
  }
});
