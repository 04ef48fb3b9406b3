import assert from "node:assert/strict";
import { test } from "node:test";
import type { TJepaConfig } from "../models/t-jepa.js";
import type { VarTJepaConfig } from "../models/var-t-jepa.js";
import { publishedEma, publishedModel } from "../papers/var-jepa/published.js";
import { type Diagram, type DiagramText, lineSize } from "./drawing/diagram.js";
import { architecture } from "./figure-4.js";
import { componentDiagram } from "./figure-6.js";
import { tJepaArchitecture } from "./t-jepa-diagram.js";

const sim = publishedModel("SIM", { numeric: 28, cardinalities: [5, 5, 5, 5] });
const asTJepa = (config: VarTJepaConfig): TJepaConfig => ({
  ...config,
  auxiliaryTokens: 1,
  ema: publishedEma,
});

const models: Record<string, VarTJepaConfig> = {
  SIM: sim,
  AD: publishedModel("AD", { numeric: 6, cardinalities: [9, 17, 8, 16, 7, 6, 3, 43] }),
  "MNIST, numbers only": publishedModel("MNIST", { numeric: 784, cardinalities: [] }),
  "categories only, large sizes": {
    ...sim,
    table: { numeric: 0, cardinalities: Array<number>(1000).fill(1000) },
    masks: { contextMin: 0.1, contextMax: 0.5, targetMin: 0.1, targetMax: 0.5, targetViews: 12 },
    encoder: { ...sim.encoder, width: 1024, layers: 100, heads: 16, ff: 4096 },
    clsTokens: 16,
    poolTokens: 128,
    targetSamples: 12,
  },
  "two features": {
    ...sim,
    table: { numeric: 1, cardinalities: [2] },
    masks: { contextMin: 0, contextMax: 0.5, targetMin: 0, targetMax: 0.5, targetViews: 1 },
    encoder: { ...sim.encoder, width: 2, layers: 1, heads: 1, ff: 1 },
    poolTokens: 1,
    targetSamples: 1,
  },
};

const diagrams = (config: VarTJepaConfig): Record<string, Diagram> => ({
  "figure 4": architecture(config),
  "figure 6": componentDiagram(config),
  "T-JEPA": tJepaArchitecture(asTJepa(config)),
});

/** The rectangle of a line of text, half a line's height above and below its middle. */
function frame({ x, y, width, size }: DiagramText) {
  return { left: x - width / 2, right: x + width / 2, top: y - size * 0.6, bottom: y + size * 0.6 };
}

test("no text leaves the picture, meets another text, or is crossed by an arrow, whatever the configuration", () => {
  for (const [model, config] of Object.entries(models))
    for (const [name, { width, height, texts, arrows }] of Object.entries(diagrams(config))) {
      const frames = texts.map((text) => ({ text: `${model}, ${name}: ${text.text}`, ...frame(text) }));
      for (const [i, a] of frames.entries()) {
        assert.ok(a.left >= 0 && a.top >= 0 && a.right <= width && a.bottom <= height, a.text);
        for (const b of frames.slice(i + 1))
          assert.ok(
            a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top,
            `${a.text} / ${b.text}`,
          );
        for (const { points } of arrows)
          points.slice(1).forEach((to, j) => {
            const from = points[j];
            assert.ok(from.x === to.x || from.y === to.y, `${name}: arrows are upright or level`);
            assert.ok(
              Math.max(from.x, to.x) <= a.left ||
                Math.min(from.x, to.x) >= a.right ||
                Math.max(from.y, to.y) <= a.top ||
                Math.min(from.y, to.y) >= a.bottom,
              `${a.text} is crossed by an arrow`,
            );
          });
      }
    }
});

