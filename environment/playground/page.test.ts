/** The playground in Chromium, if there is one, beside the same run in Node.js: plain kernels give both the same numbers. */
import "../../lib/node/world.js";
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { startEngine } from "../../lib/engine/backend.js";
import { useKernels } from "../../lib/engine/fused.js";
import { findChromium } from "../../lib/find-chromium.test-browser.js";
import { sharedFiles } from "../book/assets.js";
import { checkSite } from "../book/check-site.js";
import { companionPage } from "../book/layout.js";
import { serveFolder } from "../book/serve.js";
import { writeSite } from "../book/site.js";
import { atFirst, mostAtFirst, weighSite } from "../book/weigh-site.js";
import { readPlace } from "./address.js";
import { answerer } from "./answer.js";
import { offlineProgram, playgroundFiles } from "./files.js";
import { playground } from "./layout.js";
import type { Request } from "./messages.js";
import { type Moment, outcome, scenes } from "./scenes.js";
import { dataOf, openSession } from "./session.js";
import { knobsAt } from "./setup.js";
import { short, subscripts } from "./words.js";

process.env.VARJEPA_ENGINE = "wasm";
process.env.VARJEPA_KERNELS = "plain";

const book = { title: "Book", description: "", chapters: [], companions: [playground] };
const site = new Map<string, Buffer | string>([
  [playground.file, companionPage(book, playground)],
  [
    "index.html",
    companionPage(book, {
      ...playground,
      file: "index.html",
      main: "<h1>Book</h1>",
      program: "assets/book.js",
    }),
  ],
  ...(await sharedFiles()),
  ...(await playgroundFiles()),
  ["assets/headings.json", "[]"],
]);
site.set("playground-offline.js", await offlineProgram(site));

const folder = mkdtempSync(path.join(tmpdir(), "playground-test-"));
after(() => rmSync(folder, { recursive: true }));

test("the page's links lead somewhere, and with all that it needs to train it is light enough", () => {
  assert.deepEqual(checkSite(site), []);
  const weight = weighSite(site).find(({ page }) => page === playground.file)!;
  assert.ok(weight.shared > 1_000_000 && atFirst(weight) < mostAtFirst, JSON.stringify(weight));
});

const browserFile = findChromium();
const inBrowser = {
  skip: browserFile === undefined && "there is no Chromium here: install one, or name it in VARJEPA_CHROMIUM",
  timeout: 120_000,
};
let browser: Browser;
let served: Awaited<ReturnType<typeof serveFolder>>;
before(async () => {
  await startEngine();
  writeSite(site, path.join(folder, "site"));
  served = await serveFolder(path.join(folder, "site"), 0);
  if (browserFile) browser = await chromium.launch({ executablePath: browserFile, args: ["--no-sandbox"] });
});
after(async () => {
  await browser?.close();
  served.server.close();
});

/** A tab, and whatever goes wrong in it. */
async function newTab(context?: BrowserContext): Promise<{ tab: Page; wrong: string[] }> {
  const tab = await (context ?? browser).newPage();
  const wrong: string[] = [];
  tab.on("pageerror", ({ message }) => wrong.push(message));
  tab.on("console", (message) => wrong.push(message.text()));
  tab.on("request", (request) => {
    if (!request.url().startsWith(served.url)) wrong.push(`${request.url()} was asked for`);
  });
  return { tab, wrong };
}

async function openAt(tab: Page, hash: string): Promise<void> {
  await tab.goto("about:blank");
  await tab.goto(`${served.url}playground.html#${hash}`);
  await stands(tab);
}

/** Waits until the run stands still. */
async function stands(tab: Page): Promise<void> {
  await tab.waitForFunction(() =>
    /^(Ready|Paused|This is the last)/.test(document.getElementById("play-state")?.textContent ?? ""),
  );
}

