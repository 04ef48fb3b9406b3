import assert from "node:assert/strict";
import { test } from "node:test";
import { figureToSvg } from "./drawing/render.js";
import { embeddingPlane } from "./embedding-plane.js";

const points = Array.from({ length: 24 }, (_, i) => [i % 5, i % 7]);
const marks = async (figure: ReturnType<typeof embeddingPlane>) =>
  [...(await figureToSvg(figure)).matchAll(/<path class="point"[^>]*style="[^"]*fill: ([^;]+);/g)].map(
    ([, fill]) => fill,
  );

test("few classes have a colour each, many texts have none", async () => {
  const classes = embeddingPlane(points, {
    title: "sold",
    values: points.map((_, i) => (i % 2 ? "yes" : "no")),
  });
  assert.deepEqual(
    classes.data.map(({ name }) => name),
    ["no", "yes"],
  );
  const many = embeddingPlane(points, { title: "name", values: points.map((_, i) => `n${i}`) });
  assert.equal(new Set(await marks(many)).size, 1);
  assert.equal(new Set(await marks(embeddingPlane(points))).size, 1);
});

test("numbers, also as a target's text, have a scale with their name", async () => {
  for (const values of [Float32Array.from(points, (_, i) => i / 7), points.map((_, i) => `${i / 7}`)]) {
    const figure = embeddingPlane(points, { title: "uncertainty", values });
    const fills = await marks(figure);
    assert.equal(fills.length, 24);
    assert.equal(new Set(fills).size, 24);
    assert.match(await figureToSvg(figure), /uncertainty/);
  }
  assert.throws(
    () => embeddingPlane(points, { title: "u", values: [1] }),
    /colour has 1 values; give one for each of the 24 points/,
  );
});