test("every arrow ends on the edge of a box and runs through none", () => {
  const onEdge = (value: number, from: number, to: number) =>
    Math.abs(value - from) < 0.01 || Math.abs(value - to) < 0.01;
  for (const [name, { arrows, regions }] of Object.entries(diagrams(sim)))
    for (const { points, look } of arrows.filter((arrow) => arrow.look === "flow")) {
      const tip = points[points.length - 1];
      const boxes = regions.filter((region) => !region.full && region.look !== "panel");
      const ends = boxes.some(
        ({ x, y, width, height }) =>
          (onEdge(tip.x, x, x + width) && tip.y > y && tip.y < y + height) ||
          (onEdge(tip.y, y, y + height) && tip.x > x && tip.x < x + width),
      );
      assert.ok(ends, `${name}: ${look} to ${tip.x}, ${tip.y}`);
      points.slice(1).forEach((to, j) => {
        const from = points[j];
        for (const { x, y, width, height } of boxes) {
          const crosses =
            Math.max(from.x, to.x) > x + 0.01 &&
            Math.min(from.x, to.x) < x + width - 0.01 &&
            Math.max(from.y, to.y) > y + 0.01 &&
            Math.min(from.y, to.y) < y + height - 0.01;
          assert.ok(!crosses, `${name}: from ${from.x}, ${from.y} to ${to.x}, ${to.y}`);
        }
      });
    }
});

test("the sizes in a drawing are those of its configuration", () => {
  const texts = (diagram: Diagram) => diagram.texts.map(({ text }) => text.replace(/<[^>]*>/g, ""));
  const expected: [Partial<VarTJepaConfig>, string[], string[]][] = [
    [
      {},
      ["32 tokens of d = 64", "1 CLS + 4–16 of x", "16 layers of width 64", "Mctx = 4–16, Mtrg = 4–25"],
      ["16 layers, 2 heads, post-norm", "28 numeric", "4–25 of q"],
    ],
    [
      { table: { numeric: 3, cardinalities: [2, 9] }, clsTokens: 2 },
      ["5 tokens of d = 64", "2 CLS + 1–2 of x", "3–4 × 64", "Mctx = 1–2, Mtrg = 1–4"],
      ["3 numeric", "2 categorical: Linear 64 → 2–9, logits"],
    ],
    [
      { encoder: { ...sim.encoder, width: 8, layers: 1, heads: 1 }, poolTokens: 7, targetSamples: 1 },
      ["32 × 8", "1 layer of width 8", "1 head, hidden 64", "1 sample", "attention pool to 7 tokens"],
      ["7 pooled sx, side by side: 56", "Linear μ, Linear log σ²: 16 → 8 each"],
    ],
    [
      { masks: { ...sim.masks, contextMin: 0.5, contextMax: 0.5, targetViews: 2 } },
      ["1 CLS + 16 of x", "K = 2 sequences of", "17 sx + 4–25 mask tokens,"],
      ["5. Predictor p(syk | sx, z), k = 1 … 2"],
    ],
  ];
  for (const [change, inFour, inSix] of expected) {
    const config = { ...sim, ...change };
    const [four, six] = [texts(architecture(config)), texts(componentDiagram(config))];
    for (const line of inFour) assert.ok(four.includes(line), `figure 4 lacks "${line}"`);
    for (const line of inSix)
      assert.ok(
        six.some((text) => text.includes(line)),
        `figure 6 lacks "${line}"`,
      );
  }
  const auxiliary = texts(tJepaArchitecture({ ...asTJepa(sim), auxiliaryTokens: 3 }));
  for (const line of ["3 auxiliary tokens", "5–17 sx + 3 auxiliary +", "weights, 0.996 → 1"])
    assert.ok(auxiliary.includes(line), `T-JEPA lacks "${line}"`);
});

test("the context strip shows as many features as a draw may have, and no target among them", () => {
  const { regions, texts } = architecture(sim);
  const label = texts.find(({ text, size }) => text === "x" && size === lineSize)!;
  const strip = regions.filter(({ y, height, full }) => full && label.y > y && label.y < y + height);
  const cell = strip.reduce((sum, { width }) => sum + width, 0) / 32;
  const chosen = strip.filter(({ look }) => look === "context");
  const count = Math.round(chosen.reduce((sum, { width }) => sum + width, 0) / cell);
  assert.ok(count >= 4 && count <= 16, `${count}`);
  const below = regions.filter(({ look, y }) => look === "target" && y > label.y && y < label.y + 80);
  assert.ok(below.length > 0);
  for (const a of chosen)
    for (const b of below) assert.ok(a.x + a.width <= b.x + 1e-6 || b.x + b.width <= a.x + 1e-6);
});
