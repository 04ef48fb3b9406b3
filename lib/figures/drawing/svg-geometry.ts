import { rangeOf } from "../../moments.js";
import type { Box } from "./box.js";
import { pathPoints } from "./svg-path.js";
import { fontExtent, type TextStyle, textWidth } from "./text-metrics.js";

/** An affine map (x, y) ↦ (a·x + c·y + e, b·x + d·y + f), in SVG's order. */
type Matrix = [a: number, b: number, c: number, d: number, e: number, f: number];

const identity: Matrix = [1, 0, 0, 1, 0, 0];
const emptyBox: Box = { x: 0, y: 0, width: 0, height: 0 };
const lineHeight = 1.3;
const defaultFontSize = 12;

/** The box of an SVG element in its own coordinates (what a browser's `getBBox` returns). */
export function ownBox(element: SVGElement): Box {
  switch (element.tagName.toLowerCase()) {
    case "text":
      return textBox(element);
    case "tspan":
      return textBox(element.closest("text") as SVGElement);
    case "rect":
    case "image":
      return {
        x: attribute(element, "x"),
        y: attribute(element, "y"),
        width: attribute(element, "width"),
        height: attribute(element, "height"),
      };
    case "circle": {
      const r = attribute(element, "r");
      return {
        x: attribute(element, "cx") - r,
        y: attribute(element, "cy") - r,
        width: 2 * r,
        height: 2 * r,
      };
    }
    case "path":
      return boxOfPoints(pathPoints(element.getAttribute("d") ?? ""));
    default:
      return union(visibleChildren(element).map((child) => mapped(transformOf(child), ownBox(child))));
  }
}

/** The box of an SVG element in the coordinates of its outermost picture (`getBoundingClientRect`). */
export function pageBox(element: SVGElement): Box {
  let box = ownBox(element);
  for (let e: Element | null = element; e && e.tagName.toLowerCase() !== "svg"; e = e.parentElement)
    box = mapped(transformOf(e), box);
  return box;
}

/** Box of a `<text>`; plotly puts each line in a `<tspan class="line">`. */
function textBox(text: SVGElement): Box {
  const size = Number.parseFloat(inherited(text, "font-size")) || defaultFontSize;
  const lines = [...text.querySelectorAll<SVGElement>("tspan.line")];
  const rows = lines.length > 0 ? lines : [text];
  const width = Math.max(...rows.map((row) => runWidth(row, size)));
  const anchor = inherited(text, "text-anchor");
  const shift = anchor === "middle" ? width / 2 : anchor === "end" ? width : 0;
  return {
    x: attribute(text, "x") - shift,
    y: attribute(text, "y") - fontExtent.ascent * size,
    width,
    height: (fontExtent.ascent + fontExtent.descent + (rows.length - 1) * lineHeight) * size,
  };
}

/** Width of an element's characters; sub- and superscripts are spans with a font size in per cent. */
function runWidth(element: SVGElement, size: number): number {
  let width = 0;
  for (const node of element.childNodes) {
    if (node.nodeType === node.TEXT_NODE) width += textWidth(node.nodeValue ?? "", faceOf(element, size));
    else if (node.nodeType === node.ELEMENT_NODE)
      width += runWidth(node as SVGElement, spanSize(node as SVGElement, size));
  }
  return width;
}

function spanSize(span: SVGElement, size: number): number {
  const own = span.style.fontSize;
  const value = Number.parseFloat(own);
  if (own.endsWith("%")) return (size * value) / 100;
  return own.endsWith("px") ? value : size;
}

function faceOf(element: SVGElement, size: number): TextStyle {
  return {
    size,
    bold: /bold|[6-9]00/.test(inherited(element, "font-weight")),
    italic: /italic|oblique/.test(inherited(element, "font-style")),
  };
}

/** A style property or presentation attribute of the element or its nearest ancestor that has one. */
function inherited(element: SVGElement, property: string): string {
  for (let e: SVGElement | null = element; e?.style; e = e.parentElement as SVGElement | null) {
    const value = e.style.getPropertyValue(property) || e.getAttribute(property);
    if (value) return value;
  }
  return "";
}

function attribute(element: SVGElement, name: string): number {
  return Number.parseFloat(element.getAttribute(name) ?? "") || 0;
}

function visibleChildren(element: SVGElement): SVGElement[] {
  return ([...element.children] as SVGElement[]).filter(
    (child) => !/^(defs|clippath|style|title)$/i.test(child.tagName) && child.style?.display !== "none",
  );
}

function transformOf(element: Element): Matrix {
  let matrix = identity;
  for (const [, name, list] of (element.getAttribute("transform") ?? "").matchAll(/(\w+)\(([^)]*)\)/g)) {
    const numbers = list
      .trim()
      .split(/[\s,]+/)
      .map(Number);
    matrix = product(matrix, transformStep(name, numbers));
  }
  return matrix;
}

function transformStep(name: string, numbers: number[]): Matrix {
  const [first, second] = numbers;
  if (name === "matrix") return numbers as Matrix;
  if (name === "translate") return [1, 0, 0, 1, first, second ?? 0];
  if (name === "scale") return [first, 0, 0, second ?? first, 0, 0];
  if (name === "rotate") {
    const [, x = 0, y = 0] = numbers;
    const cosine = Math.cos((first * Math.PI) / 180);
    const sine = Math.sin((first * Math.PI) / 180);
    return [cosine, sine, -sine, cosine, x - cosine * x + sine * y, y - sine * x - cosine * y];
  }
  throw new Error(`SVG transform "${name}" is not measured; use translate, scale, rotate or matrix`);
}

function product(p: Matrix, q: Matrix): Matrix {
  return [
    p[0] * q[0] + p[2] * q[1],
    p[1] * q[0] + p[3] * q[1],
    p[0] * q[2] + p[2] * q[3],
    p[1] * q[2] + p[3] * q[3],
    p[0] * q[4] + p[2] * q[5] + p[4],
    p[1] * q[4] + p[3] * q[5] + p[5],
  ];
}

function mapped([a, b, c, d, e, f]: Matrix, box: Box): Box {
  const corners = [
    [box.x, box.y],
    [box.x + box.width, box.y],
    [box.x, box.y + box.height],
    [box.x + box.width, box.y + box.height],
  ];
  return boxOfPoints(corners.map(([x, y]) => [a * x + c * y + e, b * x + d * y + f]));
}

function boxOfPoints(points: readonly (readonly number[])[]): Box {
  if (points.length === 0) return emptyBox;
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  const [left, right] = rangeOf(xs);
  const [top, bottom] = rangeOf(ys);
  return { x: left, y: top, width: right - left, height: bottom - top };
}

function union(boxes: Box[]): Box {
  const seen = boxes.filter((box) => box.width > 0 || box.height > 0);
  return boxOfPoints(
    seen.flatMap((box) => [
      [box.x, box.y],
      [box.x + box.width, box.y + box.height],
    ]),
  );
}
