import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { normals, seedKey } from "../../../engine/random.js";
import { fullMasks } from "../../tokens/masks.js";
import { cellsOf } from "../../tokens/pass.js";
import {
  checkImageShape,
  checkImages,
  cutPatches,
  type ImageRows,
  type ImageShape,
  pastePatches,
  patchCount,
  patchGrid,
  selectImages,
} from "./images.js";

const digits: ImageShape = { height: 28, width: 28, patch: 4 };

/** Images of any numbers. */
function imagesOf({ height, width }: ImageShape, rows: number): ImageRows {
  return { rows, height, width, images: normals(seedKey(1), rows * height * width) };
}

const allCells = (shape: ImageShape, rows: number) => {
  const D = patchCount(shape);
  return cellsOf(fullMasks(D, rows).context, D, rows);
};

test("patches pasted where they were cut give the image back, whatever its size; none is cut twice", () => {
  const sizes = fc.record({
    down: fc.integer({ min: 1, max: 5 }),
    across: fc.integer({ min: 1, max: 5 }),
    patch: fc.integer({ min: 1, max: 4 }),
    rows: fc.integer({ min: 1, max: 3 }),
  });
  fc.assert(
    fc.property(sizes, ({ down, across, patch, rows }) => {
      const shape = { height: down * patch, width: across * patch, patch };
      assert.deepEqual(patchGrid(shape), [down, across]);
      const input = imagesOf(shape, rows);
      const cells = allCells(shape, rows);
      const pixels = cutPatches(shape, input, cells);
      assert.equal(pixels.length, input.images.length);
      const again = new Float32Array(input.images.length);
      pastePatches(shape, again, cells, pixels);
      assert.deepEqual(again, input.images);
    }),
  );
});

test("patches are numbered line by line, and so are their pixels", () => {
  assert.equal(patchCount(digits), 49);
  const images = Float32Array.from({ length: 2 * 784 }, (_, i) => i);
  const input = { rows: 2, height: 28, width: 28, images };
  const cut = cutPatches(digits, input, { row: Int32Array.of(1), feature: Int32Array.of(8) });
  const corner = 784 + 4 * 28 + 4;
  assert.deepEqual(
    [...cut],
    [0, 1, 2, 3].flatMap((line) => [0, 1, 2, 3].map((column) => corner + line * 28 + column)),
  );
  const chosen = selectImages(input, [1, 1, 0]);
  assert.deepEqual(
    [chosen.rows, chosen.images[0], chosen.images[784], chosen.images[1568]],
    [3, 784, 784, 0],
  );
});

test("sizes and images that do not fit are refused by field, with what to do", () => {
  assert.throws(
    () => checkImageShape({ ...digits, patch: 5 }),
    /patch is 5; use a side that divides height, 28/,
  );
  assert.throws(
    () => checkImageShape({ ...digits, width: 30 }),
    /patch is 4; use a side that divides width, 30/,
  );
  assert.throws(() => checkImageShape({ ...digits, patch: 28 }), /it is one patch; .*use a smaller patch/);
  assert.throws(() => checkImageShape({ ...digits, height: 0 }), /image: height is 0/);
  const input = imagesOf(digits, 2);
  checkImages(digits, input);
  assert.throws(
    () => checkImages(digits, { ...input, width: 14 }),
    /width is 14; the model takes images of 28 × 28: scale or crop them to that/,
  );
  assert.throws(
    () => checkImages(digits, { ...input, rows: 3 }),
    /images holds 1568 values; 3 images of 28 × 28 need 2352/,
  );
  const broken = input.images.slice();
  broken[784 + 30] = Number.NaN;
  assert.throws(
    () => checkImages(digits, { ...input, images: broken }),
    /images holds NaN in image 1 at line 1, column 2; use ink from 0 to 1/,
  );
});
