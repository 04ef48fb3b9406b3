import { CommanderError } from "commander";
import { buildProgram } from "./program.js";
import { say } from "./progress.js";
import { UsageError } from "./usage-error.js";

/** Does what is typed behind `var-jepa` and returns the exit code; what went wrong is said on standard error. */
export async function runCommand(words: readonly string[]): Promise<number> {
  try {
    await buildProgram().parseAsync(words, { from: "user" });
    return 0;
  } catch (error) {
    return exitCodeOf(error);
  }
}

/** Says what went wrong, unless commander has said it. */
function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  say((process.env.VARJEPA_DEBUG && stack) || `error: ${message}`);
  if (error instanceof UsageError) say("(add --help for what can be said)");
  return error instanceof UsageError ? 2 : 1;
}
