import assert from "node:assert/strict";
import { test } from "node:test";
import type { DownstreamCell } from "../studies/downstream-tables.js";
import {
  besidePublished,
  differenceColour,
  differenceScale,
  isWhite,
  newLetters,
  runsText,
} from "./beside-published.js";

const cell: DownstreamCell = {
  dataset: "AD",
  predictor: "MLP",
  input: "raw",
  discard: 0,
  metric: "accuracy",
  mean: 0.8521,
  std: 0.00149,
  runs: 3,
  published: 0.849,
};

test("colours: white within .01, then blue above and orange below, darker in steps, as in the heat map", () => {
  const blue = [0.01, 0.011, 0.03, 0.051, 0.5].map(differenceColour);
  assert.equal(blue[0], "rgb(255, 255, 255)");
  assert.equal(differenceColour(-0.01), blue[0]);
  assert.ok(isWhite(0.86 - 0.85) && !isWhite(0.8611 - 0.85));
  const reds = blue.map((colour) => Number(/\d+/.exec(colour)));
  assert.ok(reds[0] > reds[1] && reds[1] > reds[2] && reds[2] > reds[3] && reds[3] === reds[4]);
  assert.match(differenceColour(-0.2), /^rgb\(240, .* 90\)$/);
  const { colorscale, zmin, zmax } = differenceScale;
  for (const difference of [-0.07, -0.04, -0.02, 0, 0.02, 0.04, 0.07]) {
    const share = (difference - zmin) / (zmax - zmin);
    const [, colour] = colorscale.find(([edge], i) => i % 2 === 1 && (edge as number) > share)!;
    assert.equal(colour, differenceColour(difference));
  }
});

test("a cell says mean, deviation, the paper's value and the letter of a setting", () => {
  const letters = newLetters();
  assert.deepEqual(besidePublished(cell, letters), {
    text: "0.852 ± 0.001",
    under: "0.849",
    background: "rgb(255, 255, 255)",
  });
  assert.deepEqual(besidePublished({ ...cell, std: null, published: null, setting: "depth 10" }, letters), {
    text: "0.852",
    letter: "a",
  });
});

test("the same setting has the same letter, the 27th is aa", () => {
  const letters = newLetters();
  const given = Array.from({ length: 27 }, (_, i) => letters.of(`setting ${i}`));
  assert.deepEqual([given[0], given[25], given[26], letters.of("setting 1")], ["a", "z", "aa", "b"]);
  assert.deepEqual(letters.notes().slice(0, 2), ["a: setting 0", "b: setting 1"]);
});

test("numbers of runs as one number or a range", () => {
  assert.deepEqual(
    [runsText([]), runsText([cell, cell]), runsText([cell, { ...cell, runs: 1 }])],
    ["", "3", "1–3"],
  );
});
