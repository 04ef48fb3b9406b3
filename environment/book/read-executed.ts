import { readFileSync } from "node:fs";
import { type Notebook, type Output, readNotebook } from "../notebook-file.js";

/**
 * Reads a notebook with the outputs of its last run.
 * @throws when the file is not a notebook of nbformat 4; the message names the file, the place and the fix.
 */
export function readExecuted(file: string): Notebook {
  const notebook = readNotebook(file);
  const raw: { cells: { outputs?: Output[] }[] } = JSON.parse(readFileSync(file, "utf8"));
  const cells = notebook.cells.map((cell, index) =>
    cell.cell_type === "code" ? { ...cell, outputs: raw.cells[index].outputs ?? [] } : cell,
  );
  return { ...notebook, cells };
}
