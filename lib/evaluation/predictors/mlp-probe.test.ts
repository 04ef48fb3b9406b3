import "../../node/world.js";
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { startEngine } from "../../engine/backend.js";
import { fold, normals, seedKey, uniforms } from "../../engine/random.js";
import { probeAccuracy, probeDefaults } from "./mlp-probe.js";

before(startEngine);

const d = 2;
/** Points whose class is decided by a rule, away from the border. */
function sample(seed: number, rows: number, rule: (a: number, b: number) => boolean) {
  const latents = normals(seedKey(seed), rows * d).map((v) => v + 0.4 * Math.sign(v));
  const labels = Uint8Array.from({ length: rows }, (_, i) =>
    Number(rule(latents[2 * i], latents[2 * i + 1])),
  );
  return { latents, labels };
}
const config = { ...probeDefaults, learningRate: 1e-2 };

test("a linear probe finds a linear rule but not an exclusive-or; a hidden layer finds both", async () => {
  const linear = (a: number) => a > 0;
  const xor = (a: number, b: number) => a > 0 !== b > 0;
  const score = (rule: (a: number, b: number) => boolean, hidden: number) =>
    probeAccuracy(seedKey(1), d, sample(2, 1000, rule), sample(3, 500, rule), { ...config, hidden });
  assert.ok((await score(linear, 0)) > 0.98);
  assert.ok((await score(xor, 0)) < 0.65);
  assert.ok((await score(xor, 64)) > 0.95);
});

test("on labels that have nothing to do with the latents, test accuracy is chance", async () => {
  const unrelated = (seed: number, rows: number) => ({
    latents: normals(seedKey(seed), rows * d),
    labels: Uint8Array.from(uniforms(fold(seedKey(seed), "labels"), rows), (u) => Number(u < 0.5)),
  });
  const accuracy = await probeAccuracy(seedKey(1), d, unrelated(4, 500), unrelated(5, 2000), config);
  assert.ok(Math.abs(accuracy - 0.5) < 0.06, `accuracy ${accuracy}`);
});
