import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { projectFolder } from "../lib/settings.js";
import { startKernel } from "./jupyter-client.js";
import { jupyterDataFolder } from "./kernelspec.js";
import { runCode, scratchFolder } from "./testing.js";

const install = (...args: string[]) =>
  execFileSync(process.execPath, [path.join(projectFolder, "dist/environment/install-kernel.js"), ...args], {
    encoding: "utf8",
  });

test("the installed kernelspec is right, starts a kernel, and can be removed", async (t) => {
  const folder = scratchFolder(t);
  install("--dir", folder);
  const file = path.join(folder, "kernels", "var-jepa", "kernel.json");
  const spec = JSON.parse(readFileSync(file, "utf8"));
  assert.equal(spec.display_name, "TypeScript (Var-JEPA)");
  assert.equal(spec.language, "typescript");
  assert.equal(spec.interrupt_mode, "message");
  assert.deepEqual(spec.argv.slice(-2), ["--config-path", "{connection_file}"]);
  const [node, ...args] = spec.argv as string[];
  assert.ok(path.isAbsolute(node) && existsSync(node));
  const script = args.find((arg) => arg.endsWith("kernel.js")) ?? "";
  assert.ok(path.isAbsolute(script) && existsSync(script));

  const command = (connectionFile: string) =>
    (spec.argv as string[]).map((arg) => arg.replace("{connection_file}", connectionFile));
  const kernel = await startKernel({ folder, command });
  t.after(() => kernel.stop());
  assert.equal((await runCode(kernel, "console.log(6 * 7)")).text, "42\n");

  install("--dir", folder, "--remove");
  assert.ok(!existsSync(path.dirname(file)));
  install("--dir", folder, "--remove");
});

test("Jupyter's data folder on every system", () => {
  assert.equal(jupyterDataFolder("linux", {}, "/home/a"), "/home/a/.local/share/jupyter");
  assert.equal(jupyterDataFolder("linux", { XDG_DATA_HOME: "/data" }, "/home/a"), "/data/jupyter");
  assert.equal(jupyterDataFolder("darwin", {}, "/Users/a"), "/Users/a/Library/Jupyter");
  const roaming = "C:\\Users\\a\\AppData\\Roaming";
  assert.equal(jupyterDataFolder("win32", { APPDATA: roaming }, "C:\\Users\\a"), `${roaming}\\jupyter`);
  assert.equal(jupyterDataFolder("win32", {}, "C:\\Users\\a"), `${roaming}\\jupyter`);
  for (const platform of ["linux", "darwin", "win32"] as const)
    assert.equal(jupyterDataFolder(platform, { JUPYTER_DATA_DIR: "/own" }, "/home/a"), "/own");
});
