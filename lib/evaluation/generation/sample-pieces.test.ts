import "../../node/world.js";
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { startEngine } from "../../engine/backend.js";
import { seedKey } from "../../engine/random.js";
import { pieceNoise, samplePieces } from "./sample-pieces.js";

before(startEngine);

test("pieces hold every draw of every row once, none more than fits, and the same noise however they are cut", () => {
  const [rows, draws, columns] = [5, 7, 3];
  const whole = pieceNoise(
    seedKey(1),
    "z",
    { firstRow: 0, count: rows, firstDraw: 0, draws },
    columns,
  ).dataSync();
  for (const numbersAtOnce of [1, 20, 60, 110, 10_000]) {
    const seen = new Set<string>();
    for (const piece of samplePieces(rows, draws, 10, numbersAtOnce)) {
      assert.ok(piece.count * piece.draws <= Math.max(1, numbersAtOnce / 10));
      const noise = pieceNoise(seedKey(1), "z", piece, columns).dataSync();
      for (let draw = 0; draw < piece.draws; draw++)
        for (let row = 0; row < piece.count; row++) {
          const [r, k] = [piece.firstRow + row, piece.firstDraw + draw];
          assert.ok(!seen.has(`${r} ${k}`));
          seen.add(`${r} ${k}`);
          const [own, all] = [draw * piece.count + row, k * rows + r].map((at) => at * columns);
          assert.deepEqual(noise.slice(own, own + columns), whole.slice(all, all + columns));
        }
    }
    assert.equal(seen.size, rows * draws);
  }
});
