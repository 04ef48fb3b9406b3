#!/usr/bin/env node
/** The command line: `npx var-jepa <command>`. Results go to standard output, everything else to standard error. */
import "../node/world.js";
import { runCommand } from "./run-command.js";

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

process.exitCode = await runCommand(process.argv.slice(2));
