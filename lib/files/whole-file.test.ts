import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { ownedFileName, ownedFiles, removeLeftBehind } from "./owner.js";
import { CannotWrite, checkWritable, writePieces, writeTogether, writeWhole } from "./whole-file.js";

const folder = fs.mkdtempSync(path.join(tmpdir(), "whole-file-test-"));
after(() => fs.rmSync(folder, { recursive: true }));
const at = (...names: string[]) => path.join(folder, ...names);
const text = (bytes: number) => "0123456789abcdef".repeat(bytes / 16);

test("all bytes are written however few one write takes", async (context) => {
  const { writeSync } = fs;
  let writes = 0;
  context.mock.method(fs, "writeSync", (file: number, bytes: Uint8Array, from: number, length: number) => {
    writes++;
    return writeSync(file, bytes, from, Math.min(length, 1000));
  });
  writeWhole(at("short", "a"), text(160_000));
  await writePieces(at("short", "b"), async (append) => {
    for (let piece = 0; piece < 50; piece++) await append(text(3200));
    await append(Buffer.from(text(160_000)));
  });
  assert.ok(writes >= 480, `${writes} writes`);
  assert.equal(fs.readFileSync(at("short", "a"), "utf8"), text(160_000));
  assert.equal(fs.readFileSync(at("short", "b"), "utf8"), text(320_000));
  assert.deepEqual(fs.readdirSync(at("short")).sort(), ["a", "b"]);
});

test("a piece may be changed once it is appended", async () => {
  const piece = Buffer.from("first ");
  await writePieces(at("reused"), async (append) => {
    await append(piece);
    piece.write("second");
    await append(piece);
  });
  assert.equal(fs.readFileSync(at("reused"), "utf8"), "first second");
});

test("whatever goes wrong on the way, the file stays as it was and nothing is left beside it", async (context) => {
  const file = at("kept", "file.csv");
  writeWhole(file, "before");
  const raise = (code: string) => () => {
    throw Object.assign(new Error(`${code}: raw`), { code });
  };
  const onOwn = (code: string, text: string) => (own: unknown) => {
    throw Object.assign(new Error(`${code}: ${text}, open '${own}' -> '${file}'`), { code });
  };
  let left = 2;
  const faults: [keyof typeof fs, (...words: never[]) => unknown, RegExp][] = [
    [
      "writeSync",
      raise("ENOSPC"),
      /file\.csv could not be written: the disk is full \(ENOSPC\); .* make room/,
    ],
    ["writeSync", raise("EDQUOT"), /quota is used up/],
    ["writeSync", () => left--, /takes no more bytes/],
    ["fsyncSync", raise("EIO"), /the disk reports an error \(EIO\)/],
    ["fstatSync", () => ({ size: 3 }), /3 of 5 bytes are on the disk/],
    ["renameSync", raise("EACCES"), /not allowed \(EACCES\)/],
    [
      "renameSync",
      onOwn("EBUSY", "resource busy or locked"),
      /file\.csv could not be written: resource busy or locked \(EBUSY\);/,
    ],
    ["renameSync", onOwn("ENOENT", "no such file or directory"), /its folder is gone/],
    [
      "openSync",
      onOwn("EMFILE", "too many open files"),
      /: too many open files \(EMFILE\); what was there .*; mend that/,
    ],
  ];
  for (const [name, fault, message] of faults) {
    const mocked = context.mock.method(fs, name as "writeSync", fault as never);
    assert.throws(
      () => writeWhole(file, "after"),
      (error) =>
        error instanceof CannotWrite && message.test(error.message) && !error.message.includes(".var-jepa-"),
    );
    mocked.mock.restore();
    assert.equal(fs.readFileSync(file, "utf8"), "before");
    assert.deepEqual(fs.readdirSync(at("kept")), ["file.csv"]);
  }
  await assert.rejects(
    writePieces(file, async (append) => {
      await append("after");
      throw new Error("out of ink");
    }),
    /^Error: out of ink$/,
  );
  assert.equal(fs.readFileSync(file, "utf8"), "before");
  assert.deepEqual(fs.readdirSync(at("kept")), ["file.csv"]);
});

