import assert from "node:assert/strict";
import { test } from "node:test";
import { corrupt } from "../data/corruption.js";
import { figure5, figure5Levels } from "./figure-5.js";
import { imageGrid } from "./images.js";

const images = [0.2, 0.9].map((value) => new Float32Array(784).fill(value));
const noise = [0, 1].map((shift) => Float32Array.from({ length: 784 }, (_, i) => ((i + shift) % 10) / 10));

test("one row per digit, one column per level, the same noise along a row", () => {
  const tiles = images.flatMap((image, i) => figure5Levels.map((u) => corrupt(image, u, noise[i])));
  const columnLabels = ["u = 0", "u = 0.25", "u = 0.5", "u = 0.75", "u = 0.99"];
  const expected = imageGrid(tiles, { height: 28, width: 28, columns: 5, columnLabels });
  assert.deepEqual(figure5(images, noise), expected);
});

test("every digit needs its noise", () => {
  assert.throws(
    () => figure5(images, noise.slice(1)),
    /noise has 1 entries; give one for each of the 2 images/,
  );
});
