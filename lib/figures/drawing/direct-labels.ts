/** Names of curves, written at the curves themselves. */
import { textWidth } from "./text-metrics.js";

/** A curve with its name, in the units of the axes. */
export interface NamedCurve {
  readonly name: string;
  readonly color: string;
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/** Where curves lie: plotly's names of the axes, their ranges (linear) and the panel's size in pixels. */
export interface LabelPanel {
  readonly xaxis: string;
  readonly yaxis: string;
  readonly xRange: readonly [number, number];
  readonly yRange: readonly [number, number];
  readonly width: number;
  readonly height: number;
  /** Size of the text in pixels. */
  readonly size: number;
}

type Point = readonly [x: number, y: number];

/** A rectangle around its centre. */
interface Place {
  readonly at: Point;
  readonly width: number;
  readonly height: number;
}

/**
 * Plotly annotations that name every curve beside one of its points: where the text covers the fewest points of any curve
 * and no other text.
 */
export function directLabels(curves: readonly NamedCurve[], panel: LabelPanel): object[] {
  const { xRange, yRange, width, height, size, xaxis, yaxis } = panel;
  const scaled = (value: number, [from, to]: readonly [number, number], pixels: number) =>
    ((value - from) / (to - from)) * pixels;
  const lines = curves.map(({ x, y }) =>
    dense(x.map((value, i): Point => [scaled(value, xRange, width), scaled(y[i], yRange, height)])),
  );
  const placed: Place[] = [];
  return curves.flatMap(({ name, color }, k) => {
    const box = {
      width: textWidth(name, { size, bold: false, italic: false }) + 4,
      height: 1.25 * size,
    };
    const places = lines[k].flatMap(([x, y]) =>
      [-1, 1].flatMap((side) =>
        [-0.5, 0, 0.5].map(
          (across): Place => ({ ...box, at: [x + across * box.width, y + side * (box.height / 2 + 4)] }),
        ),
      ),
    );
    const inside = places.filter(
      ({ at: [x, y] }) =>
        x >= box.width / 2 &&
        x <= width - box.width / 2 &&
        y >= box.height / 2 &&
        y <= height - box.height / 2,
    );
    const cost = (place: Place) =>
      lines.flat().filter((point) => covers(place, point)).length +
      COLLISION * placed.filter((other) => collide(place, other)).length;
    const costs = inside.map(cost);
    const best = inside[costs.indexOf(Math.min(...costs))];
    if (!best) return [];
    placed.push(best);
    const back = (value: number, [from, to]: readonly [number, number], pixels: number) =>
      from + (value / pixels) * (to - from);
    return [
      {
        text: name,
        x: back(best.at[0], xRange, width),
        y: back(best.at[1], yRange, height),
        xref: xaxis,
        yref: yaxis,
        xanchor: "center",
        yanchor: "middle",
        showarrow: false,
        font: { size, color },
      },
    ];
  });
}

/** More than any number of points that a text can cover. */
const COLLISION = 1e6;

/** Pixels between neighbours on a line. */
const STEP = 4;

function dense(points: readonly Point[]): Point[] {
  return points.flatMap((point, i): Point[] => {
    const next = points[i + 1];
    if (!next) return [point];
    const [dx, dy] = [next[0] - point[0], next[1] - point[1]];
    const steps = Math.max(1, Math.ceil(Math.hypot(dx, dy) / STEP));
    return Array.from(
      { length: steps },
      (_, k): Point => [point[0] + (k / steps) * dx, point[1] + (k / steps) * dy],
    );
  });
}

function covers({ at, width, height }: Place, [x, y]: Point): boolean {
  return Math.abs(x - at[0]) < width / 2 + 1 && Math.abs(y - at[1]) < height / 2 + 1;
}

function collide(a: Place, b: Place): boolean {
  return (
    Math.abs(a.at[0] - b.at[0]) < (a.width + b.width) / 2 &&
    Math.abs(a.at[1] - b.at[1]) < (a.height + b.height) / 2
  );
}
