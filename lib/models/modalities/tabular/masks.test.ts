import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fold, seedKey } from "../../../engine/random.js";
import { publishedSettings } from "../../../papers/var-jepa/published.js";
import { fixedMasks, fullMasks, type Masks } from "../../tokens/masks.js";
import { drawMaskSizes, drawMasks, type MaskConfig } from "./masks.js";

const adult = publishedSettings.AD.masks;

const contextOf = ({ context, contextSize }: Masks, row: number): number[] => [
  ...context.subarray(row * contextSize, (row + 1) * contextSize),
];
const targetOf = ({ targets, targetSize, targetViews }: Masks, row: number, k: number): number[] => {
  const at = (row * targetViews + k) * targetSize;
  return [...targets.subarray(at, at + targetSize)];
};

/** Any shares that leave room, any number of features, rows and targets. */
const settings = fc
  .record({
    features: fc.integer({ min: 2, max: 60 }),
    shares: fc.tuple(
      ...([0, 1, 2, 3].map(() => fc.integer({ min: 0, max: 100 })) as [
        fc.Arbitrary<number>,
        fc.Arbitrary<number>,
        fc.Arbitrary<number>,
        fc.Arbitrary<number>,
      ]),
    ),
    targetViews: fc.integer({ min: 1, max: 5 }),
    rows: fc.integer({ min: 1, max: 9 }),
    seed: fc.nat(),
  })
  .map(({ features, shares: [a, b, c, d], targetViews, rows, seed }) => ({
    features,
    rows,
    seed,
    config: {
      contextMin: Math.min(a, b) / 200,
      contextMax: Math.max(a, b) / 100,
      targetMin: Math.min(c, d) / 200,
      targetMax: Math.max(c, d) / 100,
      targetViews,
    } satisfies MaskConfig,
  }));

test("sizes lie in their ranges and fit together; masks are ascending, in range and disjoint from the context", () => {
  fc.assert(
    fc.property(settings, ({ features, rows, seed, config }) => {
      const masks = drawMasks(seedKey(seed), config, features, rows);
      const within = (size: number, low: number, high: number) =>
        size >= Math.max(1, Math.floor(features * low + 1e-9)) &&
        size <= Math.max(1, Math.floor(features * high + 1e-9));
      assert.ok(within(masks.contextSize, config.contextMin, config.contextMax));
      assert.ok(within(masks.targetSize, config.targetMin, config.targetMax));
      assert.ok(masks.contextSize + masks.targetSize <= features);
      const isMask = (mask: number[]) =>
        mask.every((j, i) => j >= 0 && j < features && (i === 0 || j > mask[i - 1]));
      for (let row = 0; row < rows; row++) {
        const context = contextOf(masks, row);
        assert.ok(isMask(context));
        for (let k = 0; k < config.targetViews; k++) {
          const target = targetOf(masks, row, k);
          assert.ok(isMask(target));
          assert.ok(target.every((j) => !context.includes(j)));
        }
      }
    }),
  );
});

test("a batch cut anywhere has the masks of the whole", () => {
  fc.assert(
    fc.property(settings, fc.nat(), ({ features, rows, seed, config }, where) => {
      const cut = where % rows;
      const whole = drawMasks(seedKey(seed), config, features, rows);
      const tail = drawMasks(seedKey(seed), config, features, rows - cut, cut);
      assert.deepEqual([...tail.context], [...whole.context.subarray(cut * whole.contextSize)]);
      assert.deepEqual(
        [...tail.targets],
        [...whole.targets.subarray(cut * whole.targetViews * whole.targetSize)],
      );
    }),
  );
});

