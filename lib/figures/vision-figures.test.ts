import assert from "node:assert/strict";
import { test } from "node:test";
import type { Claim } from "../studies/claim.js";
import { visionConfig } from "../studies/vision-plan.js";
import type { VisionCell } from "../studies/vision-study.js";
import { blockPictures } from "./block-pictures.js";
import { blockRows, claimRows, featureRows } from "./vision-tables.js";

const cell = (of: string, measure: string, mean: number, place?: string, std: number | null = 0.012) =>
  ({ of, measure, mean, std, runs: std === null ? 1 : 3, ...(place && { place }) }) satisfies VisionCell;

test("tables: densities of a place from the model down, features trained beside untrained, statements with their interval", () => {
  const cells = [
    cell("ridge, full", "r2", 0.41, "middle"),
    cell("Var-I-JEPA", "r2", 0.472, "middle"),
    cell("Var-I-JEPA", "coverage", 0.94, "middle", null),
    cell("Var-I-JEPA", "r2", 0.1, "right"),
    cell("pixels", "accuracyAll", 0.82),
    cell("I-JEPA", "accuracyPooled", 0.41),
  ];
  const [model, ridge, ...rest] = blockRows({ cells }, "middle");
  assert.deepEqual([model.density, model["R²"], model.coverage], ["Var-I-JEPA", "0.472 ± 0.012", "0.940"]);
  assert.deepEqual([ridge.density, ridge.CRPS, rest.length], ["ridge, full covariance", "–", 0]);
  assert.deepEqual(
    featureRows({ cells }).map(({ features }) => features),
    ["I-JEPA", "pixels"],
  );
  assert.throws(() => blockRows({ cells }, "left"), /cells hold no place "left"; run the study/);
  assert.throws(() => featureRows({ cells: cells.slice(0, 2) }), /cells hold no features/);
  const claims: Claim[] = [
    { name: "a", statement: "", holds: true, measured: { value: 0.1, halfWidth: 0.02, seeds: 3 } },
    { name: "b", statement: "", holds: false, measured: { value: 0.1, seeds: 1 } },
    { name: "c", statement: "", holds: false, measured: { collapsed: 1, seeds: 3 } },
  ];
  assert.deepEqual(
    claimRows({ claims }).map(({ holds, measured }) => [holds, measured]),
    [
      ["yes", "0.100 ± 0.020"],
      ["NO", "0.100 ± ?"],
      ["NO", "1"],
    ],
  );
});

test("pictures: every digit with its hidden block, mean, draws and widths below it", () => {
  const config = visionConfig("quick");
  const provenance = { config } as Parameters<typeof blockPictures>[0]["provenance"];
  const grey = Array<number>(196).fill(128);
  const digit = { digit: 1, mean: grey, deviation: grey, draws: [grey, grey] };
  const pictures = [{ place: "middle", digits: [digit, { ...digit, digit: 0 }] }];
  const test = { rows: 2, height: 28, width: 28, images: new Float32Array(2 * 784) };
  const { layout } = blockPictures({ pictures, provenance }, "middle", test);
  const words = JSON.stringify(layout);
  for (const label of ["digit", "seen", "mean", "draw", "width"]) assert.ok(words.includes(label), label);
  const few = { ...test, rows: 1, images: new Float32Array(784) };
  assert.throws(() => blockPictures({ pictures, provenance }, "middle", few), /digit 1 is asked for/);
  assert.throws(() => blockPictures({ pictures, provenance }, "left", test), /no place "left"/);
});
