import assert from "node:assert/strict";
import { test } from "node:test";
import { objectiveStyles, type SeriesStyle, seriesStyle, themed } from "./theme.js";

type Triple = [number, number, number];

/** Machado, Oliveira and Fernandes (2009), full severity; linear RGB to linear RGB. */
const sight: Record<string, Triple[]> = {
  normal: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
};

function linearRgb(colour: string): Triple {
  const channel = (start: number) => {
    const value = Number.parseInt(colour.slice(start, start + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [channel(1), channel(3), channel(5)];
}

function contrastOnWhite(colour: string): number {
  const [red, green, blue] = linearRgb(colour);
  return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05);
}

/** CIE L*a*b* (D65) of a colour as someone with the given sight sees it. */
function seenLab(colour: string, matrix: Triple[]): Triple {
  const rgb = linearRgb(colour);
  const [r, g, b] = matrix.map((row) => {
    const value = row.reduce((sum, weight, i) => sum + weight * rgb[i], 0);
    return Math.min(1, Math.max(0, value));
  });
  const root = (t: number) => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116);
  const x = root((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505);
  const y = root(0.2126 * r + 0.7152 * g + 0.0722 * b);
  const z = root((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

const objectives = Object.values(objectiveStyles);
const series = Array.from({ length: 10 }, (_, i) => seriesStyle(i));
const bothSets: [string, SeriesStyle[]][] = [
  ["objectives", objectives],
  ["series", series],
];

for (const [name, styles] of bothSets) {
  test(`ten ${name}: every colour differs, and dash and marker tell all apart without colour`, () => {
    assert.equal(styles.length, 10);
    assert.equal(new Set(styles.map(({ color }) => color)).size, 10);
    assert.equal(new Set(styles.map(({ dash, symbol }) => `${dash} ${symbol}`)).size, 10);
    assert.equal(new Set(styles.map(({ symbol }) => symbol)).size, 10);
  });

  test(`ten ${name}: contrast on white is at least 3:1`, () => {
    for (const { color } of styles)
      assert.ok(contrastOnWhite(color) >= 3, `${color} ${contrastOnWhite(color)}`);
  });
}

for (const [name, matrix] of Object.entries(sight))
  test(`any two colours differ clearly under ${name} sight`, () => {
    const labs = objectives.map(({ color }) => seenLab(color, matrix));
    labs.forEach((a, i) => {
      for (const [j, b] of labs.slice(0, i).entries()) {
        const distance = Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
        assert.ok(distance > 10, `${objectives[i].color} and ${objectives[j].color}: ${distance}`);
      }
    });
  });

test("objectives with SIGReg have open markers and broken lines, the full objective is a black line", () => {
  for (const letter of ["B", "C", "D", "H", "J"] as const) {
    assert.match(objectiveStyles[letter].symbol, /-open$/);
    assert.notEqual(objectiveStyles[letter].dash, "solid");
  }
  assert.deepEqual(objectiveStyles.A, { color: "#000000", dash: "solid", symbol: "circle" });
});

test("series styles repeat after ten", () => {
  assert.deepEqual(seriesStyle(13), seriesStyle(3));
});

test("the theme fills what a figure leaves open and keeps what it says", () => {
  const figure = { data: [{ type: "scatter" }], layout: { width: 333, margin: { t: 1 } } };
  const { data, layout } = themed(figure);
  assert.equal(data, figure.data);
  assert.equal(layout.width, 333);
  assert.equal(layout.height, 360);
  assert.deepEqual(layout.margin, { l: 10, r: 12, t: 1, b: 10 });
  assert.deepEqual(themed({ data, layout }), { data, layout });
  assert.equal("template" in figure.layout, false);
});
