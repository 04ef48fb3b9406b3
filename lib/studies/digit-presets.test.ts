import "../node/world.js";
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { loadDigits } from "../data/digits.js";
import { startEngine } from "../engine/backend.js";
import { fold, seedKey } from "../engine/random.js";
import { drawBlockMasks } from "../models/modalities/patches/masks.js";
import { publishedBlockMasks } from "../papers/i-jepa/published.js";
import { fit } from "../training/fit.js";
import { digitMasks, digitPresets } from "./digit-presets.js";

before(startEngine);

const { count, ...digits } = loadDigits({ split: "train", limit: 32 });
const data = { rows: count, ...digits };

test("both models of a preset train on digits as they are loaded", async () => {
  const { models } = digitPresets.quick;
  const short = <Settings extends { training: object }>(settings: Settings) => ({
    ...settings,
    training: { ...settings.training, epochs: 1, warmupEpochs: 0, batchSize: 16 },
    workers: 1,
  });
  const variational = await fit("var-i-jepa", data, short(models["var-i-jepa"]));
  const twin = await fit("i-jepa", data, short(models["i-jepa"]));
  for (const { history, parameters } of [variational, twin]) {
    assert.ok(Object.values(history[0].terms).every(Number.isFinite));
    assert.ok(parameters.values.length < 300_000);
  }
  assert.deepEqual(variational.config.encoder, twin.config.encoder);
});

test("one target of 4, 6, 9 or 12 patches a context of 30 to 45 with the presets' masks, of 6 or 13 with the published ones", () => {
  const { image } = digitPresets.standard.models["var-i-jepa"].model;
  const sizes = (masks: typeof digitMasks) => {
    const drawn = Array.from({ length: 300 }, (_, step) =>
      drawBlockMasks(fold(seedKey(1), step), masks, image, 1),
    );
    return [...new Set(drawn.map(({ contextSize }) => contextSize))].sort((a, b) => a - b);
  };
  assert.deepEqual(sizes(digitMasks), [30, 33, 36, 37, 38, 40, 43, 45]);
  assert.deepEqual(sizes(publishedBlockMasks), [6, 13]);
});
