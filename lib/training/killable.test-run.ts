import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/**
 * Runs a program that prints `step n` after every step until it ends, or kills it with SIGKILL once it has made
 * `holdAt` steps (the last argument it gets), where it is expected to hold still. Returns the lines it printed.
 */
export async function runProgram(
  program: URL,
  args: readonly string[],
  holdAt?: number,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string[]> {
  const holding = holdAt === undefined ? [] : [`${holdAt}`];
  const child = spawn(process.execPath, [fileURLToPath(program), ...args, ...holding], {
    stdio: ["ignore", "pipe", "inherit"],
    env,
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk) => {
    text += chunk;
    if (holdAt && text.includes(`step ${holdAt}\n`)) child.kill("SIGKILL");
  });
  const signal = await new Promise((resolve) => child.on("close", (_, signal) => resolve(signal)));
  assert.equal(signal, holdAt ? "SIGKILL" : null);
  return text.trim().split("\n");
}
