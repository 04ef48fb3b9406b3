import { type Command, CommanderError } from "commander";
import { withOwnAdvice } from "./advice.js";
import { buildProgram } from "./program.js";
import { say } from "./progress.js";
import { UsageError } from "./usage-error.js";

/** Does what is typed behind `var-jepa` and returns the exit code; what went wrong is said on standard error. */
export async function runCommand(words: readonly string[]): Promise<number> {
  const program = buildProgram();
  try {
    await program.parseAsync(words, { from: "user" });
    return 0;
  } catch (error) {
    const command = program.commands.find((each) => each.name() === words[0]);
    return exitCodeOf(error, command);
  }
}

/** Says what went wrong, unless commander has said it. */
function exitCodeOf(error: unknown, command: Command | undefined): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  const options = command?.options.flatMap(({ long }) => long ?? []) ?? [];
  say((process.env.VARJEPA_DEBUG && stack) || `error: ${withOwnAdvice(message, options)}`);
  if (error instanceof UsageError) say("(add --help for what can be said)");
  return error instanceof UsageError ? 2 : 1;
}
