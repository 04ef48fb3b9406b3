import assert from "node:assert/strict";
import { test } from "node:test";
import {
  around,
  boxSize,
  diagramFigure,
  flow,
  type GridCell,
  gridDiagram,
  lineWidth,
  placeBox,
  placeGrid,
  side,
} from "./diagram.js";
import { figureToSvg } from "./render.js";

const cells = {
  small: { column: 0, lane: 0, look: "data", title: "A" },
  wide: { column: 0, lane: 2, look: "network", title: "B", lines: ["a line much longer than the others"] },
  right: {
    column: 1,
    lane: 0,
    look: "latent",
    lines: ["one", "two"],
    strips: [{ name: "x", cells: ["context", "context", "rest", "target"] }],
  },
} satisfies Record<string, GridCell>;

test("a line's width counts its characters only, those of subscripts smaller", () => {
  assert.equal(lineWidth("s<sub></sub>", 12), lineWidth("s", 12));
  assert.ok(lineWidth("s<sub>x</sub>", 12) < lineWidth("sx", 12));
  assert.ok(lineWidth("<b>wide</b>", 12) > lineWidth("wide", 12));
  assert.ok(Math.abs(lineWidth("wide", 24) - 2 * lineWidth("wide", 12)) < 0.5);
});

test("columns take the width of their widest box, lanes the height of their tallest, boxes stand in the middle", () => {
  const { boxes, width, height, below, rightOf } = placeGrid(cells, { column: 30, lane: 20 });
  assert.equal(boxes.small.width, boxSize(cells.wide).width);
  assert.equal(boxes.wide.width, boxes.small.width);
  assert.equal(boxes.right.x, boxes.small.x + boxes.small.width + 30);
  assert.equal(side(boxes.small, "left").y, side(boxes.right, "left").y);
  assert.equal(rightOf(0), boxes.right.x - 15);
  assert.equal(below(0), boxes.right.y + boxes.right.height + 10);
  assert.equal(below(1), boxes.wide.y - 10);
  assert.equal(width, boxes.right.x + boxes.right.width + 10);
  assert.equal(height, boxes.wide.y + boxes.wide.height + 10);
});

test("texts stand inside their box, neighbouring cells of one look are one rectangle", () => {
  const { boxes } = placeGrid(cells, { column: 30, lane: 20 });
  const { regions, texts } = placeBox(cells.right, boxes.right);
  for (const { x, y, width } of texts) {
    assert.ok(x - width / 2 > boxes.right.x && x + width / 2 < boxes.right.x + boxes.right.width);
    assert.ok(y > boxes.right.y && y < boxes.right.y + boxes.right.height);
  }
  const strip = regions.filter(({ full }) => full);
  assert.deepEqual(
    strip.map(({ look }) => look),
    ["context", "rest", "target"],
  );
  assert.ok(Math.abs(strip[0].width - 2 * strip[1].width) < 1e-9);
});

test("the figure is vectors: a path per arrow and box, every text once, no picture", async () => {
  const grid = placeGrid(cells, { column: 30, lane: 20 });
  const arrows = [
    flow(side(grid.boxes.small, "right"), side(grid.boxes.right, "left")),
    around(side(grid.boxes.small, "bottom"), grid.below(0), side(grid.boxes.wide, "top")),
  ];
  const diagram = gridDiagram(cells, grid, arrows, [], [["loss", "the key"]]);
  const svg = await figureToSvg(diagramFigure(diagram));
  const count = (pattern: RegExp) => [...svg.matchAll(pattern)].length;
  assert.equal(count(/<path[^>]*data-index/g), diagram.regions.length + 2 * arrows.length);
  for (const text of ["A", "a line much longer than the others", "the key"])
    assert.equal(count(new RegExp(`>${text}<`, "g")), 1, text);
  assert.ok(!svg.includes("<image"));
  assert.equal(await figureToSvg(diagramFigure(diagram)), svg, "the same bytes when drawn again");
});
