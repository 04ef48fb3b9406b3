import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { gzipSync } from "node:zlib";
import { type OriginalFile, sha256 } from "./original-file.js";
import { originalFiles } from "./original-files.js";

const content = Buffer.from("a,b\n1,2\n");
const lesser = Buffer.from("a,b\n3,4\n");
const kept = { data: process.env.VARJEPA_DATA, cache: process.env.XDG_CACHE_HOME };
let served = 0;
const server = createServer((_, response) => {
  served++;
  response.end(content);
});
let file: OriginalFile;
let scratch = "";
let given = "";
let cached = "";
let told = "";
const settings = { write: (text: string) => (told += text), waitMs: 1 };

before(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  file = { name: "tiny.csv", sha256: sha256(content), urls: [`http://127.0.0.1:${port}/tiny.zip`] };
});
beforeEach(() => {
  scratch = mkdtempSync(path.join(tmpdir(), "originals-"));
  given = path.join(scratch, "given");
  cached = path.join(scratch, "var-jepa", "sim");
  mkdirSync(path.join(given, "sim"), { recursive: true });
  process.env.XDG_CACHE_HOME = scratch;
  process.env.VARJEPA_DATA = given;
  served = 0;
  told = "";
});
afterEach(() => rmSync(scratch, { recursive: true }));
after(() => {
  server.closeAllConnections();
  server.close();
  restore("VARJEPA_DATA", kept.data);
  restore("XDG_CACHE_HOME", kept.cache);
});

function restore(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}

const load = async (sources: readonly (readonly OriginalFile[])[]) => {
  const originals = await originalFiles({ name: "sim", sources }, settings);
  return [...originals].map(([name, bytes]) => [name, Buffer.from(bytes).toString()]);
};
const expected = [["tiny.csv", content.toString()]];

test("files in VARJEPA_DATA are used, there or in the data set's folder, plain or packed, without a download", async () => {
  for (const [name, bytes] of [
    ["tiny.csv", content],
    ["tiny.csv.gz", gzipSync(content)],
    ["sim/tiny.csv", content],
    ["sim/tiny.zip", gzipSync(content)],
  ] as const) {
    writeFileSync(path.join(given, name), bytes);
    assert.deepEqual(await load([[file]]), expected);
    rmSync(path.join(given, name));
  }
  assert.equal(served, 0);
});

test("a wrong file in VARJEPA_DATA is refused, not replaced", async () => {
  writeFileSync(path.join(given, "tiny.csv"), "a,b\n1,3\n");
  await assert.rejects(
    load([[file]]),
    new RegExp(
      `given.tiny.csv is not the original tiny.csv: its sha256 is [0-9a-f]{64}, expected ${file.sha256}`,
    ),
  );
  assert.equal(served, 0);
});

test("a folder VARJEPA_DATA that does not exist is told", async () => {
  process.env.VARJEPA_DATA = path.join(scratch, "nowhere");
  await assert.rejects(load([[file]]), /nowhere, which does not exist; correct or unset it/);
});

test("without VARJEPA_DATA the file is downloaded once and then comes from the cache", async () => {
  delete process.env.VARJEPA_DATA;
  assert.deepEqual(await load([[file]]), expected);
  assert.deepEqual(await load([[file]]), expected);
  assert.equal(served, 1);
  assert.deepEqual(readdirSync(cached), ["tiny.csv"]);
});

test("a damaged file in the cache is told, removed and downloaded anew", async () => {
  mkdirSync(cached, { recursive: true });
  writeFileSync(path.join(cached, "tiny.csv"), "a,b\n");
  assert.deepEqual(await load([[file]]), expected);
  assert.equal(served, 1);
  assert.match(
    told,
    /tiny.csv is not the original tiny.csv: its sha256 is .*: removed, it will be downloaded anew/,
  );
  assert.deepEqual(readFileSync(path.join(cached, "tiny.csv")), content);
});

test("a lesser source serves when it is at hand and the best one is not", async () => {
  const sample: OriginalFile = { name: "sample.csv", sha256: sha256(lesser), urls: [] };
  writeFileSync(path.join(given, "sample.csv"), lesser);
  assert.deepEqual(await load([[file], [sample]]), [["sample.csv", lesser.toString()]]);
  writeFileSync(path.join(given, "tiny.csv"), content);
  assert.deepEqual(await load([[file], [sample]]), expected);
  assert.equal(served, 0);
});

test("with nothing at hand the best source is downloaded", async () => {
  const sample: OriginalFile = { name: "sample.csv", sha256: sha256(lesser), urls: [] };
  assert.deepEqual(await load([[file], [sample]]), expected);
});
