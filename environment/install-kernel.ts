#!/usr/bin/env node
/** Makes the project's kernel known to Jupyter and VS Code, without Python: `npm run kernel:install`. */
import { existsSync, rmSync } from "node:fs";
import path from "node:path";
import { Command } from "commander";
import { writeWhole } from "../lib/files/whole-file.js";
import { jupyterDataFolder, kernelDisplayName, kernelName, kernelProgram, kernelspec } from "./kernelspec.js";

const { dir, remove } = new Command("install-kernel")
  .description(`Registers the kernel "${kernelDisplayName}" with Jupyter and VS Code for this user.`)
  .option("--dir <dir>", "Jupyter's data folder", jupyterDataFolder())
  .option("--remove", "take the kernel out again")
  .parse()
  .opts<{ dir: string; remove?: boolean }>();

const folder = path.join(dir, "kernels", kernelName);

if (remove) {
  rmSync(folder, { recursive: true, force: true });
  console.log(`removed the kernel "${kernelName}" from ${folder}`);
} else if (!existsSync(kernelProgram)) {
  console.error(`${kernelProgram} is missing; run npm run build first`);
  process.exitCode = 1;
} else {
  try {
    writeWhole(path.join(folder, "kernel.json"), `${JSON.stringify(kernelspec(), null, 2)}\n`);
    console.log(
      `installed the kernel "${kernelName}" in ${folder}; choose "${kernelDisplayName}" in a notebook`,
    );
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}
