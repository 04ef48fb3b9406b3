/**
 * Opens a notebook in Jupyter Notebook in a headless Chromium, runs it there as a person would, and converts it
 * with nbconvert. Run by hand, as both programs are not npm packages:
 * `node dist/environment/front-end.js notebooks/00-start-here.ipynb --out runs/front-end`.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { Command } from "commander";
import { chromium, type Page } from "playwright-core";
import { projectFolder } from "../lib/settings.js";
import { kernelName, kernelspec } from "./kernelspec.js";
import { type Notebook, readNotebook, writeNotebook } from "./notebook-file.js";

const program = new Command("front-end")
  .description("Checks a notebook in Jupyter Notebook, in Chromium, and through nbconvert.")
  .argument("[notebook]", "the notebook; a small one of its own when left out")
  .option("--out <dir>", "where the screenshots and the HTML page go", "runs/front-end")
  .option("--chromium <file>", "the browser", "/usr/bin/chromium")
  .option("--timeout <seconds>", "limit of a whole run of the notebook", Number, 600)
  .parse();
const options = program.opts<{ out: string; chromium: string; timeout: number }>();

const browserArguments = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const sample = [
  'import { currentPreset } from "var-jepa";\nconsole.log("preset", currentPreset());',
  'import { display } from "tslab";\ndisplay.html("<b>bold</b> and <i>italic</i>");',
  "const values = [1, 2, 3].map((value) => value ** 2);\nvalues",
  'for (let i = 0; i <= 3; i++) {\n  await new Promise((resolve) => setTimeout(resolve, 200));\n  process.stdout.write("\\rstep " + i);\n}',
];

function missingPrograms(): string[] {
  const commands = ["jupyter-notebook", "jupyter-nbconvert"];
  const missing = commands.filter((command) => spawnSync(command, ["--version"]).status !== 0);
  return existsSync(options.chromium) ? missing : [...missing, options.chromium];
}

function sampleNotebook(): Notebook {
  return {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: { kernelspec: { name: kernelName, display_name: kernelspec().display_name } },
    cells: sample.map((source, index) => ({
      cell_type: "code",
      id: `cell-${index + 1}`,
      metadata: {},
      source: [source],
      outputs: [],
      execution_count: null,
    })),
  };
}

/** The environment of Jupyter: its folders in a scratch folder, where our kernel is the one that is installed. */
function jupyterEnvironment(scratch: string): NodeJS.ProcessEnv {
  const folder = path.join(scratch, "data", "kernels", kernelName);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, "kernel.json"), JSON.stringify(kernelspec()));
  return {
    ...process.env,
    JUPYTER_DATA_DIR: path.join(scratch, "data"),
    JUPYTER_CONFIG_DIR: path.join(scratch, "config"),
    JUPYTER_RUNTIME_DIR: path.join(scratch, "runtime"),
  };
}

async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

interface Jupyter {
  server: ChildProcess;
  address: string;
  token: string;
}

async function startJupyter(folder: string, scratch: string, env: NodeJS.ProcessEnv): Promise<Jupyter> {
  const port = await freePort();
  const token = randomBytes(16).toString("hex");
  const server = spawn(
    "jupyter-notebook",
    [
      "--no-browser",
      "--allow-root",
      "--ip=127.0.0.1",
      `--port=${port}`,
      `--NotebookApp.token=${token}`,
      `--FileCheckpoints.checkpoint_dir=${path.join(scratch, "checkpoints")}`,
      `--notebook-dir=${folder}`,
    ],
    { env, stdio: "ignore" },
  );
  const address = `http://127.0.0.1:${port}`;
  for (let tries = 0; tries < 150; tries++) {
    if (server.exitCode !== null) break;
    const answers = await fetch(`${address}/api`).then(
      (response) => response.ok,
      () => false,
    );
    if (answers) return { server, address, token };
    await sleep(200);
  }
  server.kill();
  throw new Error("jupyter-notebook did not start");
}

/** Ends the server, which ends its kernels. */
async function stopJupyter(server: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => server.once("exit", resolve));
  server.kill("SIGTERM");
  const orderly = await Promise.race([ended.then(() => true), sleep(15_000, false, { ref: false })]);
  if (!orderly) server.kill("SIGKILL"); // kernels end by themselves when their server is gone
}

/** Text of the outputs of one cell, as the page shows it; -1 is the last cell. */
const outputText = (page: Page, cell: number) =>
  page
    .locator(".cell")
    .nth(cell)
    .locator(".output_area")
    .allInnerTexts()
    .then((texts) => texts.join("\n"));

const isIdle = `Jupyter.notebook.kernel?.is_connected() && Jupyter.notebook.kernel.info_reply.status === "ok"
  && !Jupyter.notebook.kernel_busy && document.querySelector(".cell.running") === null`;

/** Adds a cell at the end, runs it, and waits until it shows a text. */
async function runNewCell(page: Page, source: string, expected: RegExp, meanwhile?: string): Promise<string> {
  await page.evaluate(
    `{ const cell = Jupyter.notebook.insert_cell_at_bottom("code"); cell.set_text(${JSON.stringify(source)});
       cell.execute(); }`,
  );
  if (meanwhile) {
    await sleep(1500);
    await page.evaluate(meanwhile);
  }
  for (const giveUp = Date.now() + 30_000; ; await sleep(100)) {
    const text = await outputText(page, -1);
    if (expected.test(text)) return text;
    if (Date.now() > giveUp) throw new Error(`"${source}" shows "${text}" instead of ${expected}`);
  }
}

