import assert from "node:assert/strict";
import { test } from "node:test";
import { greyPng, palettePng, rgbaPng } from "./png.js";
import { drawSvg } from "./text-metrics.js";

/** A PNG's pixels as an independent decoder reads them, on white, `[height, width, 4]`. */
function decoded(width: number, height: number, file: Buffer): Uint8Array {
  const href = `data:image/png;base64,${file.toString("base64")}`;
  const image = `<image width="${width}" height="${height}" image-rendering="optimizeSpeed" href="${href}"/>`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${image}</svg>`;
  return Uint8Array.from(drawSvg(svg, 1).pixels);
}

/** Opaque pixels `[height, width, 4]` from a function of the pixel's number. */
function picture(pixels: number, colour: (i: number) => number[]): Uint8Array {
  return Uint8Array.from(Array.from({ length: pixels }, (_, i) => [...colour(i), 255]).flat());
}

test("a grey PNG decodes to its pixels", () => {
  const grey = Uint8Array.from({ length: 12 }, (_, i) => 20 * i);
  const expected = picture(12, (i) => [20 * i, 20 * i, 20 * i]);
  assert.deepEqual(decoded(4, 3, greyPng(4, 3, grey)), expected);
});

test("an RGBA PNG decodes to its pixels, transparent ones show the paper", () => {
  const pixels = Uint8Array.of(255, 0, 0, 255, 0, 10, 20, 255, 7, 7, 7, 0, 1, 2, 3, 255);
  assert.deepEqual(
    [...decoded(2, 2, rgbaPng(2, 2, pixels))],
    [255, 0, 0, 255, 0, 10, 20, 255, 255, 255, 255, 255, 1, 2, 3, 255],
  );
});

test("a palette PNG of up to 256 colours is exact", () => {
  const pixels = picture(512, (i) => [i % 256, (3 * i) % 256, (i % 256) ^ 85]);
  assert.deepEqual(decoded(32, 16, palettePng(32, 16, pixels)), pixels);
});

test("a palette PNG of more colours keeps the commonest exactly and the others closely", () => {
  const background = 64 * 64;
  const gradient = (i: number) => [(i % 64) << 2, (i >> 6) << 2, 128];
  const pixels = picture(2 * 64 * 64, (i) => (i < background ? [255, 255, 255] : gradient(i - background)));
  const seen = decoded(64, 128, palettePng(64, 128, pixels));
  assert.deepEqual(seen.subarray(0, 4 * background), pixels.subarray(0, 4 * background));
  const worst = seen.reduce((most, value, i) => Math.max(most, Math.abs(value - pixels[i])), 0);
  assert.ok(worst <= 16, `a colour is off by ${worst}`);
});

test("the palette makes the file smaller than the full colours", () => {
  const pixels = picture(10_000, (i) => [i % 7, i % 11, i % 13]);
  assert.ok(palettePng(100, 100, pixels).length < rgbaPng(100, 100, pixels).length);
});
