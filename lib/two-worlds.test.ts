/**
 * The rooms that run in Node.js and in a browser, bundled for one: no module of Node.js comes along, and what they train there
 * is, bit for bit, what they train here. In Chromium, if there is one (`VARJEPA_CHROMIUM` names it where it is not found), and
 * in a bare context of this process, which has no more than a page's worker.
 */
import "./node/world.js";
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import vm from "node:vm";
import { build, type Metafile } from "esbuild";
import { chromium } from "playwright-core";
import { findChromium } from "./find-chromium.test-browser.js";
import { trainSmall } from "./two-worlds.test-page.js";

process.env.VARJEPA_ENGINE = "wasm";
process.env.VARJEPA_KERNELS = "plain";

/** Rooms of both worlds. */
const rooms = ["engine", "distributions", "layers", "losses", "models", "training", "evaluation/metrics"];

const lib = fileURLToPath(new URL(".", import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), "two-worlds-test-"));
after(() => rmSync(folder, { recursive: true }));

const page = path.join(lib, "two-worlds.test-page.js");
const modules = rooms
  .map((room) => path.join(lib, room))
  .filter((room) => existsSync(room))
  .flatMap((room) =>
    (readdirSync(room, { recursive: true }) as string[]).map((file) => path.join(room, file)),
  )
  .filter((file) => file.endsWith(".js") && !file.includes(".test"));

const { metafile, outputFiles } = await build({
  stdin: {
    contents: [
      `export * from ${JSON.stringify(page)};`,
      ...modules.map((file) => `import ${JSON.stringify(file)};`),
    ].join("\n"),
    resolveDir: lib,
    sourcefile: "every-room",
  },
  absWorkingDir: lib,
  bundle: true,
  platform: "browser",
  format: "iife",
  globalName: "library",
  external: ["node:*"],
  metafile: true,
  write: false,
  logLevel: "error",
  logOverride: { "empty-import-meta": "silent" },
});
const program = outputFiles[0].text;
const plainKernels = Array.from(readFileSync(path.join(lib, "engine", "kernels", "plain.wasm")));
const wasmFile = createRequire(import.meta.url).resolve(
  "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm",
);
const wasmUrl = `data:application/wasm;base64,${readFileSync(wasmFile, "base64")}`;

let here: number[];
before(async () => {
  const file = path.join(folder, "weights.safetensors");
  await trainSmall(file);
  here = Array.from(readFileSync(file));
});

/** How modules of Node.js are reached: one chain of imports for each. */
function nodeImports({ inputs }: Metafile): string[] {
  const chains = new Map<string, string[]>([["every-room", []]]);
  const found: string[] = [];
  for (const [file, chain] of chains)
    for (const { path: next, external } of inputs[file].imports) {
      if (external) found.push([...chain, file, next].join(" → "));
      else if (!chains.has(next)) chains.set(next, [...chain, file]);
    }
  return found;
}

test("no room of both worlds brings a module of Node.js along", () => {
  assert.ok(modules.length > 50);
  assert.deepEqual(nodeImports(metafile), []);
});

test("what Node.js alone has is named nowhere in these rooms", () => {
  const only = /(?<![.\w])(process\.|Buffer\b|__dirname\b|require\(|setImmediate\b)/;
  const named = modules.filter((file) => !file.endsWith("tfjs-gradients.js"));
  assert.deepEqual(
    named.filter((file) => only.test(readFileSync(file, "utf8").replace(/\/\*[\s\S]*?\*\//g, ""))),
    [],
  );
});

test("a context with what a page's worker has, and no more, trains to the same bits", async () => {
  const { TextDecoder, TextEncoder, URL, clearTimeout, console, fetch, performance, setTimeout } = globalThis;
  const web = { TextDecoder, TextEncoder, URL, clearTimeout, console, fetch, performance, setTimeout };
  const context = vm.createContext({
    ...web,
    WorkerGlobalScope: class {},
    importScripts() {},
    location: { href: "" },
  });
  vm.runInContext("globalThis.self = globalThis", context);
  vm.runInContext(program, context);
  const { library } = context as { library: typeof import("./two-worlds.test-page.js") };
  assert.equal(
    vm.runInContext("typeof process + typeof require + typeof setImmediate", context),
    "undefined".repeat(3),
  );
  assert.deepEqual(Array.from(await library.trainInPage(plainKernels, wasmUrl)), here);
});

const browserFile = findChromium();
test("Chromium trains to the same bits", {
  skip: browserFile === undefined && "there is no Chromium here: install one, or name it in VARJEPA_CHROMIUM",
  timeout: 120_000,
}, async () => {
  const browser = await chromium.launch({ executablePath: browserFile, args: ["--no-sandbox"] });
  try {
    const tab = await browser.newPage();
    await tab.addScriptTag({ content: program });
    const there = await tab.evaluate(
      ([kernels, url]) =>
        (
          globalThis as unknown as { library: typeof import("./two-worlds.test-page.js") }
        ).library.trainInPage(kernels, url),
      [plainKernels, wasmUrl] as const,
    );
    assert.deepEqual(there, here);
  } finally {
    await browser.close();
  }
});