/** A picture of the whole notebook, which scrolls inside its page. */
async function takePicture(page: Page, name: string, content = "#notebook-container"): Promise<void> {
  const height = await page.evaluate(`document.querySelector(${JSON.stringify(content)}).scrollHeight`);
  await page.setViewportSize({ width: 1200, height: Math.min(Number(height) + 200, 16_000) });
  await sleep(500);
  await page.screenshot({ path: path.join(options.out, name) });
}

async function checkInNotebook(page: Page, { address, token }: Jupyter, name: string): Promise<void> {
  await page.goto(`${address}/notebooks/${encodeURIComponent(name)}?token=${token}`);
  await page.waitForFunction(isIdle, undefined, { timeout: 60_000 });
  const began = Date.now();
  await page.evaluate(`document.querySelector("#run_all_cells a").click()`);
  await sleep(300);
  await page.waitForFunction(
    `${isIdle} && Jupyter.notebook.get_cells().every((cell) => cell.cell_type !== "code"
      || cell.get_text().trim() === "" || cell.input_prompt_number > 0
      || document.querySelector(".output_error") !== null)`,
    undefined,
    { timeout: options.timeout * 1000 },
  );
  await takePicture(page, "run-all.png");
  const errors = await page.locator(".output_error").allInnerTexts();
  if (errors.length > 0) throw new Error(`Run All failed:\n${errors.join("\n")}`);
  console.log(`Run All: ${((Date.now() - began) / 1000).toFixed(1)} s, no error`);

  const typeError = await runNewCell(page, 'const one = 1;\nconst word: number = "one";', /not assignable/);
  await takePicture(page, "type-error.png");
  if (!/line 2/.test(typeError)) throw new Error(`the type error does not name its line:\n${typeError}`);
  console.log(`a type error:\n${typeError}`);
  await runNewCell(page, "while (true) {}", /Interrupted/, "Jupyter.notebook.kernel.interrupt()");
  console.log("interrupt: ends an endless loop");
  await runNewCell(page, "globalThis.before = 123;", /123/);
  await page.evaluate("Jupyter.notebook.kernel.restart()");
  await sleep(500);
  await page.waitForFunction(isIdle, undefined, { timeout: 60_000 });
  await runNewCell(page, "console.log(typeof globalThis.before)", /undefined/);
  console.log("restart: a fresh kernel answers");
}

async function checkConversion(page: Page, notebook: string, env: NodeJS.ProcessEnv): Promise<void> {
  const html = path.resolve(options.out, "notebook.html");
  const convert = spawn(
    "jupyter-nbconvert",
    [
      "--to=html",
      "--execute",
      `--ExecutePreprocessor.timeout=${options.timeout}`,
      `--output=${html}`,
      notebook,
    ],
    { env, cwd: path.dirname(notebook), stdio: ["ignore", "ignore", "pipe"] },
  );
  let log = "";
  convert.stderr.on("data", (chunk) => {
    log += chunk;
  });
  const code = await new Promise((resolve) => convert.once("close", resolve));
  if (code !== 0) throw new Error(`nbconvert failed:\n${log}`);
  await page.setViewportSize({ width: 1200, height: 900 });
  await page.goto(pathToFileURL(html).href, { waitUntil: "domcontentloaded" });
  await takePicture(page, "nbconvert.png", "body");
  const outputs = await page.locator(".jp-OutputArea-output").count();
  if (outputs === 0) throw new Error(`${html} shows no output`);
  console.log(`nbconvert: ${outputs} outputs in ${html}`);
}

async function main(): Promise<void> {
  mkdirSync(options.out, { recursive: true });
  const scratch = mkdtempSync(path.join(os.tmpdir(), "var-jepa-front-end-"));
  const [given] = program.args;
  const folder = given ? path.dirname(path.resolve(given)) : path.join(projectFolder, "notebooks");
  // A copy beside the notebook: Jupyter saves what it runs, and imports are resolved from the folder.
  const copy = path.join(folder, `front-end-check-${process.pid}.ipynb`);
  const env = jupyterEnvironment(scratch);
  let jupyter: Jupyter | undefined;
  const browser = await chromium.launch({ executablePath: options.chromium, args: browserArguments });
  try {
    await writeNotebook(copy, given ? readNotebook(given) : sampleNotebook());
    jupyter = await startJupyter(folder, scratch, env);
    const page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
    page.on("dialog", (dialog) => dialog.accept());
    await checkInNotebook(page, jupyter, path.basename(copy));
    await page.close();
    await writeNotebook(copy, given ? readNotebook(given) : sampleNotebook());
    await checkConversion(await browser.newPage(), copy, env);
  } finally {
    await browser.close();
    if (jupyter) await stopJupyter(jupyter.server);
    rmSync(copy, { force: true });
    rmSync(scratch, { recursive: true, force: true });
  }
}

const missing = missingPrograms();
if (missing.length > 0) {
  console.error(
    `not installed: ${missing.join(", ")}; this check needs Jupyter Notebook, nbconvert and Chromium`,
  );
  process.exitCode = 2;
} else await main();
