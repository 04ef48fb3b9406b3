/** The public door: narrow, described, and wide enough for what notebooks and README import. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import ts from "typescript";
import { projectFolder } from "./settings.js";

const door = path.join(projectFolder, "dist", "lib", "index.d.ts");
const program = ts.createProgram([door], {
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  target: ts.ScriptTarget.ES2022,
  types: [],
});
const checker = program.getTypeChecker();
const exported = checker
  .getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(door)!)!)
  .map((symbol) => ({
    name: symbol.name,
    definition: symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol,
  }));

/** The names that a text imports from the library. */
function imported(text: string): string[] {
  return [...text.matchAll(/import\s+(?:type\s+)?\{([^}]*)\}\s+from\s+"var-jepa"/g)].flatMap(([, names]) =>
    names.split(",").flatMap((name) => /^\s*(?:type\s+)?(\w+)/.exec(name)?.[1] ?? []),
  );
}

/** The code of a notebook. */
function codeOf(notebook: string): string {
  const { cells } = JSON.parse(notebook) as { cells: { cell_type: string; source: string | string[] }[] };
  const code = cells.filter(({ cell_type }) => cell_type === "code");
  return code.map(({ source }) => [source].flat().join("")).join("\n");
}

test("at most 160 values, each named by hand", () => {
  const values = exported.filter(({ definition }) => definition.flags & ts.SymbolFlags.Value);
  assert.ok(values.length <= 160, `${values.length} values`);
  assert.doesNotMatch(readFileSync(path.join(projectFolder, "lib", "index.ts"), "utf8"), /export \*/);
});

test("every value and type says what it is where it is defined", () => {
  const silent = exported.filter(
    ({ name, definition }) => name !== "tf" && definition.getDocumentationComment(checker).length === 0,
  );
  assert.deepEqual(
    silent.map(({ name }) => name),
    [],
  );
});

test("what notebooks and documents import is there", () => {
  const names = new Set(exported.map(({ name }) => name));
  const read = (folder: string, end: string) =>
    readdirSync(path.join(projectFolder, folder))
      .filter((file) => file.endsWith(end))
      .map((file) => [file, readFileSync(path.join(projectFolder, folder, file), "utf8")] as const);
  const texts = [
    ...read("notebooks", ".ipynb").map(([file, text]) => [file, codeOf(text)] as const),
    ...["", "notebooks", "environment"].flatMap((folder) => read(folder, ".md")),
  ];
  assert.ok(texts.length > 8);
  const missing = texts.flatMap(([file, text]) =>
    imported(text).flatMap((name) => (names.has(name) ? [] : `${file}: ${name}`)),
  );
  assert.deepEqual(missing, []);
});