test("files that belong together are all written or all as they were", async (context) => {
  const files = ["1", "2", "3"].map((name) => at("together", name));
  const content = () =>
    files.map((file) => (fs.existsSync(file) ? fs.readFileSync(file, "utf8") : undefined));
  const together = (text: string, failing?: number) =>
    writeTogether(
      files.map((file, i) => ({
        file,
        write: async (append) => {
          await append(text);
          if (i === failing) throw new Error("out of ink");
        },
      })),
    );
  await assert.rejects(together("before", 2), /^Error: out of ink$/);
  assert.deepEqual([content(), fs.readdirSync(at("together"))], [[undefined, undefined, undefined], []]);
  await together("before");
  assert.deepEqual(content(), ["before", "before", "before"]);
  const { fsyncSync, renameSync } = fs;
  const nth = <F extends (...words: never[]) => unknown>(real: F, failing: number) => {
    let calls = 0;
    return ((...words: never[]) => {
      if (calls++ === failing) throw Object.assign(new Error("ENOSPC: raw"), { code: "ENOSPC" });
      return real(...words);
    }) as F;
  };
  const full = context.mock.method(fs, "fsyncSync", nth(fsyncSync, 2));
  await assert.rejects(together("after"), /3 could not be written: the disk is full \(ENOSPC\)/);
  full.mock.restore();
  assert.deepEqual(content(), ["before", "before", "before"]);
  // Too late to be as before: that is said.
  const late = context.mock.method(fs, "renameSync", nth(renameSync, 1));
  await assert.rejects(together("after"), /2 could not be written: .*; written anew already: .*1$/);
  late.mock.restore();
  assert.deepEqual(content(), ["after", "before", "before"]);
  assert.deepEqual(fs.readdirSync(at("together")), ["1", "2", "3"]);
});

test("file and folder are brought to the disk, the file before it has its name", (context) => {
  const order: string[] = [];
  for (const name of ["fsyncSync", "renameSync"] as const) {
    const real = fs[name] as (...words: unknown[]) => void;
    context.mock.method(fs, name, ((...words: unknown[]) => {
      order.push(name === "fsyncSync" && fs.fstatSync(words[0] as number).isDirectory() ? "folder" : name);
      real(...words);
    }) as never);
  }
  writeWhole(at("synced"), "x");
  assert.deepEqual(order, ["fsyncSync", "renameSync", ...(process.platform === "win32" ? [] : ["folder"])]);
});

test("what is no file is not replaced; a link is written through, permissions stay", () => {
  fs.mkdirSync(at("a-folder"));
  for (const act of [(file: string) => writeWhole(file, "x"), checkWritable]) {
    assert.throws(
      () => act(at("a-folder")),
      /a-folder could not be written: it is a folder; .*; name a file$/,
    );
    assert.throws(() => act(at("synced", "below")), /a part of its path is a file/);
    if (process.platform !== "win32") assert.throws(() => act("/dev/null"), /it is a device/);
  }
  checkWritable(at("new", "folder", "file"));
  assert.ok(!fs.existsSync(at("new")));
  if (process.platform === "win32") return;
  writeWhole(at("real"), "one");
  fs.chmodSync(at("real"), 0o640);
  fs.symlinkSync("real", at("link"));
  writeWhole(at("link"), "two");
  assert.ok(fs.lstatSync(at("link")).isSymbolicLink());
  assert.equal(fs.readFileSync(at("real"), "utf8"), "two");
  assert.equal(fs.statSync(at("real")).mode & 0o777, 0o640);
});

test("what a killed process left is removed when its folder is next written to, what others use is not", async () => {
  const own = ownedFileName("x.tmp");
  const [, machine, pid, start] = /^\.var-jepa-(\w{8})-(\d+)-(\d+)-x\.tmp$/.exec(own) as RegExpExecArray;
  assert.equal(Number(pid), process.pid);
  const ended = spawnSync(process.execPath, ["-e", ""]).pid;
  const living = spawn(process.execPath, ["-e", "setTimeout(() => {}, 60000)"]);
  const name = (...parts: (string | number)[]) => [".var-jepa", ...parts, "x.tmp"].join("-");
  const kept = [own, name("0badcafe", ended, 1), "x.tmp", ".var-jepa-x.tmp"];
  const removed = [name(machine, ended, 1)];
  // Elsewhere than on Linux, a process that took the number of another cannot be told from it.
  if (process.platform === "linux") removed.push(name(machine, living.pid as number, Number(start) - 1));
  fs.mkdirSync(at("left"));
  for (const each of [...kept, ...removed]) fs.writeFileSync(at("left", each), "");
  const leftBehind = ownedFiles(at("left")).filter((file) => file.leftBehind);
  assert.deepEqual(leftBehind.map((file) => file.name).sort(), removed.slice().sort());
  writeWhole(at("left", "result"), "");
  assert.deepEqual(fs.readdirSync(at("left")).sort(), [...kept, "result"].sort());
  living.kill("SIGKILL");
  await new Promise((resolve) => living.on("close", resolve));
  removeLeftBehind(at("nowhere"));
});
