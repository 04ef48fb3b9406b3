import assert from "node:assert/strict";
import { test } from "node:test";
import { seedKey } from "../../engine/random.js";
import { mean } from "../../moments.js";
import { corruptedDensity } from "./corrupted-density.js";

test("the density is the integral over how much a digit is corrupted, of which every pixel tells the least", () => {
  const x = Float32Array.of(0, 1, 0.25, 0.5, 0, 1);
  const y = Float32Array.of(0.125, 0.75, 0.3125, 0.5, 0.5, 0.75);
  const found = corruptedDensity.logLikelihood({ rows: 2, x, y });
  for (const row of [0, 1]) {
    const h = 1e-5;
    let sum = 0;
    for (let share = h / 2; share < 0.75; share += h) {
      const fits = [0, 1, 2].every((j) => {
        const [clean, seen] = [x[3 * row + j], y[3 * row + j]];
        return seen >= (1 - share) * clean && seen <= (1 - share) * clean + share;
      });
      if (fits) sum += (h / 0.75) * share ** -3;
    }
    assert.ok(Math.abs(found[row] - Math.log(sum)) < 1e-3, `${found[row]}, ${Math.log(sum)}`);
  }
  const far = corruptedDensity.logLikelihood({
    rows: 1,
    x: Float32Array.of(0, 0),
    y: Float32Array.of(0.8, 0),
  });
  assert.equal(far[0], Number.NEGATIVE_INFINITY);
});

test("its draws are possible under it, have the mean of corruption, and do not see how rows are cut", () => {
  const x = Float32Array.of(0, 1, 0.5, 0.25);
  const draws = 4000;
  const y = corruptedDensity.draw(seedKey(1), { rows: 1, x }, draws);
  const likelihoods = corruptedDensity.logLikelihood({
    ...{ rows: draws, y },
    x: Float32Array.from(y, (_, i) => x[i % 4]),
  });
  assert.ok(likelihoods.every(Number.isFinite));
  for (const j of [0, 1, 2, 3]) {
    const expected = x[j] + 0.375 * (0.5 - x[j]);
    assert.ok(Math.abs(mean(y.filter((_, i) => i % 4 === j)) - expected) < 0.02);
  }
  const rows = { rows: 3, x: Float32Array.of(...x, ...x, ...x) };
  assert.deepEqual(
    corruptedDensity.draw(seedKey(2), { rows: 1, x }, 2, 2),
    corruptedDensity.draw(seedKey(2), rows, 2).slice(16),
  );
});
