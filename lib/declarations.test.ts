import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), "declarations-test-"));
after(() => rmSync(folder, { recursive: true }));

test("the build compiles with the declared TypeScript, not with the one that tslab brings", () => {
  const { scripts, devDependencies } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
  const [program, compiler, ...words] = scripts.compile.split(" ");
  assert.deepEqual([program, words], ["node", []]);
  const version = execFileSync(process.execPath, [path.join(root, compiler), "--version"], {
    encoding: "utf8",
  });
  assert.equal(version, `Version ${devDependencies.typescript}\n`);
  assert.match(scripts.build, /^npm run --silent compile && /);
});

const consumer = `
import { embedRows, loadTableModel, loadTable, writeEmbeddings } from "var-jepa";
const table = await loadTable("houses.csv", { target: "sold" });
const model = await loadTableModel("houses-model");
export const values: Float32Array = embedRows(model, table, "mean").values;
export const files: string[] = await writeEmbeddings("houses.npy", model, table);
// @ts-expect-error a pooling that there is none of
embedRows(model, table, "max");
`;

test("a strict program without a browser's types compiles against the library, whose declarations have no errors", () => {
  const file = path.join(folder, "consumer.ts");
  writeFileSync(path.join(folder, "package.json"), '{ "type": "module" }');
  writeFileSync(file, consumer);
  symlinkSync(path.join(root, "node_modules"), path.join(folder, "node_modules"));
  const program = ts.createProgram([file], {
    strict: true,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    lib: ["lib.es2022.d.ts"],
    types: ["node"],
    paths: { "var-jepa": [path.join(root, "dist", "lib", "index.d.ts")] },
    noEmit: true,
  });
  // TensorFlow.js's own declarations do not compile in strict programs; they are for skipLibCheck.
  const ours = program.getSourceFiles().filter(({ fileName }) => !fileName.includes("/node_modules/"));
  assert.ok(ours.length > 100);
  const problems = ours.flatMap((source) => [
    ...program.getSyntacticDiagnostics(source),
    ...program.getSemanticDiagnostics(source),
  ]);
  assert.deepEqual(
    problems.map(
      ({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`,
    ),
    [],
  );
});