const textOf = async (tab: Page, id: string) => breaking(await tab.locator(`#${id}`).innerText());
const breaking = (text: string) => text.replaceAll("\u00a0", " ");
const hashOf = (tab: Page) => tab.evaluate(() => location.hash);

/** A text as the page shows it. */
const flat = (text: string) => breaking(subscripts(text).join(""));

/** The run of an address in Node.js, at its beginning in a scene and where the address ends. */
function here(hash: string, steps?: number): { begin: Moment; end: Moment } {
  const { setup, scene } = readPlace(hash);
  const session = openSession(setup, dataOf(setup));
  let terms: Readonly<Record<string, number>> = {};
  const moment = (): Moment => {
    const { step, measures } = session.frame();
    return { step, measures, terms, floor: session.floor };
  };
  let begin = moment();
  while (session.step < (steps ?? setup.steps)) {
    terms = session.advance(knobsAt(setup, session.step))!;
    if (scene && session.step === scenes[scene].setup.steps) begin = moment();
  }
  const end = moment();
  session.close();
  return { begin, end };
}

/** A reply without what differs from run to run, and its measures apart. */
function comparable(reply: unknown): { numbers: string; measures: number[] } {
  const measures: number[] = [];
  const numbers = JSON.stringify(reply, (key, value) => {
    if (key === "milliseconds") return 0;
    if (key !== "measures" && key !== "floor") return value;
    measures.push(
      ...JSON.stringify(value)
        .match(/-?\d+(?:\.\d+)?(?:e-?\d+)?/g)!
        .map(Number),
    );
    return 0;
  });
  return { numbers, measures };
}

test(
  "a worker's terms, latents and digits are those of Node.js bit for bit, its measures up to rounding",
  inBrowser,
  async () => {
    const { tab, wrong } = await newTab();
    await tab.goto(`${served.url}index.html`);
    await tab.evaluate(() => {
      const worker = new Worker("playground-worker.js");
      Object.assign(globalThis, {
        ask: (request: unknown) =>
          new Promise((resolve) => {
            worker.onmessage = ({ data }) => resolve(data);
            worker.postMessage(request);
          }),
      });
    });
    const packed = new Uint8Array(site.get("assets/playground/digits.bin") as Buffer);
    const useThem = () => {
      useKernels("plain");
      return "plain";
    };
    const answer = answerer({ useKernels: useThem, loadDigits: async () => packed });
    for (const hash of [
      "",
      "configuration=D&d=16",
      "configuration=jepa-ema-0.9",
      "configuration=vicreg-jepa&d=2",
      "data=digits&d=8",
    ]) {
      const { setup } = readPlace(`${hash}&kernels=plain`);
      const { knobs, turns: _, steps: __, ...open } = setup;
      for (const request of [
        { open },
        { knobs, steps: 12 },
        { knobs: { ...knobs, sigregSx: 1 }, steps: 3 },
      ] as Request[]) {
        const asText = async (asked: Request) => {
          const { ask } = globalThis as unknown as { ask: (request: Request) => Promise<unknown> };
          return JSON.stringify(await ask(asked), (_, value) =>
            ArrayBuffer.isView(value) ? Array.from(value as Float32Array) : value,
          );
        };
        const there = comparable(JSON.parse(await tab.evaluate(asText, request)));
        Object.assign(globalThis, { ask: answer });
        const own = comparable(JSON.parse(await asText(request)));
        assert.doesNotMatch(there.numbers, /"failed"/);
        assert.equal(there.numbers, own.numbers, hash);
        assert.equal(there.measures.length, own.measures.length);
        // Browsers' logarithms may differ from those of Node.js in the last digit.
        there.measures.forEach((value, i) => {
          assert.ok(Math.abs(value - own.measures[i]) <= 1e-12 * Math.abs(value), `${hash}: ${value}`);
        });
      }
    }
    assert.deepEqual(wrong, []);
    await tab.close();
  },
);

