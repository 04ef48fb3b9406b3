import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { type CodeCell, type Notebook, type Output, type TextCell, toLines } from "../notebook-file.js";
import { type Chapter, chapterOf } from "./chapter.js";
import { document } from "./clean-html.js";
import { repositoryOf, type Surroundings } from "./links.js";

const project = mkdtempSync(path.join(tmpdir(), "book-chapter-test-"));
after(() => rmSync(project, { recursive: true }));
mkdirSync(path.join(project, "notebooks"));
writeFileSync(path.join(project, "FAITHFULNESS.md"), "");
writeFileSync(path.join(project, "a.png"), "picture");

const surroundings: Surroundings = {
  project,
  folder: "notebooks",
  pages: new Set(["00-start", "01-next"]),
};

function prose(source: string): TextCell {
  return { cell_type: "markdown", id: "a", metadata: {}, source: toLines(source) };
}

function code(source: string, outputs: Output[] = []): CodeCell {
  return {
    cell_type: "code",
    id: "b",
    metadata: {},
    source: toLines(source),
    outputs,
    execution_count: null,
  };
}

function shown(data: Record<string, unknown>, metadata: Record<string, unknown> = {}): Output {
  return { output_type: "display_data", data, metadata };
}

function chapter(cells: (TextCell | CodeCell)[], around: Partial<Surroundings> = {}): Chapter {
  const notebook: Notebook = {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: {},
    cells: [prose("# Title"), ...cells],
  };
  return chapterOf("00-start", notebook, { ...surroundings, ...around });
}

function bodyOf(...cells: (TextCell | CodeCell)[]): Element {
  const place = document.createElement("div");
  place.innerHTML = chapter(cells).body;
  return place;
}

const stream = (text: string): Output => ({ output_type: "stream", name: "stdout", text: toLines(text) });

test("code and what it printed are shown as they are, not as HTML", () => {
  const place = bodyOf(
    code('const a = "<b>&amp;</b>"; // $x_1$', [stream("\u001b[31m<i>red</i>\u001b[0m & $x_1$\n")]),
  );
  assert.equal(
    place.querySelector("details.code[open] > pre > code")?.textContent,
    'const a = "<b>&amp;</b>"; // $x_1$',
  );
  assert.ok(place.querySelector("code .hljs-keyword"));
  assert.equal(place.querySelector("pre.output")?.textContent, "<i>red</i> & $x_1$");
});

test("a cell that mostly names what it imports is folded", () => {
  const names = Array.from({ length: 20 }, (_, i) => `  name${i},\n`).join("");
  const place = bodyOf(code(`import {\n${names}} from "var-jepa";\n\nname1();`, [stream("x")]));
  assert.equal(place.querySelector("details.code")?.hasAttribute("open"), false);
});

test("a cell whose code a front end hides is folded", () => {
  const hidden = { ...code("1;", [stream("x")]), metadata: { jupyter: { source_hidden: true } } };
  assert.equal(bodyOf(hidden).querySelector("details.code")?.hasAttribute("open"), false);
});

test("an error says its name and where it was", () => {
  const error: Output = {
    output_type: "error",
    ename: "Error",
    evalue: "<no>",
    traceback: ["at\u001b[1m line 1"],
  };
  assert.equal(
    bodyOf(code("x()", [error])).querySelector("pre.error")?.textContent,
    "Error: <no>\nat line 1",
  );
});

test("a figure is a picture with its text, beside the data that make it interactive", () => {
  const plot = {
    data: [],
    layout: { xaxis: { title: { text: "s<sub>x</sub>" } }, yaxis: { title: { text: "nats" } } },
  };
  const output = shown(
    {
      "application/vnd.plotly.v1+json": plot,
      "image/png": Buffer.from("png").toString("base64"),
      "text/html": ["<div><script>load()</script></div>"],
      "text/plain": ["Figure 00-losses: A, B, A"],
    },
    { "image/png": { width: 1160, height: 500 } },
  );
  const { body, files } = chapter([code("show()", [output, output])]);
  assert.deepEqual(
    [...files.keys()],
    [
      "figures/00-start/00-losses.png",
      "figures/00-start/00-losses.plotly.json",
      "figures/00-start/00-losses-2.png",
      "figures/00-start/00-losses-2.plotly.json",
    ],
  );
  assert.equal(String(files.get("figures/00-start/00-losses.png")), "png");
  assert.deepEqual(JSON.parse(String(files.get("figures/00-start/00-losses.plotly.json"))), plot);
  assert.doesNotMatch(body, /script|data:/);
  const place = document.createElement("div");
  place.innerHTML = body;
  const image = place.querySelector("figure.wide [data-plot] > img")!;
  assert.equal(image.getAttribute("alt"), "Figure 00-losses: A, B. Axes: sx; nats");
  assert.deepEqual([image.getAttribute("width"), image.getAttribute("height")], ["1160", "500"]);
});

test("a figure that the site's plotly.js cannot draw stays a picture, a drawing is one, other texts are texts", () => {
  const picture = { "image/png": btoa("png"), "text/plain": "Figure a" };
  const sankey = { ...picture, "application/vnd.plotly.v1+json": { data: [{ type: "sankey" }], layout: {} } };
  const svg = { "image/svg+xml": ["<svg>", "</svg>"], "text/plain": "Figure b" };
  const latex = { "text/latex": "$a<b$" };
  const { body, files } = chapter([code("1", [shown(sankey), shown(svg), shown(latex)])]);
  assert.deepEqual([...files.keys()], ["figures/00-start/a.png", "figures/00-start/b.svg"]);
  assert.doesNotMatch(body, /data-plot|<button|<svg/);
  assert.match(body, /<pre class="output">\$a&lt;b\$<\/pre>/);
});

