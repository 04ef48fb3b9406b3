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

/** The built kernel program. */
export const kernelProgram = path.join(path.dirname(fileURLToPath(import.meta.url)), "kernel.js");

/**
 * The command that starts the kernel on a connection file. Node's check of its async stack is off: it would
 * end the process where an interrupt ends only a cell.
 */
export function kernelCommand(connectionFile: string): string[] {
  return [process.execPath, "--no-force-async-hooks-checks", kernelProgram, "--config-path", connectionFile];
}