test(
  "a scene plays to its end and tells what happened in the numbers that Node.js has",
  inBrowser,
  async () => {
    const { tab, wrong } = await newTab();
    const scene = scenes.collapse;
    await openAt(tab, "scene=collapse&kernels=plain&steps=540");
    assert.equal(await tab.locator("[data-scene=collapse]").getAttribute("aria-pressed"), "true");
    assert.match(await textOf(tab, "play-outcome"), /will stand here after 600 steps/);
    await tab.locator("#play-question input").nth(1).check();
    await tab.locator("#play-play").click();
    await tab.locator("#play-outcome h3").waitFor();
    const hash = await hashOf(tab);
    assert.equal(hash, "#scene=collapse&kernels=plain&steps=600");
    const { begin, end } = here(hash);
    assert.deepEqual(outcome(scene, begin, end), scene.answers[0]);
    const told = await textOf(tab, "play-outcome");
    const parts = [
      "Not as you predicted: it falls to",
      flat(scene.told(begin, end)),
      scene.answers[0].because!,
    ];
    for (const part of parts) assert.ok(told.includes(part), told);
    await tab.locator("#play-step").click();
    await tab.waitForFunction(() => location.hash.endsWith("steps=601"));
    assert.match(await textOf(tab, "play-state"), /After 601 steps .* What happened up to step 600 is told/);
    assert.equal(await textOf(tab, "play-outcome"), told);

    const otherHash = "scene=collapse&kernels=plain&steps=601&turn=599:learningRate:0.01";
    await openAt(tab, otherHash);
    assert.match(
      await textOf(tab, "play-differs"),
      /: learning rate 0.01 in place of 0.001 from step 599 on\. /,
    );
    const other = here(otherHash, 600);
    assert.equal(
      (await textOf(tab, "play-outcome")).replace(/\n+/, "\n"),
      `This run up to step 600\n${flat(scene.told(other.begin, other.end))}`,
    );
    await tab.locator("#play-reset").click();
    await stands(tab);
    assert.match(await textOf(tab, "play-outcome"), /will stand here/);
    assert.equal(await hashOf(tab), "#scene=collapse&kernels=plain");
    assert.equal(await tab.locator("#play-differs").isHidden(), true);
    assert.deepEqual(wrong, []);
    await tab.close();
  },
);

