import "../node/world.js";
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { startEngine, tf } from "../engine/backend.js";
import { expectClose, finiteDifferences } from "../engine/finite-differences.js";
import { normals, seedKey, unitVectors } from "../engine/random.js";
import { sigregValue } from "../evaluation/sigreg-value.js";
import { type SigregForm, sigreg, sigregForms } from "./sigreg.js";

before(startEngine);

/** The definition, term by term: mean over directions of Σ_k w_k |ecf(t_k) − e^{−t_k²/2}|² (times N). */
function definition(
  latents: ArrayLike<number>,
  d: number,
  directions: Float32Array,
  form: SigregForm,
): number {
  const rows = latents.length / d;
  const count = directions.length / d;
  let sum = 0;
  for (let m = 0; m < count; m++)
    form.weights.forEach((weight, k) => {
      const t = k * form.spacing;
      let re = 0;
      let im = 0;
      for (let n = 0; n < rows; n++) {
        let projection = 0;
        for (let j = 0; j < d; j++) projection += latents[n * d + j] * directions[m * d + j];
        re += Math.cos(t * projection) / rows;
        im += Math.sin(t * projection) / rows;
      }
      sum += (weight * ((re - Math.exp((-t * t) / 2)) ** 2 + im ** 2)) / count;
    });
  return form.timesRows ? sum * rows : sum;
}

for (const [name, form] of Object.entries(sigregForms))
  for (const rows of [1, 6, 7])
    test(`${name}: value and gradient agree with the definition for ${rows} rows`, () => {
      const d = 3;
      const directions = unitVectors(seedKey(1), 5, d);
      const latents = normals(seedKey(2), rows * d).map((v) => 2 * v + 0.5);
      const { value, grad } = tf.valueAndGrad((s: tf.Tensor) => sigreg(s as tf.Tensor2D, directions, form))(
        tf.tensor2d(latents, [rows, d]),
      );
      expectClose(value.dataSync(), [definition(latents, d, directions, form)], {
        relative: 1e-5,
        absolute: 1e-7,
      });
      expectClose(
        [sigregValue(latents, rows, d, directions, form)],
        [definition(latents, d, directions, form)],
        {
          relative: 1e-5,
          absolute: 1e-7,
        },
      );
      expectClose(
        grad.dataSync(),
        finiteDifferences((x) => definition(x, d, directions, form), latents),
        { absolute: 1e-6, relative: 1e-5 },
      );
    });

test("a standard normal sample of n rows scores 0.823 / n on average", () => {
  const n = 500;
  const scores = Array.from({ length: 40 }, (_, i) =>
    sigregValue(
      normals(seedKey(i), n * 16),
      n,
      16,
      unitVectors(seedKey(1000 + i), 64, 16),
      sigregForms["var-jepa"],
    ),
  );
  const mean = scores.reduce((sum, s) => sum + s, 0) / scores.length;
  assert.ok(Math.abs(mean * n - 0.823) < 0.05, `n times the mean is ${mean * n}`);
});

test("both forms differ from zero for a collapsed latent and by different scales", () => {
  const collapsed = new Float32Array(64 * 4);
  const score = (form: SigregForm) => sigregValue(collapsed, 64, 4, unitVectors(seedKey(1), 8, 4), form);
  assert.ok(score(sigregForms["var-jepa"]) > 0.3);
  assert.ok(score(sigregForms.lejepa) > 10 * score(sigregForms["var-jepa"]));
});
