import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** The name under which Jupyter knows the project's kernel, and the one in its notebooks. */
export const kernelName = "var-jepa";

/** What a front end shows in its list of kernels. */
export const kernelDisplayName = "TypeScript (Var-JEPA)";

/** The language part of the kernel's answer to `kernel_info_request`, kept in every notebook. */
export const languageInfo = {
  name: "typescript",
  version: "5.0.4",
  mimetype: "text/typescript",
  file_extension: ".ts",
  // Both names are needed: Notebook looks at `name` and `typescript`, JupyterLab at `mode`.
  codemirror_mode: { name: "javascript", mode: "typescript", typescript: true },
};

/** The kernel's answer to `kernel_info_request`. */
export function kernelInfo() {
  return {
    status: "ok",
    protocol_version: "5.3",
    implementation: "var-jepa",
    implementation_version: "1.0.0",
    language_info: languageInfo,
    banner: "TypeScript on Node.js for Var-JEPA",
  };
}

/** The built program that starts the kernel. */
export const kernelProgram = path.join(path.dirname(fileURLToPath(import.meta.url)), "kernel.js");

/** The command that starts the kernel on a connection file. */
export function kernelCommand(connectionFile: string): string[] {
  return [process.execPath, kernelProgram, "--config-path", connectionFile];
}

/** The content of `kernel.json`, by which Jupyter and VS Code find and start the kernel. */
export function kernelspec() {
  return {
    argv: kernelCommand("{connection_file}"),
    display_name: kernelDisplayName,
    language: languageInfo.name,
    interrupt_mode: "message",
  };
}

/** The folder in which Jupyter looks for a user's kernels, on Linux, macOS and Windows. */
export function jupyterDataFolder(
  platform: NodeJS.Platform = process.platform,
  env: NodeJS.ProcessEnv = process.env,
  home: string = os.homedir(),
): string {
  const join = platform === "win32" ? path.win32.join : path.posix.join;
  if (env.JUPYTER_DATA_DIR) return env.JUPYTER_DATA_DIR;
  if (platform === "win32") return join(env.APPDATA ?? join(home, "AppData", "Roaming"), "jupyter");
  if (platform === "darwin") return join(home, "Library", "Jupyter");
  return join(env.XDG_DATA_HOME || join(home, ".local", "share"), "jupyter");
}
