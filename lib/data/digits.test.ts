import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { type DigitsSplit, halves, loadDigits } from "./digits.js";

/** SHA-256 of pixels and labels (without file headers) of the original MNIST files. */
const sums: Record<DigitsSplit, { images: string; labels: string }> = {
  train: {
    images: "741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757",
    labels: "1feba77c54802fa5339a11837ea4b2866434b83314ec45192930f1df69120c13",
  },
  test: {
    images: "6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161",
    labels: "ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5",
  },
};

function sum(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

for (const [split, count] of [
  ["train", 60_000],
  ["test", 10_000],
] as const)
  test(`the ${split} split is the original MNIST in its original order`, () => {
    const digits = loadDigits({ split });
    assert.deepEqual([digits.count, digits.height, digits.width], [count, 28, 28]);
    assert.equal(digits.images.length, count * 784);
    const bytes = new Uint8Array(digits.images.length);
    for (let i = 0; i < bytes.length; i++) bytes[i] = Math.round(255 * digits.images[i]);
    assert.equal(sum(bytes), sums[split].images);
    assert.equal(sum(digits.labels), sums[split].labels);
  });

test("a limit gives the first digits", () => {
  const { images, labels, count } = loadDigits({ split: "train", limit: 5 });
  assert.equal(count, 5);
  assert.deepEqual([...labels], [5, 0, 4, 1, 9]);
  assert.equal(images.length, 5 * 784);
  assert.equal(Math.max(...images), 1);
  assert.equal(Math.min(...images), 0);
});

test("a limit outside the split is refused", () => {
  for (const limit of [0, 10_001, 1.5])
    assert.throws(
      () => loadDigits({ split: "test", limit }),
      new RegExp(`limit is ${limit}; the split "test" has 1 to 10000 digits`),
    );
});

test("halves put together are the digits", () => {
  const { images } = loadDigits({ split: "test", limit: 3 });
  const { left, right } = halves(images);
  assert.equal(left.length, 3 * 28 * 14);
  const joined = Float32Array.from(images, (_, i) => {
    const [row, column] = [Math.floor(i / 28), i % 28];
    return column < 14 ? left[row * 14 + column] : right[row * 14 + column - 14];
  });
  assert.deepEqual(joined, images);
  assert.throws(() => halves(images.subarray(1)), /images has 2351 values; give a multiple of 784/);
});
