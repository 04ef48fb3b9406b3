import "../node/world.js";
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { encodeTable, fitSchema } from "../data/tables/preprocess.js";
import type { Column, Table } from "../data/tables/table.js";
import { startEngine } from "../engine/backend.js";
import { fold, normals, seedKey } from "../engine/random.js";
import { forImputation } from "../studies/imputation-preset.js";
import { ownTablePreset } from "../studies/tabular-presets.js";
import { fit } from "../training/fit.js";
import { imputationRemark } from "./imputation-remark.js";

before(startEngine);

const rows = 128;

/** Three numbers and a category: a common factor with a little noise, or nothing but noise. */
function tableOf(share: 0 | 1): Table {
  const [common, other] = [1, 9].map((seed) => normals(seedKey(seed), rows));
  const numbers = ["a", "b", "c"].map((name, j): Column => {
    const own = normals(fold(seedKey(2), j), rows);
    const values = Float64Array.from(own, (v, i) => (share ? (j === 1 ? -3 : 1) * common[i] + 0.1 * v : v));
    return { name, kind: "numeric", values };
  });
  const codes = Int32Array.from(share ? common : other, (v) => Number(v > 0));
  const category: Column = { name: "d", kind: "categorical", categories: ["low", "high"], codes };
  return { name: "t", rows, columns: [...numbers, category], source: { title: "t", files: [], notes: [] } };
}

/** A small model with the settings for imputation. */
async function trained(table: Table, epochs: number) {
  const { models } = forImputation(ownTablePreset("quick", rows, 4));
  const { model, objective, training } = models["var-t-jepa"];
  const small = { width: 8, layers: 1, heads: 2, ff: 16, dropout: 0 };
  return fit("var-t-jepa", encodeTable(fitSchema(table), table), {
    objective,
    model: {
      ...model,
      encoder: { ...model.encoder, ...small },
      predictor: { ...model.predictor, ...small },
    },
    training: {
      ...training,
      epochs,
      batchSize: rows,
      learningRate: 0.02,
      warmupEpochs: epochs / 20,
      annealEpochs: { ...training.annealEpochs, klSy: epochs },
    },
    workers: 1,
  });
}

test("a model of pure noise is said to fill in averages, one of columns that depend on each other is not", async () => {
  const [noise, dependent] = [tableOf(0), tableOf(1)];
  const remark = imputationRemark(await trained(noise, 80), noise);
  assert.match(
    remark ?? "",
    /fills in nothing better than averages.* each of 4 columns .* at best [01]\.\d % of/,
  );
  assert.match(
    remark ?? "",
    /under 2 %, what a correlation of 0\.14 explains.* more --epochs or --preset standard/,
  );
  const model = await trained(dependent, 120);
  assert.equal(imputationRemark(model, dependent), undefined);
  const marginals = {
    rows: 1,
    numeric: [0, 1, 2].map(() => ({ share: 1, stretch: 1 })),
    categorical: [{ share: 1, marginal: [0.5, 0.5] }],
  };
  assert.equal(
    imputationRemark({ ...model, shrinkage: marginals }, dependent),
    undefined,
    "judged as trained, not as shrunk",
  );
  const same = dependent.columns.map((column) =>
    column.kind === "numeric"
      ? { ...column, values: column.values.map(() => 1) }
      : { ...column, codes: column.codes.map(() => 0) },
  );
  assert.equal(
    imputationRemark(model, { ...dependent, columns: same }),
    undefined,
    "there is nothing to tell",
  );
  // The same model where its columns are torn apart: what it fills in is wrong, not just constant.
  assert.match(imputationRemark(model, noise) ?? "", /at best 0\.0 %/);
});