test(
  "pausing, steps, sliders, reset and the link: what another tab opens is the same run, and Node.js has its numbers",
  inBrowser,
  async () => {
    const { tab, wrong } = await newTab();
    await openAt(tab, "kernels=plain&d=2");
    const play = tab.locator("#play-play");
    await play.click();
    assert.equal(await play.innerText(), "Pause");
    await tab.waitForFunction(
      () => Number(/step (\d+)/.exec(document.getElementById("play-count")!.textContent!)?.[1]) > 5,
    );
    await play.click();
    await stands(tab);
    const at = Number(/^#d=2&kernels=plain&steps=(\d+)$/.exec(await hashOf(tab))?.[1]);
    assert.ok(at > 5);
    await tab.locator("#knob-klSx").focus();
    await tab.keyboard.press("ArrowRight");
    assert.equal(await tab.locator("#knob-klSx").getAttribute("aria-valuetext"), "3");
    await tab.locator("#play-step").click();
    await tab.waitForFunction(
      (step) => document.getElementById("play-state")!.textContent!.includes(`After ${step} `),
      at + 1,
    );
    await tab.locator("#knob-decoderNoise").focus();
    await tab.keyboard.press("End");
    await tab.locator("#play-step").click();
    await tab.waitForFunction(
      (step) => document.getElementById("play-state")!.textContent!.includes(`After ${step} `),
      at + 2,
    );
    await tab.locator("#play-link").click();
    const hash = await hashOf(tab);
    assert.equal(hash, `#d=2&kernels=plain&steps=${at + 2}&turn=${at}:klSx:3&turn=${at + 1}:decoderNoise:5`);
    const shown = () =>
      Promise.all([...["play-measure-curves", "play-count"].map((id) => textOf(tab, id))]).then(
        ([curves]) => curves,
      );
    const curves = await shown();
    const { end } = here(hash);
    for (const latent of ["sx", "sy"] as const)
      for (const value of Object.values(end.measures[latent]))
        assert.ok(curves.includes(short(value)), `${value}`);

    const { tab: second, wrong: wrongToo } = await newTab();
    await openAt(second, hash.slice(1));
    assert.equal(await textOf(second, "play-measure-curves"), curves);
    assert.equal(await second.locator("#knob-klSx").getAttribute("aria-valuetext"), "3");
    assert.equal(await hashOf(second), hash);
    await second.close();

    await tab.locator("#play-reset").click();
    await stands(tab);
    assert.equal(await hashOf(tab), "#d=2&kernels=plain&klSx=3&decoderNoise=5");
    await tab.locator("[data-configuration=jepa]").click();
    await stands(tab);
    assert.equal(await hashOf(tab), "#configuration=jepa&d=2&kernels=plain");
    assert.equal(await tab.locator("#knob-klSx").count(), 0);
    await tab.locator("#play-seed").fill("1.5");
    await tab.keyboard.press("Enter");
    assert.match(await textOf(tab, "play-problem"), /^The seed is 1.5; use a whole number from 0 to 999999/);
    await tab.locator("#play-seed").fill("9");
    await tab.keyboard.press("Enter");
    await tab.waitForFunction(() => location.hash.includes("seed=9"));
    await tab.evaluate(() => {
      location.hash = "#configuration=jep";
    });
    await tab.waitForFunction(() => document.getElementById("play-problem")!.textContent !== "");
    assert.match(
      await textOf(tab, "play-problem"),
      /^This link was not understood: configuration is "jep"; use one like jepa, jepa-own, /,
    );
    assert.deepEqual([...wrong, ...wrongToo], []);
    await tab.close();
  },
);

test("the way to the text leaves the run, and a scene that is left says so", inBrowser, async () => {
  const { tab, wrong } = await newTab();
  await openAt(tab, "scene=collapse");
  await tab.locator("#play-step").click();
  await tab.waitForFunction(() => document.getElementById("play-count")!.textContent!.startsWith("step 1 "));
  await tab.keyboard.press("Home");
  await tab.evaluate(() => document.querySelector<HTMLElement>('a[href="#book-text"]')!.click());
  await tab.locator("#play-step").click();
  await tab.waitForFunction(() => document.getElementById("play-count")!.textContent!.startsWith("step 2 "));
  assert.equal(await tab.locator("#play-problem").isHidden(), true);
  await tab.locator('[data-configuration="A"]').click();
  assert.match(await textOf(tab, "play-outcome"), /You have left the scene/);
  assert.deepEqual(wrong, []);
});

test(
  "a scene's outcome is told of its own run alone; of another its difference is told",
  inBrowser,
  async () => {
    const { tab, wrong } = await newTab();
    await openAt(tab, "scene=collapse&configuration=B&seed=4");
    assert.match(
      await textOf(tab, "play-differs"),
      /^This is not the scene’s own run: configuration B in place of jepa\. The outcome/,
    );
    assert.equal(await textOf(tab, "play-outcome"), "");
    await tab.locator("#play-reset").click();
    await stands(tab);
    assert.equal(await hashOf(tab), "#scene=collapse&configuration=B&seed=4");
    assert.equal(await tab.locator("#play-differs").isVisible(), true);

    await tab.locator("[data-scene=collapse]").click();
    await stands(tab);
    assert.equal(await tab.locator("#play-differs").isHidden(), true);
    assert.match(await textOf(tab, "play-outcome"), /will stand here after 600 steps/);
    await tab.locator("#knob-learningRate").focus();
    await tab.keyboard.press("End");
    assert.equal(await tab.locator("#play-differs").isHidden(), true);
    await tab.locator("#play-step").click();
    await tab.locator("#play-differs").waitFor();
    assert.match(await textOf(tab, "play-differs"), /learning rate 0.03 in place of 0.001 from step 0 on/);
    assert.deepEqual(wrong, []);
    await tab.close();
  },
);

test(
  "with a scene open the run is at hand without scrolling, wherever the page stands",
  inBrowser,
  async () => {
    const { tab, wrong } = await newTab();
    const inSight = async (id: string) => {
      const box = (await tab.locator(`#${id}`).boundingBox())!;
      const { height } = tab.viewportSize()!;
      const seen = await tab.evaluate(
        ({ x, y, width, height }) => document.elementFromPoint(x + width / 2, y + height / 2)?.id,
        box,
      );
      return box.y >= 0 && box.y + box.height <= height && seen === id;
    };
    for (const [width, height] of [
      [1280, 800],
      [390, 844],
    ]) {
      await tab.setViewportSize({ width, height });
      await openAt(tab, "scene=posterior-collapse");
      for (const place of ["top", "middle", "bottom"]) {
        await tab.evaluate(
          (share) => scrollTo(0, share * document.body.scrollHeight),
          ["top", "middle", "bottom"].indexOf(place) / 2,
        );
        for (const id of ["play-play", "play-step", "play-reset", "play-speed"])
          assert.ok(await inSight(id), `${id} at the ${place} of ${width} × ${height}`);
      }
      await tab.evaluate(() => scrollTo(0, 0));
      if (width === 1280) assert.ok((await inSight("play-sx")) && (await inSight("play-sy")));
    }
    const meanings = tab.locator("summary", { hasText: "What A to J are" });
    const label = tab.locator("dd", { hasText: "ELBO + SIGReg on both" });
    assert.equal(await label.isVisible(), false);
    await meanings.focus();
    await tab.keyboard.press("Enter");
    assert.equal(await label.isVisible(), true);
    assert.deepEqual(wrong, []);
    await tab.close();
  },
);

test(
  "pictures say how large they are: clouds by a bar, charts by steps, shares from 0 to 1",
  inBrowser,
  async () => {
    const { tab, wrong } = await newTab();
    await tab.addInitScript(() => {
      const { fillText } = CanvasRenderingContext2D.prototype;
      const written: Record<string, string[]> = {};
      Object.assign(globalThis, { written });
      CanvasRenderingContext2D.prototype.fillText = function (text, ...place) {
        const name = this.canvas.dataset.measure ?? this.canvas.dataset.term ?? this.canvas.id;
        written[name] = [...(written[name] ?? []).slice(-3), text];
        fillText.call(this, text, ...place);
      };
    });
    const written = async (name: string, ...texts: string[]) => {
      await tab.waitForFunction(
        ([name, texts]) => {
          const { written } = globalThis as unknown as { written: Record<string, string[]> };
          return written[name as string]?.slice(-texts.length).join() === (texts as string[]).join();
        },
        [name, texts],
        { timeout: 10_000 },
      );
    };
    await openAt(tab, "scene=collapse&steps=60");
    await written("class found", "1", "0", "60 steps", "0");
    await written("prediction", "60 steps", "0");
    await written("play-sx", "0.2", "N(0, I) is 4.3 pictures wide");
    assert.match(await textOf(tab, "play-spread-sx"), /^variance .* \(start 0\.0088\)$/);
    assert.match(
      (await tab.locator("#play-sx").getAttribute("aria-label")) ?? "",
      /the picture is 1\.15 wide$/,
    );
    assert.deepEqual(wrong, []);
    await tab.close();
  },
);

test("a tab that nobody sees trains nothing, and goes on when it is seen", inBrowser, async () => {
  const { tab, wrong } = await newTab();
  await openAt(tab, "configuration=jepa&d=2");
  const hide = (hidden: boolean) =>
    tab.evaluate((value) => {
      Object.defineProperty(document, "hidden", { value, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }, hidden);
  const step = async () => Number(/step (\d+)/.exec(await textOf(tab, "play-count"))?.[1]);
  await tab.locator("#play-play").click();
  await hide(true);
  let before = -1;
  // What was already asked for is still made.
  for (let now = await step(); now !== before; now = await step()) {
    before = now;
    await tab.waitForTimeout(300);
  }
  await hide(false);
  await tab.waitForFunction(
    (then) => Number(/step (\d+)/.exec(document.getElementById("play-count")!.textContent!)?.[1]) > then,
    before,
  );
  assert.deepEqual(wrong, []);
  await tab.close();
});

test(
  "without relaxed SIMD the plain kernels do, and every weight at 0 is said to be one too few",
  inBrowser,
  async () => {
    const { tab, wrong } = await newTab();
    await tab.route("**/kernels-relaxed.wasm", (route) =>
      route.fulfill({ body: Buffer.from([0, 97, 115, 109, 9, 0, 0, 0]) }),
    );
    await openAt(tab, "configuration=jepa&d=2");
    assert.match(await textOf(tab, "play-count"), /plain kernels/);
    await tab.locator("#knob-prediction").focus();
    await tab.keyboard.press("Home");
    assert.match(await textOf(tab, "play-problem"), /^Every weight is 0/);
    await tab.locator("#play-step").click();
    await tab.locator("#play-play").click();
    assert.equal(await textOf(tab, "play-play"), "Play");
    await tab.locator("#knob-prediction").focus();
    await tab.keyboard.press("End");
    assert.equal(await tab.locator("#play-problem").isHidden(), true);
    await tab.locator("#play-step").click();
    await tab.waitForFunction(() =>
      document.getElementById("play-state")!.textContent!.includes("After 1 steps"),
    );
    assert.deepEqual(wrong, []);
    await tab.close();
  },
);

test(
  "no barrier in light and dark, on narrow screens and where motion is not wanted",
  inBrowser,
  async () => {
    const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
    for (const colorScheme of ["light", "dark"] as const) {
      const context = await browser.newContext({
        viewport: { width: 390, height: 800 },
        colorScheme,
        reducedMotion: "reduce",
      });
      const { tab, wrong } = await newTab(context);
      await openAt(
        tab,
        colorScheme === "light" ? "scene=digits" : "scene=rescue&steps=310&turn=300:sigregSx:10",
      );
      const [wide, shown] = await tab.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      assert.ok(wide <= shown, `${wide}`);
      await tab.evaluate(axe);
      const barriers = await tab.evaluate(async () => {
        const { axe } = globalThis as unknown as { axe: typeof import("axe-core") };
        const { violations } = await axe.run();
        return violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`);
      });
      assert.deepEqual(barriers, []);
      assert.match(
        (await tab.locator("#play-sx").getAttribute("aria-label")) ?? "",
        /variance [\d.]+, effective rank/,
      );
      assert.deepEqual(wrong, []);
      await context.close();
    }
  },
);

test("once it was loaded it opens and trains without a network", inBrowser, async () => {
  const context = await browser.newContext();
  const { tab, wrong } = await newTab(context);
  const own = await serveFolder(path.join(folder, "site"), 0);
  await tab.goto(`${own.url}playground.html`);
  await tab.evaluate(() => navigator.serviceWorker.ready.then(() => 0));
  own.server.close();
  own.server.closeAllConnections();
  await tab.goto("about:blank");
  await tab.goto(`${own.url}playground.html#scene=digits`);
  await stands(tab);
  await tab.locator("#play-step").click();
  await tab.waitForFunction(() =>
    document.getElementById("play-state")!.textContent!.includes("After 1 steps"),
  );
  assert.deepEqual(
    wrong.filter((line) => !line.includes(own.url)),
    [],
  );
  await context.close();
});
