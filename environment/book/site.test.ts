/** The book of the project's own notebooks: its files, and its pages in Chromium, if there is one. */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { type Browser, chromium } from "playwright-core";
import { findChromium } from "../../lib/find-chromium.test-browser.js";
import { projectFolder } from "../../lib/settings.js";
import { checkSite } from "./check-site.js";
import { serveFolder } from "./serve.js";
import { makeSite, writeSite } from "./site.js";
import { tagsOf } from "./tags.js";
import { atFirst, mostAtFirst, weighSite } from "./weigh-site.js";

const site = await makeSite(projectFolder);
const pages = [...site.keys()].filter((file) => file.endsWith(".html"));
const folder = mkdtempSync(path.join(tmpdir(), "book-site-test-"));
after(() => rmSync(folder, { recursive: true }));

/** The site with one page changed. */
function changed(page: string, from: string | RegExp, to: string): string[] {
  return checkSite(new Map([...site, [page, String(site.get(page)).replace(from, to)]]));
}

test("every link of the book leads somewhere, and what leads nowhere is found", () => {
  assert.deepEqual(checkSite(site), []);
  const page = pages[1];
  const broken = (html: string) => changed(page, "</main>", `${html}</main>`);
  assert.deepEqual(broken('<a href="lost.html">a</a>'), [
    `${page}: lost.html leads to no file of the site; mend or remove it in the notebook`,
  ]);
  assert.deepEqual(broken('<a href="index.html#lost">a</a>'), [
    `${page}: index.html#lost leads to no heading of index.html; mend or remove it in the notebook`,
  ]);
  assert.deepEqual(
    broken('<a href="#lost">a</a><a rel="external" href="https://a.example/">b</a>').length,
    1,
  );
  assert.deepEqual(broken('<img src="https://a.example/a.png" alt="">'), [
    `${page}: https://a.example/a.png is not a file of the site`,
  ]);
  assert.deepEqual(broken('<p id="book-text"></p>'), [`${page}: the id book-text is there twice`]);
});

test("every page has its policy, no script of its own, one title, headings in order, and texts for its pictures", () => {
  for (const page of pages) {
    const html = String(site.get(page));
    const tags = tagsOf(html);
    const named = (...names: string[]) => tags.filter(({ name }) => names.includes(name));
    const policy = named("meta").find(
      ({ attributes }) => attributes.get("http-equiv") === "Content-Security-Policy",
    );
    const rules = policy?.attributes.get("content") ?? "";
    assert.match(rules, /^default-src 'none'; script-src 'self'; /, page);
    assert.doesNotMatch(rules, /unsafe-eval|https?:|\*/, page);
    assert.ok(
      named("script").every(({ attributes }) => attributes.has("src")),
      page,
    );
    assert.deepEqual(
      tags.flatMap(({ attributes }) => [...attributes.keys()].filter((name) => name.startsWith("on"))),
      [],
      page,
    );
    const levels = named("h1", "h2", "h3", "h4", "h5", "h6").map(({ name }) => Number(name[1]));
    assert.deepEqual([levels[0], levels.filter((level) => level === 1).length], [1, 1], page);
    assert.ok(
      levels.every((level, i) => i === 0 || level <= levels[i - 1] + 1),
      `${page}: ${levels}`,
    );
    assert.ok(
      named("img").every(({ attributes }) => attributes.get("alt")),
      page,
    );
    assert.doesNotMatch(html, /[\uE000\uE001]/, page);
  }
});

test("no page weighs more than is good for a telephone", () => {
  for (const weight of weighSite(site)) assert.ok(atFirst(weight) < mostAtFirst, weight.page);
});

test("a book takes the place of an earlier book, and of nothing else", () => {
  const out = path.join(folder, "book");
  writeSite(new Map([...site, ["old.html", "old"]]), out);
  writeSite(site, out);
  assert.ok(existsSync(path.join(out, "index.html")) && !existsSync(path.join(out, "old.html")));
  writeFileSync(path.join(folder, "mine.txt"), "mine");
  assert.throws(
    () => writeSite(site, folder),
    /holds other files than a book; name an empty or a new folder/,
  );
  assert.equal(readFileSync(path.join(folder, "mine.txt"), "utf8"), "mine");
});

const browserFile = findChromium();
test("Chromium opens every page without an error or a request to elsewhere, and what moves in them moves", {
  skip: browserFile === undefined && "there is no Chromium here: install one, or name it in VARJEPA_CHROMIUM",
  timeout: 120_000,
}, async () => {
  writeSite(site, path.join(folder, "browser"));
  const { server, url } = await serveFolder(path.join(folder, "browser"), 0);
  const browser = await chromium.launch({ executablePath: browserFile, args: ["--no-sandbox"] });
  try {
    await openAll(browser, url);
  } finally {
    await browser.close();
    server.close();
  }
});

async function openAll(browser: Browser, url: string): Promise<void> {
  const tab = await browser.newPage({ viewport: { width: 390, height: 800 }, colorScheme: "light" });
  const wrong: string[] = [];
  tab.on("pageerror", ({ message }) => wrong.push(message));
  tab.on("console", (message) => wrong.push(message.text()));
  tab.on("response", (response) => {
    if (response.status() !== 200) wrong.push(`${response.url()} answered ${response.status()}`);
  });
  tab.on("request", (request) => {
    if (!request.url().startsWith(url)) wrong.push(`${request.url()} was asked for`);
  });
  for (const page of pages) {
    await tab.goto(url + page);
    const [wide, shown] = await tab.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(wide <= shown, `${page} is ${wide} pixels wide on a screen of ${shown}`);
    assert.deepEqual(wrong, [], page);
  }

  const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  const barriers = async () => {
    await tab.evaluate(axe);
    return tab.evaluate(async () => {
      const { axe } = globalThis as unknown as { axe: typeof import("axe-core") };
      const { violations } = await axe.run();
      return violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`);
    });
  };
  const withPlot = pages.find((page) => String(site.get(page)).includes("data-plot"))!;
  await tab.goto(url + withPlot);
  assert.deepEqual(await barriers(), [], withPlot);
  await tab.locator(".explore").first().click();
  await tab.locator(".plot .main-svg").first().waitFor();
  await tab.locator("#book-query").fill("exercises");
  await tab.locator("#book-found a").first().waitFor();
  await tab.keyboard.press("Enter");
  await tab.waitForURL(/#exercises$/);
  await tab.locator(".theme-switch").click();
  await tab.goto(`${url}index.html`);
  assert.equal(await tab.evaluate(() => document.documentElement.dataset.theme), "dark");
  assert.deepEqual(await barriers(), [], "index.html in the dark");
  assert.deepEqual(wrong, []);

  const refused = await tab.evaluate(async () => {
    const directives = new Set<string>();
    document.addEventListener("securitypolicyviolation", (event) => directives.add(event.effectiveDirective));
    const script = document.createElement("script");
    script.textContent = "document.title = 'ran'";
    const style = document.createElement("style");
    style.textContent = "body { display: none }";
    document.body.append(script, style);
    setTimeout("document.title = 'ran'");
    new Image().src = "https://elsewhere.invalid/a.png";
    await fetch("https://elsewhere.invalid/").catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 50));
    return [document.title === "ran", ...[...directives].sort()];
  });
  assert.deepEqual(refused, [
    false,
    "connect-src",
    "img-src",
    "script-src",
    "script-src-elem",
    "style-src-elem",
  ]);
}
