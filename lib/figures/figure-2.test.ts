import assert from "node:assert/strict";
import { test } from "node:test";
import type { SimulationStudy } from "../studies/simulation-study.js";
import { committed } from "./committed.test-results.js";
import { type Figure, plainFigure } from "./drawing/figure.js";
import { themed } from "./drawing/theme.js";
import { figure2 } from "./figure-2.js";

const study = committed<Pick<SimulationStudy, "history" | "provenance">>("figure-2.json");

test("the committed history gives the committed Figure 2, to the last digit", () => {
  assert.deepEqual(plainFigure(themed(figure2(study))), committed<Figure>("figure-2.plotly.json"));
});

test("an objective that the history lacks is named", () => {
  assert.throws(
    () => figure2({ ...study, history: study.history.filter(({ variant }) => variant !== "E") }),
    /history holds no .* E;/,
  );
});
