import assert from "node:assert/strict";
import { test } from "node:test";
import { drawSvg, textWidth } from "./text-metrics.js";

const plain = { size: 20, bold: false, italic: false };

function near(actual: number, expected: number, tolerance: number): void {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected} ± ${tolerance}`);
}

test("widths are the font's advances: DejaVu Sans' zero is 1303 of 2048 units, its space 651", () => {
  near(textWidth("0000000000", plain), (10 * 20 * 1303) / 2048, 0.5);
  near(textWidth(" ", plain), (20 * 651) / 2048, 0.2);
  assert.equal(textWidth("", plain), 0);
});

test("widths grow with the size and with bold type, and add up over spaces", () => {
  near(textWidth("latent", { ...plain, size: 40 }), 2 * textWidth("latent", plain), 0.5);
  assert.ok(textWidth("latent", { ...plain, bold: true }) > 1.05 * textWidth("latent", plain));
  near(
    textWidth("a b ", plain),
    textWidth("a", plain) + textWidth("b", plain) + 2 * textWidth(" ", plain),
    0.3,
  );
});

test("mark-up characters are measured as themselves", () => {
  near(
    textWidth("a<b & c", plain),
    [..."a<b & c"].reduce((sum, c) => sum + textWidth(c, plain), 0),
    1,
  );
});

test("the measured width is the drawn width", () => {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="300" height="40"><text x="10" y="30" font-family="DejaVu Sans" font-size="20">HHHHHHHH</text></svg>`;
  const { width, height, pixels } = drawSvg(svg, 1);
  const inked = Array.from({ length: width }, (_, x) =>
    Array.from({ length: height }, (_, y) => pixels[4 * (y * width + x)]).some((value) => value < 200),
  );
  const drawn = inked.lastIndexOf(true) + 1 - 10;
  near(drawn, textWidth("HHHHHHHH", plain), 3);
});
