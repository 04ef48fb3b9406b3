/** What the tests of this folder share. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { TestContext } from "node:test";
import { Ajv } from "ajv";
import type { Kernel } from "./jupyter-client.js";
import { nbformatSchema } from "./nbformat-4.5.schema.js";
import type { Output } from "./notebook-file.js";
import { collectOutputs } from "./outputs.js";
import type { JsonObject } from "./wire.js";

/** A folder that is removed after the test. */
export function scratchFolder(test: Pick<TestContext, "after">): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), "var-jepa-test-"));
  test.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes a notebook of code cells; a cell may carry tags. Returns the file's path. */
export function writeCells(
  folder: string,
  name: string,
  cells: (string | { source: string; tags: string[] })[],
): string {
  const file = path.join(folder, name);
  const notebook = {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: {},
    cells: cells.map((cell, index) => ({
      cell_type: "code",
      id: `c${index + 1}`,
      metadata: typeof cell === "string" ? {} : { tags: cell.tags },
      source: typeof cell === "string" ? cell : cell.source,
      outputs: [],
      execution_count: null,
    })),
  };
  writeFileSync(file, JSON.stringify(notebook));
  return file;
}

/** Runs code in a kernel; `text` is everything that it printed. */
export async function runCode(
  kernel: Kernel,
  code: string,
  options: { timeoutSeconds?: number; stopOnError?: boolean } = {},
): Promise<{ reply: JsonObject; outputs: Output[]; text: string }> {
  const collector = collectOutputs(new Map(), []);
  const reply = await kernel.request("shell", {
    type: "execute_request",
    content: { code, silent: false, store_history: true, stop_on_error: options.stopOnError ?? true },
    onOutput: collector.add,
    timeoutSeconds: options.timeoutSeconds ?? 30,
  });
  const outputs = collector.outputs();
  const text = outputs.flatMap((output) => (output.output_type === "stream" ? output.text : [])).join("");
  return { reply, outputs, text };
}

/** Whole numbers that look random, below 2³², the same for the same seed (mulberry32). */
export function randomSource(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

/** Whether a process exists. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Waits until a condition holds, at most a minute. */
export async function until(condition: () => boolean): Promise<boolean> {
  for (const giveUp = Date.now() + 60_000; Date.now() < giveUp; ) {
    if (condition()) return true;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return condition();
}

const validate = new Ajv({ discriminator: true, allowUnionTypes: true }).compile(nbformatSchema);

/** Where a parsed notebook breaks nbformat 4.5; empty when it does not. */
export function nbformatErrors(notebook: unknown): string[] {
  const errors = validate(notebook)
    ? []
    : (validate.errors ?? []).map((e) => `${e.instancePath} ${e.message}`);
  const ids = ((notebook as { cells?: { id?: string }[] }).cells ?? []).map((cell) => cell.id);
  if (new Set(ids).size !== ids.length) errors.push("/cells two cells have the same id");
  return errors;
}
