import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

test("a dry run says what is left of every stage, of a shard, and makes nothing", () => {
  const runs = path.join(tmpdir(), `studies-test-${process.pid}`);
  const program = fileURLToPath(new URL("./studies.js", import.meta.url));
  const words = [program, "run", "simulation", "--dry-run", "--shard", "1/2"];
  const said = execFileSync(process.execPath, words, {
    env: { ...process.env, VARJEPA_RUNS: runs },
    encoding: "utf8",
  });
  const lines = said
    .trim()
    .split("\n")
    .map((line) => line.replace(/ +/g, " "));
  assert.equal(lines.length, 11);
  assert.equal(lines[0], "simulation A 0 done, 3 left: 3 of unknown length");
  assert.equal(lines[10], "simulation in all 0 done, 25 left: 25 of unknown length");
  assert.ok(!existsSync(runs));
});
