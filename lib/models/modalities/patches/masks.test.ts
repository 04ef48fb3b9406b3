import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fold, seedKey } from "../../../engine/random.js";
import type { Masks } from "../../tokens/masks.js";
import { type BlockMaskConfig, blocksWithin, checkBlockMasks, drawBlockMasks } from "./masks.js";

const image = { height: 28, width: 28, patch: 4 };
const config: BlockMaskConfig = {
  contextMin: 0.85,
  contextMax: 1,
  targetMin: 0.12,
  targetMax: 0.2,
  aspectMin: 0.66,
  aspectMax: 1.5,
  targetViews: 3,
};

const contextOf = ({ context, contextSize }: Masks, row: number) => [
  ...context.subarray(row * contextSize, (row + 1) * contextSize),
];
const targetOf = ({ targets, targetSize, targetViews }: Masks, row: number, k: number) => [
  ...targets.subarray((row * targetViews + k) * targetSize, (row * targetViews + k + 1) * targetSize),
];
const ascending = (mask: readonly number[]) =>
  mask.every((patch, i) => patch >= 0 && patch < 49 && (i === 0 || patch > mask[i - 1]));
/** How many patches a mask's bounding block has, down and across. */
function boundsOf(mask: readonly number[]): readonly [down: number, across: number] {
  const [downs, acrosses] = [mask.map((patch) => Math.floor(patch / 7)), mask.map((patch) => patch % 7)];
  return [Math.max(...downs) - Math.min(...downs) + 1, Math.max(...acrosses) - Math.min(...acrosses) + 1];
}

test("targets are whole blocks of the given sizes, the context has none of their patches, and all rows have as many", () => {
  const sizes = new Set<string>();
  for (let step = 0; step < 150; step++) {
    const masks = drawBlockMasks(fold(seedKey(1), step), config, image, 5);
    const shapes = new Set<string>();
    for (let row = 0; row < 5; row++) {
      const context = contextOf(masks, row);
      assert.ok(ascending(context));
      const [contextDown, contextAcross] = boundsOf(context);
      assert.ok(contextDown <= 7 && contextAcross <= 7);
      for (let k = 0; k < 3; k++) {
        const target = targetOf(masks, row, k);
        const [down, across] = boundsOf(target);
        assert.ok(ascending(target) && target.length === down * across, "a block without holes");
        assert.ok(down / across >= 0.66 && down / across <= 1.5);
        assert.ok(target.length / 49 >= 0.12 && target.length / 49 <= 0.2);
        assert.ok(target.every((patch) => !context.includes(patch)));
        shapes.add(`${down} × ${across}`);
      }
    }
    assert.equal(shapes.size, 1, "one size a step");
    sizes.add(`${[...shapes]}: ${masks.contextSize}`);
  }
  // Targets of 6 (two shapes) and 9 patches; contexts of 42 (two shapes) and 49, less three targets.
  assert.deepEqual([...sizes].sort(), [
    "2 × 3: 24",
    "2 × 3: 31",
    "3 × 2: 24",
    "3 × 2: 31",
    "3 × 3: 15",
    "3 × 3: 22",
  ]);
});

test("over many draws every patch is context and target, inner ones more often, no side is favoured", () => {
  const [context, target] = [new Float64Array(49), new Float64Array(49)];
  for (let step = 0; step < 200; step++) {
    const masks = drawBlockMasks(fold(seedKey(2), step), config, image, 40);
    for (const patch of masks.context) context[patch]++;
    for (const patch of masks.targets) target[patch]++;
  }
  for (const counts of [context, target]) {
    assert.ok(counts.every((count) => count > 400));
    // An image turned by half has the same chances.
    for (let patch = 0; patch < 24; patch++) {
      const [a, b] = [counts[patch], counts[48 - patch]];
      assert.ok(Math.abs(a - b) < 0.12 * (a + b), `patch ${patch}: ${a} and ${b}`);
    }
  }
  assert.ok(target[24] > 3 * target[0]);
});

test("targets of a row lie apart or overlap independently, rows have places of their own", () => {
  const masks = drawBlockMasks(seedKey(3), { ...config, targetMin: 0.18 }, image, 400);
  const places = (k: number) => Array.from({ length: 400 }, (_, row) => targetOf(masks, row, k).join());
  assert.equal(new Set(places(0)).size, 25, "3 × 3 blocks have 25 places");
  const same = places(0).filter((place, row) => place === places(1)[row]).length;
  assert.ok(same > 2 && same < 40, `${same} of 400 coincide; 16 by chance`);
});

test("a key gives the same masks again, another key others; a batch cut anywhere has the masks of the whole", () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 2, max: 9 }), fc.nat(), (seed, rows, where) => {
      const cut = where % rows;
      const whole = drawBlockMasks(seedKey(seed), config, image, rows);
      assert.deepEqual(drawBlockMasks(seedKey(seed), config, image, rows), whole);
      assert.notDeepEqual(drawBlockMasks(seedKey(seed + 1), config, image, rows), whole);
      const tail = drawBlockMasks(seedKey(seed), config, image, rows - cut, cut);
      assert.deepEqual([...tail.context], [...whole.context.subarray(cut * whole.contextSize)]);
      assert.deepEqual([...tail.targets], [...whole.targets.subarray(cut * 3 * whole.targetSize)]);
    }),
    { numRuns: 30 },
  );
});

test("blocks keep to shares and aspect ratio exactly", () => {
  const whole = blocksWithin(image, [1, 1], [1, 1]);
  assert.deepEqual(whole, [{ down: 7, across: 7 }]);
  assert.deepEqual(blocksWithin(image, [0.12, 0.13], [0.66, 1.5]), [
    { down: 2, across: 3 },
    { down: 3, across: 2 },
  ]);
  assert.deepEqual(blocksWithin({ height: 8, width: 12, patch: 4 }, [0.5, 1], [0.5, 0.5]), []);
});

test("masks that cannot be drawn are refused by field, with what to do", () => {
  const attempt = (changes: Partial<BlockMaskConfig>) => () =>
    checkBlockMasks({ ...config, ...changes }, image);
  attempt({})();
  assert.throws(attempt({ targetMin: 0.4 }), /targetMax is 0.2; use a number from 0.4 to 1/);
  assert.throws(attempt({ contextMax: 1.2 }), /contextMax is 1.2; use a number from 0.85 to 1/);
  assert.throws(
    attempt({ targetMin: 0.13, targetMax: 0.14 }),
    /targetMin is 0.13 and targetMax is 0.14, which no block of 7 × 7 patches .* has; widen them/,
  );
  assert.throws(
    attempt({ targetViews: 5 }),
    /targetViews is 5; 5 targets of up to 9 patches can cover a context block of 42, use fewer or a smaller targetMax/,
  );
});