test("sizes change from step to step and reach both ends of their range", () => {
  const sizes = Array.from({ length: 500 }, (_, step) => drawMaskSizes(fold(seedKey(1), step), adult, 14));
  // ⌊14·0.1⌋ = 1 … ⌊14·0.3⌋ = 4, and 1 … ⌊14·0.6⌋ = 8
  assert.deepEqual([...new Set(sizes.map(([context]) => context))].sort(), [1, 2, 3, 4]);
  assert.deepEqual([...new Set(sizes.map(([, target]) => target))].sort(), [1, 2, 3, 4, 5, 6, 7, 8]);
});

test("shares whose maxima add up to more than 1 still fit (Electricity, MNIST, SIM)", () => {
  for (const [dataset, features] of [
    ["EL", 8],
    ["MNIST", 784],
    ["SIM", 32],
  ] as const)
    for (let step = 0; step < 200; step++) {
      const [context, target] = drawMaskSizes(
        fold(seedKey(2), step),
        publishedSettings[dataset].masks,
        features,
      );
      assert.ok(context + target <= features);
    }
});

test("the K targets of a row are drawn independently: they differ, and overlap as often as chance says", () => {
  const config = { contextMin: 0.2, contextMax: 0.2, targetMin: 0.3, targetMax: 0.3, targetViews: 4 };
  const [features, rows] = [20, 2000];
  const masks = drawMasks(seedKey(3), config, features, rows);
  assert.deepEqual([masks.contextSize, masks.targetSize], [4, 6]);
  let [identical, common, pairs] = [0, 0, 0];
  for (let row = 0; row < rows; row++)
    for (let k = 0; k < 4; k++)
      for (let l = 0; l < k; l++) {
        const [a, b] = [targetOf(masks, row, k), targetOf(masks, row, l)];
        if (a.join() === b.join()) identical++;
        common += a.filter((j) => b.includes(j)).length;
        pairs++;
      }
  // 6 of 16 features each: equal with probability 1/8008, and 6·6/16 = 2.25 in common (variance 0.94).
  assert.ok(identical < 15, `${identical} of ${pairs} pairs are identical`);
  assert.ok(Math.abs(common / pairs - 2.25) < 4 * Math.sqrt(0.94 / pairs));
});

test("rows have masks of their own, and every feature, the last one too, is context and target equally often", () => {
  const config = { contextMin: 0.2, contextMax: 0.2, targetMin: 0.3, targetMax: 0.3, targetViews: 3 };
  const [features, rows] = [10, 4000];
  const masks = drawMasks(seedKey(4), config, features, rows);
  const share = (mask: Int32Array) =>
    Array.from({ length: features }, (_, j) => mask.filter((feature) => feature === j).length / rows);
  const distinct = new Set(Array.from({ length: rows }, (_, row) => contextOf(masks, row).join()));
  assert.equal(distinct.size, 45);
  for (const frequency of share(masks.context)) assert.ok(Math.abs(frequency - 0.2) < 0.03);
  for (const frequency of share(masks.targets)) assert.ok(Math.abs(frequency - 0.9) < 0.06);
});

test("masks for embedding cover every feature; fixed masks have the rows' contexts and one target", () => {
  const full = fullMasks(3, 2);
  assert.deepEqual([...full.context], [0, 1, 2, 0, 1, 2]);
  assert.deepEqual([full.contextSize, full.targetSize, full.targetViews], [3, 3, 1]);
  const fixed = fixedMasks([[2], [3]], [0, 1]);
  assert.deepEqual([...fixed.context], [2, 3]);
  assert.deepEqual([...fixed.targets], [0, 1, 0, 1]);
});

test("shares that make no sense are refused by name", () => {
  assert.throws(
    () => drawMaskSizes(seedKey(1), { ...adult, contextMin: 0.4 }, 14),
    /contextMin is 0.4 and contextMax is 0.3/,
  );
  assert.throws(() => drawMaskSizes(seedKey(1), { ...adult, targetViews: 0 }, 14), /targetViews is 0/);
  assert.throws(
    () => drawMaskSizes(seedKey(1), { ...adult, contextMin: 0.3, targetMin: 0.6 }, 1),
    /need 2 of 1 features/,
  );
});
