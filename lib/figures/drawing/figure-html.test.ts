import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { type DOMWindow, JSDOM, VirtualConsole } from "jsdom";
import type { Figure } from "./figure.js";
import { escapeHtml, figureHtml, plotlyScript } from "./figure-html.js";

const require = createRequire(import.meta.url);
const installed = readFileSync(require.resolve("plotly.js-dist-min"));
const figure: Figure = {
  data: [{ type: "scatter", y: [1], name: "</script><b>" }],
  layout: { width: 30, height: 20 },
};
const html = figureHtml(figure, Buffer.from("png"), 'a "quoted" <name>');

/** A page with the HTML, its scripts run; `plotly` stands for one that the page already has. */
function page(content: string, plotly?: object): DOMWindow {
  return new JSDOM(`<head></head><body>${content}</body>`, {
    runScripts: "dangerously",
    virtualConsole: new VirtualConsole(),
    beforeParse: (window) => Object.assign(window, { structuredClone }, plotly ? { Plotly: plotly } : {}),
  }).window;
}

/** Lets promises and timers of a page come to rest. */
function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20));
}

function stub(version: string) {
  const drawn: unknown[] = [];
  const newPlot = async (_: Element, data: unknown, layout: unknown) => drawn.push({ data, layout });
  return { drawn, version, newPlot };
}

test("address, version and hash are those of the installed plotly.js", () => {
  const { version } = require("plotly.js-dist-min/package.json");
  const hash = createHash("sha384").update(installed).digest("base64");
  assert.equal(plotlyScript.version, version);
  assert.equal(plotlyScript.integrity, `sha384-${hash}`);
  assert.equal(plotlyScript.url, `https://cdn.jsdelivr.net/npm/plotly.js-dist-min@${version}/plotly.min.js`);
});

test("plotly.js does not look for an AMD loader, so that one on the page cannot catch it", () => {
  assert.doesNotMatch(installed.toString("utf8"), /\bdefine\.amd\b|typeof define\b/);
});

test("the same figure gives the same HTML, another figure another id", () => {
  assert.equal(figureHtml(structuredClone(figure), Buffer.from("png"), 'a "quoted" <name>'), html);
  const id = (text: string) => /data-figure="([0-9a-f]{16})"/.exec(text)?.[1];
  assert.ok(id(html));
  assert.notEqual(id(figureHtml({ data: [], layout: {} }, Buffer.from("png"), "")), id(html));
});

test("without plotly the page loads the pinned script and keeps the picture when that fails", async () => {
  const { document } = page(html + html);
  const scripts = document.head.querySelectorAll("script");
  assert.equal(scripts.length, 1);
  assert.equal(scripts[0].src, plotlyScript.url);
  assert.equal((scripts[0] as HTMLScriptElement & { integrity: string }).integrity, plotlyScript.integrity);
  assert.equal(scripts[0].crossOrigin, "anonymous");
  scripts[0].onerror?.("no network");
  await settled();
  const images = document.querySelectorAll("img");
  assert.equal(images.length, 2);
  assert.equal(images[0].alt, 'a "quoted" <name>');
  assert.equal(images[0].src, `data:image/png;base64,${Buffer.from("png").toString("base64")}`);
});

test("with plotly every place of the figure is drawn once, the picture goes", async () => {
  const plotly = stub(plotlyScript.version);
  const { document } = page(html + html, plotly);
  await settled();
  assert.equal(document.querySelectorAll("img").length, 0);
  assert.equal(document.head.querySelectorAll("script").length, 0);
  assert.deepEqual(plotly.drawn, [figure, figure]);
});

test("another version of plotly on the page is not used", async () => {
  const plotly = stub("1.0.0");
  const { document } = page(html, plotly);
  await settled();
  assert.equal(plotly.drawn.length, 0);
  assert.equal(document.querySelectorAll("img").length, 1);
});

test("HTML characters are escaped", () => {
  assert.equal(escapeHtml(`<a href="x">&'`), "&#60;a href=&#34;x&#34;&#62;&#38;&#39;");
});
