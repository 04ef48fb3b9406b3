import "../node/world.js";
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { packParameters } from "../layers/parameters.js";
import { readParameters, writeParameters, writeTensorFile } from "./parameters-file.js";

const folder = mkdtempSync(path.join(tmpdir(), "weights-test-"));
after(() => rmSync(folder, { recursive: true }));

const parameters = packParameters({
  "z.weight": { shape: [2, 3], values: Float32Array.of(1, -2, 3e-40, 4, 5, 6) },
  "a.bias": { shape: [3], values: Float32Array.of(0.1, -0, 3.4e38) },
  scale: { shape: [], values: Float32Array.of(-7) },
});

test("weights come back as they were, in their order, with their configuration", async () => {
  const file = path.join(folder, "deep", "model.safetensors");
  const configuration = { model: { d: 16, name: "größer" }, epochs: 3 };
  await writeParameters(file, parameters, configuration);
  assert.deepEqual(await readParameters(file), { parameters, configuration });
});

test("a file that is not there, and a name that is taken, are told", async () => {
  await assert.rejects(readParameters(path.join(folder, "none.safetensors")), /ENOENT.*none\.safetensors/);
  const named = packParameters({ "training.log": { shape: [1], values: Float32Array.of(1) } });
  await assert.rejects(writeParameters(path.join(folder, "x"), named, {}), /training\.log is no name/);
});

test("weights that are no numbers are refused with their name, another layout before any of them is read", async () => {
  const file = path.join(folder, "bad.safetensors");
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
    const values = parameters.values.slice();
    values[7] = bad;
    await writeParameters(file, { ...parameters, values }, {});
    await assert.rejects(
      readParameters(file),
      /bad\.safetensors cannot be used: a\.bias holds (NaN|Infinity) at place 1;/,
    );
  }
  const seen = await readParameters(file, (configuration, layout) => {
    assert.deepEqual([configuration, layout], [{}, parameters.layout]);
    throw new Error("not wanted");
  }).catch((error: Error) => error.message);
  assert.equal(seen, "not wanted");
  await writeTensorFile(file, { tensors: [], metadata: { configuration: "{" } });
  await assert.rejects(readParameters(file), /bad\.safetensors cannot be used: its configuration is no JSON/);
});
