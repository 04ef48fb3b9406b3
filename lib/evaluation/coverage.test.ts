import "../node/world.js";
import assert from "node:assert/strict";
import { test } from "node:test";
import { expectClose } from "../engine/finite-differences.js";
import { fold, normals, seedKey } from "../engine/random.js";
import { drawNumbers } from "../families/generate-features.js";
import { mean } from "../moments.js";
import { insideDraws, insideInterval } from "./coverage.js";

test("a value that is drawn as its draws are lies inside with the share asked for, whatever their number", () => {
  for (const draws of [1, 2, 7, 19, 32, 100])
    for (const share of [0.5, 0.9]) {
      const places = Array.from({ length: draws + 1 }, (_, below) => insideInterval(below, draws, 0, share));
      expectClose([mean(places)], [share]);
    }
  // Of 19 draws .9 is exactly what lies between the least and the largest.
  const nineteen = Array.from({ length: 20 }, (_, below) => insideInterval(below, 19));
  expectClose(nineteen, [0, ...Array(18).fill(1), 0]);
  // Of 32, an end at 1.65 gaps of 33: the second gap from either side counts by .35.
  expectClose(
    [0, 1, 2, 30, 31, 32].map((below) => insideInterval(below, 32)),
    [0, 0.35, 1, 1, 0.35, 0],
  );
});

test("of a value that is a peak of its draws, the share asked for counts as inside too", () => {
  const [rows, samples] = [2000, 39];
  const shares = Float64Array.from({ length: rows * 3 }, (_, i) => [0.6, 0.4, 0][i % 3]);
  const [means, deviations] = [2, 0.5].map((v) => new Float32Array(rows * samples).fill(v));
  const mixed = { peaks: [{ value: 0, share: 0.6 }], rest: { mean: 0, deviation: 1 }, shares };
  const entry = { kind: "numeric", feature: 0, mean: means, deviation: deviations, mixed } as const;
  const asDrawn = drawNumbers(
    { ...entry, mean: means.slice(0, rows), deviation: deviations.slice(0, rows) },
    seedKey(8),
  );
  assert.ok(Math.abs(asDrawn.filter((v) => v === 0).length / rows - 0.6) < 0.04);
  assert.ok(Math.abs(mean(insideDraws(entry, asDrawn, seedKey(9))) - 0.9) < 0.02);
  // All draws equal to it: it lies in each of the gaps alike.
  expectClose([insideInterval(0, 19, 19), insideInterval(0, 19, 9)], [0.9, 0.9]);
});

test("coverage of Gaussian draws is that of the exact intervals: right, too narrow, too wide, off centre", () => {
  const [rows, samples] = [1500, 39];
  const truth = Float64Array.from(normals(seedKey(1), rows));
  const shareOf = (centre: number, deviation: number) => {
    const [means, deviations] = [centre, deviation].map((v) => new Float32Array(rows * samples).fill(v));
    const entry = { kind: "numeric", feature: 0, mean: means, deviation: deviations } as const;
    return mean(insideDraws(entry, truth, fold(seedKey(2), deviation)));
  };
  // P(|Z| < 1.6449 d) and P(−1.6449 < Z − 1 < 1.6449), from tables of Φ; 39 draws blur them by less than .02.
  for (const [centre, deviation, exact] of [
    [0, 1, 0.9],
    [0, 0.5, 0.589],
    [0, 2, 0.999],
    [1, 1, 0.7365],
  ])
    assert.ok(
      Math.abs(shareOf(centre, deviation) - exact) < 0.035,
      `${centre} ± ${deviation}: ${shareOf(centre, deviation)}`,
    );
});