test("a table names what its header cells head; headings of outputs are none of the page", () => {
  const table =
    "<h2>Big</h2><table><thead><tr><th></th><th>a</th></tr></thead><tbody><tr><td>x</td><td>1 ± 2 | 3</td></tr></tbody></table>";
  const place = bodyOf(code("table()", [shown({ "text/html": [table] })]));
  assert.deepEqual(
    Array.from(place.querySelectorAll("th"), (cell) => [cell.textContent, cell.getAttribute("scope")]),
    [["a", "col"]],
  );
  assert.ok(place.querySelector(".table > table"));
  assert.equal(place.querySelector("h2"), null);
  assert.equal(place.querySelector(".result > p")?.textContent, "Big");
});

test("headings have ids of their own and levels without a gap", () => {
  const { title, headings, body } = chapter([
    prose("The question.\n\n## A: $q(s_x \\mid x)$\n\n#### Deep"),
    prose("## A\n\n# Late\n\n## $z$\n\n## Book text"),
    code("1", [stream("1")]),
  ]);
  assert.equal(title, "Title");
  assert.deepEqual(
    headings.map(({ id, level }) => [id, level]),
    [
      ["a", 2],
      ["deep", 3],
      ["a-2", 2],
      ["late", 2],
      ["section", 2],
      ["book-text-2", 2],
    ],
  );
  assert.equal(headings[0].words, "A: q(s_x | x)");
  assert.doesNotMatch(body, /<h1/);
});

test("what a notebook answers is its first paragraph, without the words in bold before it", () => {
  assert.equal(
    chapter([prose("**Goal.** Learn *this*.\n\nMore."), code("1", [stream("1")])]).answers,
    "Learn <em>this</em>.",
  );
});

test("links to notebooks lead to pages, those to files to the repository, or nowhere where there is none", () => {
  const source =
    "[a](01-next.ipynb#The-Title) `01-next` `notebooks/01-next.ipynb` `01` `12` [b](../FAITHFULNESS.md) [c](https://a.example/) [d](#A-b) [e](lost.md)";
  const links = (around: Partial<Surroundings>) => {
    const place = document.createElement("div");
    place.innerHTML = chapter([prose(source), code("1", [stream("1")])], around).body;
    return Array.from(place.querySelectorAll("a"), (link) => link.getAttribute("href"));
  };
  const pages = ["01-next.html#the-title", "01-next.html", "01-next.html", "01-next.html"];
  assert.deepEqual(links({}), [...pages, "https://a.example/", "#a-b", "lost.md"]);
  const repository = repositoryOf({ url: "git+https://code.example/a/b.git" });
  assert.deepEqual(links({ repository }), [
    ...pages,
    "https://code.example/a/b/blob/HEAD/FAITHFULNESS.md",
    "https://a.example/",
    "#a-b",
    "lost.md",
  ]);
});

test("the field repository of package.json in its forms", () => {
  assert.equal(repositoryOf("a/b"), "https://github.com/a/b/");
  assert.equal(repositoryOf("github:a/b"), "https://github.com/a/b/");
  assert.equal(repositoryOf(undefined), undefined);
  assert.equal(repositoryOf({ url: "file:../x" }), undefined);
});

test("pictures of a text come along, whether files, attached or in the text", () => {
  const cell: TextCell = {
    ...prose(`![one](../a.png) ![two $x_1$](attachment:b.png) ![three](data:image/png;base64,${btoa("c")})`),
    attachments: { "b.png": { "image/png": btoa("b") } },
  };
  const { files, body } = chapter([cell, code("1", [stream("1")])]);
  assert.deepEqual(
    [...files].map(([name, content]) => [name, String(content)]),
    [
      ["figures/00-start/a.png", "picture"],
      ["figures/00-start/picture.png", "b"],
      ["figures/00-start/picture-2.png", "c"],
    ],
  );
  assert.match(body, /alt="two x_1"/);
});

test("a notebook that cannot become a page is named with the fix", () => {
  const of =
    (...cells: (TextCell | CodeCell)[]) =>
    () =>
      chapter(cells);
  const run = code("1", [stream("1")]);
  assert.throws(
    of(code("1")),
    /00-start: no cell has an output; execute it with npm run notebook -- notebooks\/00-start.ipynb/,
  );
  assert.throws(
    of(prose("![a](https://a.example/b.png)"), run),
    /00-start: the picture https:\/\/a.example\/b.png is not a file of the project/,
  );
  assert.throws(of(prose("![a](../../etc/passwd.png)"), run), /is not a file of the project/);
  assert.throws(of(prose("![a](lost.png)"), run), /lost.png cannot be read/);
  assert.throws(of(prose("$\\nonsense$"), run), /00-start: the formula \\nonsense cannot be typeset/);
  const untitled: Notebook = { nbformat: 4, nbformat_minor: 5, metadata: {}, cells: [prose("## a"), run] };
  assert.throws(() => chapterOf("00-start", untitled, surroundings), /there is no title/);
});
