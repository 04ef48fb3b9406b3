import assert from "node:assert/strict";
import { test } from "node:test";
import { paperDataSets } from "../data/datasets/index.js";
import { expectClose } from "../engine/finite-differences.js";
import { seedKey } from "../engine/random.js";
import { drawMaskSizes } from "../models/modalities/tabular/masks.js";
import { checkTJepa } from "../models/t-jepa.js";
import { checkVarTJepa } from "../models/var-t-jepa.js";
import { publishedSettings } from "../papers/var-jepa/published.js";
import { publishedTable6 } from "../papers/var-jepa/published-table-6.js";
import {
  overEpochs,
  ownTablePreset,
  type PublishedModels,
  type TabularPreset,
  tabularPreset,
} from "./tabular-presets.js";

function checkPreset(preset: TabularPreset<PublishedModels>, numeric: number, categorical: number): void {
  const table = { numeric, cardinalities: Array.from({ length: categorical }, () => 3) };
  const [ours, theirs] = [preset.models["var-t-jepa"], preset.models["t-jepa"]];
  checkVarTJepa({ ...ours.model, table });
  checkTJepa({ ...theirs.model, table });
  drawMaskSizes(seedKey(1), ours.model.masks, numeric + categorical);
  const { annealEpochs: _annealEpochs, ...shared } = ours.training;
  assert.deepEqual(theirs.training, shared, "Table 8 is set like Table 7");
  assert.deepEqual(theirs.model.masks, ours.model.masks);
  assert.ok(shared.warmupEpochs! < shared.epochs);
}

test("every preset of every data set makes models of its table that can be trained", () => {
  for (const { name, code } of paperDataSets)
    for (const preset of ["quick", "medium", "standard", "paper"] as const) {
      const { numeric, categorical } = publishedTable6[code];
      checkPreset(tabularPreset(name, preset), numeric, categorical);
    }
});

test("the paper's preset is Table 7; only its length and one sample for MNIST are chosen", () => {
  for (const { name, code } of paperDataSets) {
    const published = publishedSettings[code];
    const { rows, models } = tabularPreset(name, "paper");
    const { model, objective, training } = models["var-t-jepa"];
    assert.equal(rows, undefined);
    assert.deepEqual(
      {
        batchSize: training.batchSize,
        learningRate: training.learningRate,
        warmupEpochs: training.warmupEpochs,
        masks: model.masks,
        encoder: model.encoder,
        predictor: model.predictor,
        weights: objective,
        annealEpochs: training.annealEpochs,
      },
      published,
    );
    assert.equal(model.targetSamples, name === "mnist" ? 1 : 4);
  }
});

test("a shorter training keeps the share of warm-up and KL rises", () => {
  const [short, paper] = (["standard", "paper"] as const).map(
    (preset) => tabularPreset("covertype", preset).models["var-t-jepa"].training,
  );
  assert.deepEqual([short.epochs, paper.epochs], [30, 200]);
  expectClose([short.warmupEpochs!], [(12 * 30) / 200], { absolute: 1e-12 });
  expectClose(Object.values(short.annealEpochs!), [9, 9, 3], { absolute: 1e-12 });
});

test("over other epochs a preset changes its lengths alone, and all in the same proportion", () => {
  const paper = tabularPreset("covertype", "paper");
  const short = tabularPreset("covertype", "standard");
  const halved = overEpochs(paper, 30);
  for (const kind of ["var-t-jepa", "t-jepa"] as const) {
    assert.deepEqual(halved.models[kind].model, paper.models[kind].model);
    const { epochs, warmupEpochs, ...rest } = halved.models[kind].training;
    assert.equal(epochs, 30);
    expectClose([warmupEpochs!], [short.models[kind].training.warmupEpochs!], { absolute: 1e-12 });
    assert.equal(rest.learningRate, paper.models[kind].training.learningRate);
  }
  const rises = (preset: TabularPreset<PublishedModels>) =>
    Object.values(preset.models["var-t-jepa"].training.annealEpochs!);
  expectClose(rises(halved), rises(short), { absolute: 1e-12 });
  assert.deepEqual(overEpochs(paper, 200), paper);
});

test("every data set is probed at least ten times where its epochs allow, at most every fifth", () => {
  const every = (name: Parameters<typeof tabularPreset>[0], preset: "quick" | "standard" | "paper") =>
    tabularPreset(name, preset).probe.every;
  assert.deepEqual(
    [
      every("adult", "quick"),
      every("adult", "standard"),
      every("electricity", "standard"),
      every("adult", "paper"),
    ],
    [1, 1, 4, 5],
  );
});

test("another table gets about as many updates whatever its rows, and smaller batches when it is wide", () => {
  for (const [rows, features] of [
    [150, 4],
    [48_842, 14],
    [1_000_000, 40],
    [500, 1_000],
  ]) {
    for (const preset of ["quick", "standard"] as const) {
      const own = ownTablePreset(preset, rows, features);
      checkPreset(own, features - 1, 1);
      const { epochs, batchSize } = own.models["t-jepa"].training;
      const updates = epochs * Math.ceil(rows / batchSize);
      const wanted = preset === "quick" ? 500 : 2_000;
      const oneEpoch = Math.ceil(rows / batchSize);
      assert.ok(Math.abs(updates - wanted) <= oneEpoch || epochs === 1, `${rows} rows: ${updates} updates`);
      assert.ok(batchSize * features <= 512 * 14 || batchSize === 16);
    }
  }
});

test("unknown names are refused", () => {
  assert.throws(
    () => tabularPreset("iris" as "adult", "quick"),
    /no settings for "iris"; use adult, .*, or ownTablePreset/,
  );
  assert.throws(
    () => tabularPreset("adult", "fast" as "quick"),
    /no preset "fast"; use quick, medium, standard or paper/,
  );
});
