import assert from "node:assert/strict";
import { test } from "node:test";
import type { DownstreamCell } from "../studies/downstream-tables.js";
import {
  besidePublished,
  differenceColour,
  differenceColours,
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

test("colours: white within .01, then blue above and orange below, full from .1 on, as in the heat map", () => {
  const { colorscale, limit } = differenceColours;
  assert.equal(differenceColour(0.0099), "rgb(255, 255, 255)");
  assert.equal(differenceColour(-0.0099), "rgb(255, 255, 255)");
  assert.deepEqual([differenceColour(-0.1), differenceColour(0.3)], [colorscale[0][1], colorscale[3][1]]);
  const [red, , blue] = [...differenceColour(0.03).matchAll(/\d+/g)].map(Number);
  assert.ok(red < blue && blue < 255, "blue above");
  assert.deepEqual(
    colorscale.map(([share]) => Number(((2 * share - 1) * limit).toFixed(6))),
    [-0.1, -0.01, 0.01, 0.1],
  );
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
