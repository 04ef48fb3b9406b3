import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { JSDOM } from "jsdom";
import type { Figure } from "./figure.js";
import { figureToSvg, svgToPng } from "./render.js";
import { symbols } from "./theme.js";

const curve: Figure = {
  data: [{ type: "scatter", mode: "lines+markers", name: "A", x: [1, 2, 3], y: [0.25, 0.5, 0.125] }],
  layout: {
    title: { text: "Loss" },
    xaxis: { title: { text: "epoch" } },
    yaxis: { title: { text: symbols.klSx } },
  },
};
const heatmap: Figure = {
  data: [{ type: "heatmap", z: [[0, 1, 2], Float32Array.of(3, 4, 5)] }],
  layout: { width: 300, height: 200 },
};

function parsed(svg: string): Document {
  return new new JSDOM("").window.DOMParser().parseFromString(svg, "image/svg+xml");
}

function words(document: Document): string[] {
  return [...document.querySelectorAll("text")].map(
    (text) => text.textContent?.replaceAll("\u200b", "") ?? "",
  );
}

/** Left edge of the plotting area in pixels. */
function plotLeft(svg: string): number {
  const place = parsed(svg).querySelector(".xy[clip-path]")?.getAttribute("transform") ?? "";
  return Number(/translate\(([\d.]+),/.exec(place)?.[1]);
}

test("the SVG is well formed, holds the curve, the titles and the legend, and names the font", async () => {
  const svg = await figureToSvg({ ...curve, layout: { ...curve.layout, showlegend: true } });
  const document = parsed(svg);
  assert.equal(document.documentElement.tagName, "svg");
  assert.equal(document.querySelectorAll(".scatterlayer path.js-line").length, 1);
  assert.equal(document.querySelectorAll(".scatterlayer path.point").length, 3);
  for (const word of ["Loss", "epoch", "KL(q(sx|x) ‖ N(0, I))", "A"])
    assert.ok(words(document).includes(word), word);
  assert.match(svg, /DejaVu Sans/);
});

/** A figure from outside: a function from a result to a trace a term. */
function termCurves(history: readonly { readonly terms: Readonly<Record<string, number>> }[]): Figure {
  return {
    data: Object.keys(history[0].terms).map((name) => ({
      type: "scatter",
      name,
      y: history.map(({ terms }) => terms[name]),
    })),
    layout: { yaxis: { title: { text: "nats" } } },
  };
}

test("a figure from outside needs nothing but plain data", async () => {
  const history = [3, 2, 1].map((rec) => ({ terms: { rec, klSy: rec / 2 } }));
  const document = parsed(await figureToSvg(termCurves(history)));
  assert.equal(document.querySelectorAll(".scatterlayer path.js-line").length, 2);
  for (const word of ["rec", "klSy", "nats"]) assert.ok(words(document).includes(word), word);
});

test("the size is the layout's, the theme's without one, and twice as large in the PNG", async () => {
  const size = (png: Buffer) => [png.readUInt32BE(16), png.readUInt32BE(20)];
  assert.deepEqual(size(svgToPng(await figureToSvg(heatmap))), [600, 400]);
  assert.deepEqual(size(svgToPng(await figureToSvg(curve), 1)), [520, 360]);
});

test("room is made for long tick labels: text is measured", async () => {
  const labelled = (label: string) =>
    figureToSvg({ data: [{ type: "bar", orientation: "h", y: [label], x: [1] }], layout: {} });
  const short = plotLeft(await labelled("a"));
  const long = plotLeft(await labelled("a label of thirty characters.."));
  assert.ok(long - short > 180 && long - short < 280, `${short} px and ${long} px`);
});

test("a heatmap's cells have sharp edges", async () => {
  const svg = await figureToSvg(heatmap);
  assert.match(svg, /image-rendering="optimizeSpeed"/);
  assert.doesNotMatch(svg, /crisp-edges/);
});

test("the same figure gives the same bytes, whatever was drawn before or meanwhile", async () => {
  const first = await figureToSvg(curve);
  const [again, other, third] = await Promise.all([curve, heatmap, curve].map(figureToSvg));
  assert.equal(again, first);
  assert.equal(third, first);
  assert.notEqual(other, first);
  assert.ok(svgToPng(first).equals(svgToPng(again)));
});

test("another process draws the same bytes", async () => {
  const module = new URL("./render.js", import.meta.url).href;
  const program = `
    import { createHash } from "node:crypto";
    import { figureToSvg, svgToPng } from ${JSON.stringify(module)};
    const svg = await figureToSvg(${JSON.stringify(curve)});
    process.stdout.write(createHash("sha256").update(svg).update(svgToPng(svg)).digest("hex"));`;
  const elsewhere = execFileSync(process.execPath, ["--input-type=module", "-e", program], {
    encoding: "utf8",
  });
  const svg = await figureToSvg(curve);
  assert.equal(elsewhere, createHash("sha256").update(svg).update(svgToPng(svg)).digest("hex"));
});

test("traces that need WebGL are refused with the type to use instead", async () => {
  const figure = (type: string): Figure => ({ data: [...curve.data, { type }], layout: {} });
  await assert.rejects(figureToSvg(figure("scattergl")), /trace 1 has type "scattergl".*use "scatter"/);
  await assert.rejects(figureToSvg(figure("surface")), /trace 1 has type "surface".*use "heatmap"/);
});

test("drawing goes on after a refused figure", async () => {
  await assert.rejects(figureToSvg({ data: [{ type: "scatter3d" }], layout: {} }));
  assert.ok((await figureToSvg(curve)).startsWith("<svg"));
});

test("texts that XML cannot hold are drawn all the same", async () => {
  for (const text of ["a\u0000b", "a\u001bb", "a]]>b", "a\ufffeb", "a\ud800b", "&#7;", "<b>&</b>"]) {
    const figure: Figure = {
      data: [
        { type: "scatter", name: text, x: [text, "b"], y: [1, 2] },
        { type: "scatter", name: "other", x: [text, "b"], y: [2, 1] },
      ],
      layout: { title: { text }, annotations: [{ x: 1, y: 1, text }] },
    };
    const svg = await figureToSvg(figure);
    assert.equal(parsed(svg).documentElement.tagName, "svg", JSON.stringify(text));
    assert.ok(svgToPng(svg).length > 0);
  }
});
