import "../node/world.js";
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { chooseHoldOut, splitHoldOut } from "../data/tables/hold-out.js";
import { loadTable } from "../data/tables/load-table.js";
import { fitSchema } from "../data/tables/preprocess.js";
import { tableSha256 } from "../data/tables/table.js";
import { type HeldOutRows, heldOutRows } from "./held-out-rows.js";
import { modelFolder, writeSettings } from "./model-folder.js";

const folder = mkdtempSync(path.join(tmpdir(), "held-out-rows-test-"));
after(() => rmSync(folder, { recursive: true }));

const lines = Array.from({ length: 100 }, (_, i) => `${i}.5,${(i * i) % 17},${i % 3 ? "u" : "v"}`);

function write(name: string, rows: readonly string[]): string {
  const file = path.join(folder, name);
  writeFileSync(file, `a,b,c\n${rows.join("\n")}\n`);
  return file;
}

const trained = write("trained.csv", lines);
const table = await loadTable(trained, {});
const holdOut = chooseHoldOut(table, 0.2, 1);
const { kept, heldOut } = splitHoldOut(table, ["a", "b", "c"], holdOut);
const settings = {
  ...{ input: trained, sha256: tableSha256(table), rows: 100, csv: {}, kind: "var-t-jepa", preset: "quick" },
  ...{ for: "embedding", seed: 1, epochs: 1, workers: 1, holdOut },
};
writeSettings(modelFolder(folder).settings, settings);

const model = { schema: fitSchema(table) };
async function rowsOf(file: string, read = file): Promise<HeldOutRows> {
  const part = await loadTable(read, {});
  return heldOutRows(model, folder, file, part, part);
}

test("of the table that was trained on the rows held out are scored, and nothing is noted", async () => {
  const rows = await rowsOf(trained);
  assert.deepEqual([rows.kept, rows.heldOut, rows.sameTable, rows.notes], [kept, heldOut, true, []]);
  assert.equal(rows.what, "held out when the model was trained");
});

test("of an edited copy it is said that changed rows count as new", async () => {
  const edited = write(
    "edited.csv",
    lines.map((line, i) => (i % 2 ? line : line.replace(".5", ".51"))),
  );
  const rows = await rowsOf(edited);
  const changed = Array.from(rows.heldOut ?? []).filter((row) => kept.includes(row));
  assert.ok(changed.length > 0, "trained rows, changed, count as held out");
  assert.deepEqual([rows.sameTable, rows.what], [false, "which count as held out by what they hold"]);
  assert.match(
    rows.notes.join("\n"),
    /^.*edited\.csv is not the table that the model was trained on \(100 rows then, 100 now, not all as they were\): scored are .* all but 20 % are learned from$/,
  );
  const gone = await rowsOf(path.join(folder, "gone.csv"), trained);
  assert.equal(gone.sameTable, false, "also where it cannot be read as training read its own");
});

test("no, too many or only rows held out are told as that", async () => {
  const of = (rows: Int32Array) => Array.from(rows, (row) => lines[row]);
  const known = await rowsOf(write("known.csv", of(kept)));
  assert.equal(known.heldOut, undefined);
  assert.equal(known.what, "which the model may have been trained on");
  assert.match(
    known.notes.join(),
    /^no row of 80 was held out of training, where a share of 0\.2 would be about 16: a fifth/,
  );
  const many = await rowsOf(write("many.csv", [...of(heldOut), ...of(kept.subarray(0, 10))]));
  assert.match(
    many.notes[1],
    /^20 rows of 30 count as held out, where a share of 0\.2 would be about 6: .* the other 10$/,
  );
  await assert.rejects(
    rowsOf(write("only.csv", of(heldOut))),
    /^Error: 20 rows of 20 count as held out, .*, and the other 0 are too few to learn from; give more rows/,
  );
});
