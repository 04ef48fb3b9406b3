import assert from "node:assert/strict";
import { test } from "node:test";
import { JSDOM } from "jsdom";
import type { Box } from "./box.js";
import { ownBox, pageBox } from "./svg-geometry.js";
import { textWidth } from "./text-metrics.js";

/** The element with id "it" of an SVG with this content. */
function element(content: string): SVGElement {
  const page = new JSDOM(`<svg xmlns="http://www.w3.org/2000/svg">${content}</svg>`);
  return page.window.document.querySelector("#it") as SVGElement;
}

function near(actual: Box, expected: Box): void {
  for (const side of ["x", "y", "width", "height"] as const)
    assert.ok(
      Math.abs(actual[side] - expected[side]) < 1e-9,
      `${side} is ${actual[side]}, not ${expected[side]}`,
    );
}

test("boxes of shapes", () => {
  near(ownBox(element('<rect id="it" x="1" y="2" width="3" height="4"/>')), {
    x: 1,
    y: 2,
    width: 3,
    height: 4,
  });
  near(ownBox(element('<circle id="it" cx="5" cy="6" r="2"/>')), { x: 3, y: 4, width: 4, height: 4 });
  near(ownBox(element('<path id="it" d="M1,1l4,0v-3"/>')), { x: 1, y: -2, width: 4, height: 3 });
  near(ownBox(element('<g id="it"></g>')), { x: 0, y: 0, width: 0, height: 0 });
});

test("a group holds its visible children, moved by their transforms", () => {
  const group = `<g id="it" transform="translate(100,100)">
    <rect width="2" height="2"/>
    <rect width="1" height="1" transform="translate(10 20)scale(2)"/>
    <rect width="99" height="99" style="display:none"/>
    <clipPath><rect width="99" height="99"/></clipPath></g>`;
  near(ownBox(element(group)), { x: 0, y: 0, width: 12, height: 22 });
  near(pageBox(element(group)), { x: 100, y: 100, width: 12, height: 22 });
});

test("rotation about the origin and about a point", () => {
  const rect = '<rect id="it" width="4" height="2" transform="TURN"/>';
  near(pageBox(element(rect.replace("TURN", "rotate(90)"))), { x: -2, y: 0, width: 2, height: 4 });
  near(pageBox(element(rect.replace("TURN", "rotate(90,4,2)"))), { x: 4, y: -2, width: 2, height: 4 });
  near(pageBox(element(rect.replace("TURN", "matrix(0,1,-1,0,0,0)"))), { x: -2, y: 0, width: 2, height: 4 });
  assert.throws(
    () => pageBox(element(rect.replace("TURN", "skewX(3)"))),
    /transform "skewX" is not measured/,
  );
});

test("text: anchor, lines, and smaller subscripts", () => {
  const face = { size: 20, bold: false, italic: false };
  const width = textWidth("loss", face);
  const text = (attributes: string, content: string) =>
    element(`<text id="it" x="50" y="30" ${attributes} style="font-size:20px">${content}</text>`);
  const start = ownBox(text("", "loss"));
  assert.equal(start.x, 50);
  assert.equal(start.width, width);
  assert.ok(start.y < 30 && start.y + start.height > 30);
  assert.equal(ownBox(text('text-anchor="middle"', "loss")).x, 50 - width / 2);
  assert.equal(ownBox(text('text-anchor="end"', "loss")).x, 50 - width);
  const lines = '<tspan class="line">loss</tspan><tspan class="line">l</tspan>';
  assert.equal(ownBox(text("", lines)).width, width);
  near(ownBox(text("", lines)), { ...start, height: start.height + 1.3 * 20 });
  const sub = ownBox(text("", 's<tspan style="font-size:70%">x</tspan>')).width;
  assert.equal(sub, textWidth("s", face) + textWidth("x", { ...face, size: 14 }));
  const bold = ownBox(text("", '<tspan style="font-weight:bold">loss</tspan>')).width;
  assert.equal(bold, textWidth("loss", { ...face, bold: true }));
});
