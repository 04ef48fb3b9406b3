import "../node/world.js";
import assert from "node:assert/strict";
import { before, test } from "node:test";
import fc from "fast-check";
import { startEngine, tf } from "../engine/backend.js";
import { expectClose } from "../engine/finite-differences.js";
import { fold, normals, seedKey, uniforms } from "../engine/random.js";
import { joinSequences, repeatRows, type SequencePart, tokensFrom } from "./sequence.js";

before(startEngine);

const width = 3;

/** Parts of any kind for K sequences of each of `rows` rows: shared, of a row, of a sequence; whole or picked. */
const joins = fc
  .record({
    rows: fc.integer({ min: 1, max: 4 }),
    views: fc.integer({ min: 1, max: 3 }),
    seed: fc.nat(),
    parts: fc.array(
      fc.record({
        kind: fc.constantFrom("shared", "row", "sequence"),
        length: fc.integer({ min: 1, max: 4 }),
        picked: fc.integer({ min: 0, max: 4 }),
      }),
      { minLength: 1, maxLength: 4 },
    ),
  })
  .map(({ rows, views, seed, parts }) => {
    const sequences = rows * views;
    return {
      sequences,
      parts: parts.map(({ kind, length, picked }, p) => {
        const own = { shared: 1, row: rows, sequence: sequences }[kind];
        const key = fold(seedKey(seed), p);
        const picks = Int32Array.from(uniforms(key, sequences * picked), (u) => Math.floor(u * length));
        const values = normals(key, own * length * width);
        return { rows: own, length, values, picks: picked > 0 ? picks : undefined };
      }),
    };
  });

/** For every token of the joined sequences: which part it is from, and which token of that part. */
function naive(
  sequences: number,
  parts: readonly { readonly rows: number; readonly length: number; readonly picks?: Int32Array }[],
): [part: number, token: number][] {
  const origins: [number, number][] = [];
  for (let s = 0; s < sequences; s++)
    for (const [p, { rows, length, picks }] of parts.entries()) {
      const row = Math.floor(s / (sequences / rows));
      const each = picks ? picks.length / sequences : length;
      for (let i = 0; i < each; i++) origins.push([p, row * length + (picks ? picks[s * each + i] : i)]);
    }
  return origins;
}

test("sequences hold each part's tokens in order, and their gradient adds up where a token came from", () => {
  fc.assert(
    fc.property(joins, ({ sequences, parts }) => {
      const origins = naive(sequences, parts);
      const upstream = normals(seedKey(1), origins.length * width);
      const join = (...tokens: tf.Tensor[]) =>
        joinSequences(
          sequences,
          parts.map(
            ({ rows, picks }, p): SequencePart => ({ tokens: tokens[p] as tf.Tensor2D, rows, picks }),
          ),
        );
      const inputs = parts.map(({ values }) => tf.tensor2d(values, [values.length / width, width]));
      const { value, grads } = tf.valueAndGrads(join)(inputs, tf.tensor2d(upstream, [origins.length, width]));
      const expected = origins.flatMap(([p, token]) => [
        ...parts[p].values.subarray(token * width, (token + 1) * width),
      ]);
      assert.deepEqual([...value.dataSync()], expected);
      const gradients = parts.map(({ values }) => new Float64Array(values.length));
      origins.forEach(([p, token], i) => {
        for (let c = 0; c < width; c++) gradients[p][token * width + c] += upstream[i * width + c];
      });
      for (const [p, grad] of grads.entries())
        expectClose(grad.dataSync(), [...gradients[p]], { absolute: 1e-5 });
    }),
    { numRuns: 60 },
  );
});

test("tokens are read from every sequence, rows are repeated", () => {
  const x = tf.tensor2d([0, 1, 2, 3, 4, 5], [6, 1]);
  assert.deepEqual([...tokensFrom(x, 2, 1, 2).dataSync()], [1, 2, 4, 5]);
  assert.deepEqual([...repeatRows(tf.tensor2d([7, 8], [2, 1]), 3).dataSync()], [7, 7, 7, 8, 8, 8]);
});

test("parts that cannot be shared out are refused", () => {
  const tokens = tf.zeros<tf.Rank.R2>([6, 1]);
  assert.throws(() => joinSequences(3, [{ tokens, rows: 2 }]), /2 rows of \[6,1\] .* 3 sequences/);
  assert.throws(() => joinSequences(4, [{ tokens, rows: 4 }]), /4 rows of \[6,1\]/);
  assert.throws(() => joinSequences(2, [{ tokens, rows: 2, picks: new Int32Array(3) }]), /with 3 picks/);
});
