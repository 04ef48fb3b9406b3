/**
 * What a user does, from a packed and freshly installed package: README's library examples and the command line.
 * Apart from the suite because it installs over the network: `npm run test:package`.
 */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import ts from "typescript";
import { projectFolder } from "../lib/settings.js";

const folder = mkdtempSync(path.join(os.tmpdir(), "var-jepa-installed-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const write = (file: string, text: string) => writeFileSync(path.join(folder, file), text);
const runFile = (program: string, args: string[]) =>
  execFileSync(program, args, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

const npm = (args: string[], cwd: string) => spawnSync("npm", args, { cwd, encoding: "utf8" });
const unreachable = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ENOTCACHED/;

write("package.json", '{ "type": "module" }');
const packed = npm(["pack", "--ignore-scripts", "--json", "--pack-destination", folder], projectFolder);
const [{ filename, files }] = JSON.parse(packed.stdout) as { filename: string; files: { path: string }[] }[];
const installed = npm(
  ["install", "--prefer-offline", "--no-audit", "--no-fund", path.join(folder, filename)],
  folder,
);
const offline = installed.status !== 0 && unreachable.test(installed.stderr);

/** README's library examples, in order. */
const examples = [
  ...readFileSync(path.join(projectFolder, "README.md"), "utf8").matchAll(/```ts\n(.*?)```/gs),
].map(([, code]) => code);

/** An example with fewer epochs; everything that is replaced has to be there. */
function shortened(code: string, replacements: Record<string, string>): string {
  return Object.entries(replacements).reduce((text, [from, to]) => {
    assert.ok(text.includes(from), `README's example no longer says ${from}`);
    return text.replace(from, to);
  }, code);
}

test("the package holds what is run, and no tests", () => {
  const names = files.map((file) => file.path);
  const needed = [
    "lib/index.js",
    "lib/engine/kernels/relaxed.wasm",
    "lib/engine/tfjs-gradients.js",
    "environment/kernel.js",
  ];
  for (const file of needed) assert.ok(names.includes(`dist/${file}`), `dist/${file} is missing`);
  assert.deepEqual(
    names.filter((name) => /\.test[.-]|bench|finite-differences|tfjs-node/.test(name)),
    [],
  );
});

describe("installed into an empty folder", { skip: offline && "the npm registry cannot be reached" }, () => {
  before(() => {
    assert.equal(installed.status, 0, installed.stderr);
    const header = "id,area,rooms,garden,sold\n";
    const rows = Array.from(
      { length: 80 },
      (_, i) =>
        `${i},${i % 9 ? 50 + ((i * 37) % 90) : ""},${1 + (i % 5)},${["yes", "no"][(i >> 1) % 2]},${["sold", "open"][i % 2]}`,
    );
    write("houses.csv", `${header}${rows.join("\n")}\n`);
  });

  test("everything comes from the registry, and nothing that only this repository needs", () => {
    const registry = new URL(npm(["config", "get", "registry"], folder).stdout.trim()).host;
    const lock = JSON.parse(readFileSync(path.join(folder, "package-lock.json"), "utf8"));
    const sources = Object.entries(lock.packages as Record<string, { resolved?: string }>);
    const foreign = sources.filter(([, { resolved }]) => resolved && new URL(resolved).host !== registry);
    assert.deepEqual(
      foreign.map(([name]) => name),
      ["node_modules/var-jepa"],
    );
    const tensorflow = readdirSync(path.join(folder, "node_modules", "@tensorflow")).sort();
    assert.deepEqual(tensorflow, ["tfjs-backend-cpu", "tfjs-backend-wasm", "tfjs-core"]);
  });

  test("README's two library examples run", () => {
    assert.equal(examples.length, 2);
    const simulation = shortened(examples[0], {
      "training: simulationTraining": "training: { ...simulationTraining, epochs: 1 }",
    });
    write("simulation.js", `${simulation}\nconsole.log(history.length, sx.length % 16);`);
    assert.equal(runFile(process.execPath, ["simulation.js"]), "1 0\n");
    const table = shortened(examples[1], {
      'preset.models["var-t-jepa"])':
        "{ ...settings, training: { ...settings.training, epochs: 2, warmupEpochs: 1 } })",
      "const model = ": 'const settings = preset.models["var-t-jepa"];\nconst model = ',
    });
    write(
      "table.js",
      `${table}\nconsole.log(values.length > 0, uncertainty.mean.length, uncertainty.p90.length, cells.length);`,
    );
    assert.match(runFile(process.execPath, ["table.js"]), /^true 80 80 9$/m);
  });

  test("README's two library examples compile in a strict program with skipLibCheck", () => {
    const sources = examples.map((code, i) => {
      write(`example-${i}.ts`, code);
      return path.join(folder, `example-${i}.ts`);
    });
    const program = ts.createProgram(sources, {
      strict: true,
      skipLibCheck: true,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      target: ts.ScriptTarget.ES2022,
      typeRoots: [path.join(projectFolder, "node_modules", "@types")],
      types: ["node"],
      noEmit: true,
    });
    assert.deepEqual(
      ts
        .getPreEmitDiagnostics(program)
        .map(
          ({ file, messageText }) =>
            `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`,
        ),
      [],
    );
  });

  test("the command line and the kernel's installer run", () => {
    assert.match(runFile("npx", ["var-jepa", "--help"]), /^Usage: var-jepa/);
    assert.match(runFile("npx", ["var-jepa", "describe", "houses.csv", "--target", "sold"]), /garden/);
    assert.match(runFile("npx", ["var-jepa-kernel", "--dir", folder]), /installed the kernel "var-jepa"/);
    const { argv } = JSON.parse(
      readFileSync(path.join(folder, "kernels", "var-jepa", "kernel.json"), "utf8"),
    );
    assert.ok(argv[1].includes(path.join("node_modules", "var-jepa")), argv[1]);
  });
});
