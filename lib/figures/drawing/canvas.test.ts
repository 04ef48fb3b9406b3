import assert from "node:assert/strict";
import { test } from "node:test";
import { canvas2d } from "./canvas.js";
import { rgbaPng } from "./png.js";

function address(width: number, height: number, pixels: number[]): string {
  return `data:image/png;base64,${rgbaPng(width, height, Uint8Array.from(pixels)).toString("base64")}`;
}

test("rectangles are filled in any direction and cut at the edges", () => {
  const canvas = canvas2d(3, 1);
  canvas.fillStyle = "rgb(10, 20, 30)";
  canvas.fillRect(1, 1, -5, -1);
  canvas.fillStyle = "rgba(1,2,3,0.2)";
  canvas.fillRect(2, 0, 9, 9);
  assert.equal(canvas.toDataUrl(), address(3, 1, [10, 20, 30, 255, 0, 0, 0, 0, 1, 2, 3, 51]));
});

test("blocks of pixels are copied to their place", () => {
  const canvas = canvas2d(2, 2);
  const block = canvas.createImageData(1, 2);
  block.data.set([1, 2, 3, 255, 4, 5, 6, 255]);
  canvas.putImageData(block, 1, 0);
  const empty = [0, 0, 0, 0];
  assert.equal(canvas.toDataUrl(), address(2, 2, [...empty, 1, 2, 3, 255, ...empty, 4, 5, 6, 255]));
});

test("a colour that is not understood is refused", () => {
  const canvas = canvas2d(1, 1);
  canvas.fillStyle = "tomato";
  assert.throws(() => canvas.fillRect(0, 0, 1, 1), /fillStyle is "tomato"; use rgb/);
});
