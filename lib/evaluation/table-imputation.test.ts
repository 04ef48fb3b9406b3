import assert from "node:assert/strict";
import { before, test } from "node:test";
import { encodeTable } from "../data/tables/preprocess.js";
import { splitTable } from "../data/tables/split.js";
import { takeTableRows } from "../data/tables/table.js";
import { startEngine } from "../engine/backend.js";
import { seedKey } from "../engine/random.js";
import { featureNames } from "../inference/generate-columns.js";
import { messyTable, untrainedVarTJepa } from "../inference/messy.test-table.js";
import { imputationScores } from "./imputation.js";
import { tableImputation } from "./table-imputation.js";

before(startEngine);

const settings = { visible: 3, sets: 1, samples: 2 };

test("a column is scored on the rows that have it, as imputationScores does", async () => {
  const table = messyTable();
  const model = untrainedVarTJepa(table);
  const split = splitTable(table, seedKey(2));
  const result = await tableImputation(model, table, split, seedKey(3), settings);
  assert.deepEqual(
    result.columns.map(({ column }) => column),
    featureNames(model.schema),
  );
  const [, x2] = table.columns;
  assert.ok(x2.kind === "numeric");
  const withX2 = (rows: Int32Array) =>
    encodeTable(
      model.schema,
      takeTableRows(
        table,
        rows.filter((row) => !Number.isNaN(x2.values[row])),
      ),
    );
  const [training, heldOut] = [withX2(split.train), withX2(split.test)];
  assert.ok(heldOut.rows < split.test.length);
  const alone = await imputationScores(
    model.weights,
    model.config,
    training,
    heldOut,
    featureNames(model.schema),
    seedKey(3),
    { ...settings, features: [1] },
  );
  assert.deepEqual(result.columns[1], alone.columns[0]);
  assert.equal(result.aboveMarginal, result.columns.filter(({ gain }) => gain > 0).length);
});
