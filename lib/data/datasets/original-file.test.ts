import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { strToU8, zipSync } from "fflate";
import { acceptedNames, type OriginalFile, originalContent, sha256 } from "./original-file.js";

const content = strToU8("1,2,3\n".repeat(200));
const file: OriginalFile = {
  name: "tiny.data",
  sha256: sha256(content),
  urls: ["http://127.0.0.1/static/tiny+data.zip", "http://127.0.0.1/a/tiny%20set.csv"],
};
const same = (bytes: Uint8Array) => assert.deepEqual(Buffer.from(bytes), Buffer.from(content));

test("a file is taken plain, gzipped, zipped in any folder, gzipped in a zip, or in a zip in a zip", () => {
  same(originalContent(file, content, "here"));
  same(originalContent(file, gzipSync(content), "here"));
  same(originalContent(file, zipSync({ "readme.txt": strToU8("-"), "sub/tiny.data": content }), "here"));
  same(originalContent(file, zipSync({ "tiny.data.gz": gzipSync(content) }), "here"));
  same(originalContent(file, zipSync({ "inner.zip": zipSync({ "tiny.data": content }) }), "here"));
});

test("an original that is itself an archive is known by its own sum", () => {
  const packed = gzipSync(content);
  const archive = { ...file, name: "tiny.data.gz", sha256: sha256(packed) };
  assert.deepEqual(originalContent(archive, packed, "here"), packed);
});

test("altered, truncated and other content is refused with name, expected and found sum", () => {
  const altered = content.slice();
  altered[5] ^= 1;
  for (const wrong of [altered, content.subarray(1), new Uint8Array(0)])
    assert.throws(() => originalContent(file, wrong, "there.csv"), {
      message: `there.csv is not the original tiny.data: its sha256 is ${sha256(wrong)}, expected ${file.sha256} (cut short, altered or another file); get it again`,
    });
  assert.throws(
    () => originalContent(file, gzipSync(altered), "there.gz"),
    new RegExp(`its sha256 is ${sha256(altered)}, expected ${file.sha256}`),
  );
});

test("archives that are cut, or hold no such file, are refused", () => {
  const gzip = gzipSync(content);
  assert.throws(
    () => originalContent(file, gzip.subarray(0, gzip.length - 9), "cut.gz"),
    /cut.gz is not the original tiny.data: its sha256 is [0-9a-f]{64}, expected .*, it cannot be unpacked: /,
  );
  const zip = zipSync({ "tiny.data": content });
  assert.throws(() => originalContent(file, zip.subarray(0, 60), "cut.zip"), /it cannot be unpacked: /);
  assert.throws(
    () => originalContent(file, zipSync({ "other.data": content }), "other.zip"),
    /is not the original/,
  );
});

test("archives nested without end are not followed", () => {
  let zip = zipSync({ "tiny.data": content });
  for (let depth = 0; depth < 4; depth++) zip = zipSync({ "deeper.zip": zip });
  assert.throws(() => originalContent(file, zip, "deep.zip"), /is not the original/);
});

test("a folder can hold the file plain, gzipped or as its donors pack it", () => {
  assert.deepEqual(acceptedNames(file), ["tiny.data", "tiny.data.gz", "tiny+data.zip", "tiny set.csv"]);
  const packed = { ...file, name: "tiny.gz", urls: ["http://127.0.0.1/files/5976039"] };
  assert.deepEqual(acceptedNames(packed), ["tiny.gz"]);
});
