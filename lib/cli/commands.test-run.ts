/** Commands run by tests, in this process and as programs. */
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { mock } from "node:test";
import { fileURLToPath } from "node:url";
import Papa from "papaparse";
import { runCommand } from "./run-command.js";

/** Starts the built program. */
export function start(...words: string[]): ChildProcess {
  const program = fileURLToPath(new URL("./var-jepa.js", import.meta.url));
  return spawn(process.execPath, [program, ...words]);
}

/** What a program says until its end. */
export function finish(
  child: ChildProcess,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const text = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name]?.on("data", (chunk) => {
      text[name] += chunk;
    });
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, ...text })));
}

/** Runs a command in this process. */
export async function run(...words: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const text = { stdout: "", stderr: "" };
  const log = mock.method(console, "log", (line: string) => {
    text.stdout += `${line}\n`;
  });
  const write = mock.method(process.stderr, "write", (some: string) => {
    text.stderr += some;
    return true;
  });
  const stopping = process.listeners("SIGINT");
  try {
    return { code: await runCommand(words), ...text };
  } finally {
    log.mock.restore();
    write.mock.restore();
    for (const listener of process.listeners("SIGINT"))
      if (!stopping.includes(listener)) process.off("SIGINT", listener);
  }
}

/** The rows of a CSV file by its header. */
export function readRows(file: string): Record<string, string>[] {
  return Papa.parse<Record<string, string>>(readFileSync(file, "utf8"), {
    header: true,
    skipEmptyLines: true,
  }).data;
}
