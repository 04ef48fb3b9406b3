/** Who imports whom: nothing from above, no circle. Type-only and dynamic imports count; test programs do not. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { projectFolder } from "./settings.js";

/** The rooms and single files of `lib`, each of which imports what stands before it, in the order in which data flow. */
const order = [
  "checks.ts",
  "moments.ts",
  "settings.ts",
  "files",
  "engine",
  "node",
  "distributions",
  "layers",
  "data",
  "models",
  "losses",
  "families",
  "training",
  "inference",
  "evaluation",
  "papers",
  "studies",
  "figures",
  "cli",
  "index.ts",
];

const lib = path.join(projectFolder, "lib");
const files = (readdirSync(lib, { recursive: true }) as string[])
  .map((file) => file.split(path.sep).join("/"))
  .filter((file) => file.endsWith(".ts") && !file.includes(".test") && !file.startsWith("engine/kernels/"))
  .sort();

/** The files of `lib` that each one imports. */
const imports = new Map(
  files.map((file) => {
    const text = readFileSync(path.join(lib, file), "utf8");
    const found = [...text.matchAll(/(?:\bfrom|\bimport|\bimport\()\s*"(\.[^"]+)\.js"/g)];
    return [file, found.map(([, name]) => `${path.posix.join(path.posix.dirname(file), name)}.ts`)];
  }),
);

const place = (file: string): number => order.indexOf(file.split("/")[0]);

test("every room has its place", () => {
  assert.ok(files.length > 200);
  assert.deepEqual(
    [...new Set(files.map((file) => file.split("/")[0]))].filter((room) => !order.includes(room)),
    [],
  );
});

test("nothing imports a room above its own", () => {
  const upward = [...imports].flatMap(([file, names]) =>
    names.filter((name) => place(name) > place(file)).map((name) => `${file} → ${name}`),
  );
  assert.deepEqual(upward, []);
});

test("no circle of files", () => {
  const done = new Set<string>();
  const circles: string[] = [];
  const follow = (file: string, way: readonly string[]): void => {
    if (way.includes(file)) circles.push([...way.slice(way.indexOf(file)), file].join(" → "));
    if (way.includes(file) || done.has(file)) return;
    for (const name of imports.get(file) ?? []) follow(name, [...way, file]);
    done.add(file);
  };
  for (const file of files) follow(file, []);
  assert.deepEqual(circles, []);
});

test("the model on tokens knows no modality, and no loss knows one either", () => {
  const knowing = [...imports].filter(
    ([file, names]) =>
      /^(models\/tokens|losses)\//.test(file) && names.some((name) => name.startsWith("models/modalities/")),
  );
  assert.deepEqual(knowing, []);
});
