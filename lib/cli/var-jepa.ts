#!/usr/bin/env node
/** The command line: `npx var-jepa <command>`. Results go to standard output, everything else to standard error. */
import { CommanderError } from "commander";
import { buildProgram } from "./program.js";
import { UsageError } from "./usage-error.js";

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

try {
  await buildProgram().parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}

/** Says on standard error what went wrong, unless commander has said it. */
function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  console.error(process.env.VARJEPA_DEBUG ? stack : `error: ${message}`);
  if (error instanceof UsageError) console.error("(add --help for what can be said)");
  return error instanceof UsageError ? 2 : 1;
}
