import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, mock, test } from "node:test";
import { saveSensitivity } from "./downstream-files.js";
import { type SensitivityConfig, sensitivityStandard } from "./sensitivity-plan.js";

const folder = mkdtempSync(path.join(tmpdir(), "downstream-files-test-"));
after(() => rmSync(folder, { recursive: true }));

/** Saves results of which so many cells are missing. Returns how many are missing in the files then, and what was said. */
function save(missing: number, config: SensitivityConfig = sensitivityStandard) {
  const said = mock.method(console, "error", () => {});
  const cpuSeconds = { encoders: 0, predictors: 0 };
  const made = { engine: "none", version: "0", startedAt: "", finishedAt: "" };
  saveSensitivity({ runs: [], provenance: { config, data: {}, ...made, cpuSeconds, missing } }, folder);
  said.mock.restore();
  const found = [4, 5].map((table) => {
    const { provenance } = JSON.parse(readFileSync(path.join(folder, `table-${table}.json`), "utf8"));
    return provenance?.missing;
  });
  return { found, said: said.mock.calls.map(({ arguments: [line] }) => String(line)) };
}

test("results with more cells, and those of another configuration, are not overwritten; deleted, they are", () => {
  assert.deepEqual(save(5), { found: [5, 5], said: [] });
  assert.deepEqual(save(5).said, [], "as many");
  assert.deepEqual(save(3), { found: [3, 3], said: [] }, "more");
  const fewer = save(4);
  assert.deepEqual([fewer.found, fewer.said.length], [[3, 3], 3], "two tables and the runs behind them");
  assert.match(
    fewer.said[0],
    /table-4\.json is left as it is: 3 cells are missing in it, 4 in the new results; delete or rename it/,
  );
  const other = save(0, { ...sensitivityStandard, seeds: [1] });
  assert.deepEqual(other.found, [3, 3]);
  assert.match(other.said[1], /table-5\.json is left as it is: it holds results of another configuration;/);
  unlinkSync(path.join(folder, "table-4.json"));
  assert.deepEqual(save(4).found, [4, 3]);
  writeFileSync(path.join(folder, "table-5.json"), '{"mine": true}');
  assert.match(save(0).said[0], /table-5\.json is left as it is: it holds no such results;/);
  unlinkSync(path.join(folder, "table-5.json"));
  unlinkSync(path.join(folder, "table-4.json"));
  save(3);
  writeFileSync(path.join(folder, "table-4.json"), "{");
  assert.deepEqual(save(5).found, [5, 3], "what is no file of results is written anew");
});
