import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { after, beforeEach, test } from "node:test";
import { figuresFolder } from "../../settings.js";
import { lossCurves } from "../loss-curves.js";
import type { Figure } from "./figure.js";
import { show } from "./show.js";

interface Content {
  data: Record<string, unknown>;
  metadata: Record<string, unknown>;
  transient: object;
}

const tslab = createRequire(import.meta.url)("tslab/dist/jupyter.js");
const folder = mkdtempSync(path.join(os.tmpdir(), "figures-"));
let shown: Content[] = [];
const figure = lossCurves([{ name: "KL(s<sub>x</sub>)", values: [1 / 3, 1 / 7] }]);

process.env.VARJEPA_FIGURES = folder;
after(() => rmSync(folder, { recursive: true }));
beforeEach(() => {
  shown = [];
  tslab.lastWriteDisplayData = (content: Content, update: boolean) => {
    assert.equal(update, false);
    shown.push(content);
  };
});

test("in a notebook one output holds plotly's JSON, a picture, HTML and text", async () => {
  await show(figure);
  assert.equal(shown.length, 1);
  const [{ data, metadata }] = shown;
  assert.deepEqual(Object.keys(data).sort(), [
    "application/vnd.plotly.v1+json",
    "image/png",
    "text/html",
    "text/plain",
  ]);
  const plotly = data["application/vnd.plotly.v1+json"] as Figure;
  assert.deepEqual(plotly.data[0].y, [0.333333, 0.142857]);
  assert.equal(plotly.layout.width, 520);
  const png = Buffer.from(data["image/png"] as string, "base64");
  assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [1040, 720]);
  assert.deepEqual(metadata, { "image/png": { width: 520, height: 360 } });
  assert.ok((data["text/html"] as string).includes(data["image/png"] as string));
  assert.equal(data["text/plain"], "Figure: KL(sx)");
});

test("outputs are small and the same each time", async () => {
  await show(figure);
  await show(figure);
  assert.deepEqual(shown[0], shown[1]);
  assert.ok(JSON.stringify(shown[0]).length < 60_000, `${JSON.stringify(shown[0]).length} characters`);
});

test("with a name the figure is saved as SVG, PNG and JSON of the same content", async () => {
  await show(figure, { name: "losses", width: 400, height: 300 });
  const saved = (ending: string) => readFileSync(path.join(figuresFolder(), `losses.${ending}`));
  assert.deepEqual(readdirSync(figuresFolder()).sort(), ["losses.plotly.json", "losses.png", "losses.svg"]);
  const [{ data }] = shown;
  assert.deepEqual(JSON.parse(saved("plotly.json").toString()), data["application/vnd.plotly.v1+json"]);
  assert.equal(saved("png").toString("base64"), data["image/png"]);
  assert.match(saved("svg").toString(), /^<svg [^>]*width="400" height="300"/);
  assert.equal(data["text/plain"], "Figure losses: KL(sx)");
});

test("a figure that says what is seen is described by that", async () => {
  await show({ ...figure, layout: { ...figure.layout, meta: { alternative: "KL falls from 3 to 1" } } });
  assert.equal(shown[0].data["text/plain"], "KL falls from 3 to 1");
  assert.match(shown[0].data["text/html"] as string, /<img alt="KL falls from 3 to 1"/);
});

test("who shows a figure can say what is seen; a name that several traces share is said once", async () => {
  await show(figure, { alternative: "a loss that falls & rises" });
  assert.match(shown[0].data["text/html"] as string, /<img alt="a loss that falls &#38; rises"/);
  await show({ ...figure, data: [...figure.data, ...figure.data] }, { name: "twice" });
  assert.equal(shown[1].data["text/plain"], "Figure twice: KL(sx)");
  await show(lossCurves(["<=50K", ">50K"].map((name) => ({ name, values: [1] }))));
  assert.equal(shown[2].data["text/plain"], "Figure: <=50K, >50K", "only tags are taken out");
});

test("the output goes to the cell that called", async () => {
  const drawing = show(figure);
  tslab.lastWriteDisplayData = () => assert.fail("the next cell");
  await drawing;
  assert.equal(shown.length, 1);
});

test("outside a notebook the figure is only saved", async () => {
  tslab.lastWriteDisplayData = null;
  await show(figure, { name: "alone" });
  assert.ok(readdirSync(figuresFolder()).includes("alone.svg"));
  assert.equal(shown.length, 0);
});

test("a name that is a path is refused before anything is drawn", async () => {
  await assert.rejects(show(figure, { name: "../up" }), /name is "\.\.\/up"; use letters, digits/);
});
