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
 * Plotly annotations that name every curve beside one of its points: near it, where the text covers few points of any curve
 * and no other text, and where no other curve is nearer. A name that does not fit into the panel is left out.
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
    const own = lines[k].filter((_, i) => i % 3 === 0);
    const inside = own.flatMap(([x, y]) =>
      steps.flatMap((step) =>
        [-1, 1].flatMap((side) =>
          [-0.6, -0.3, 0, 0.3, 0.6].flatMap((across): Place[] => {
            const at: Point = [x + across * box.width, y + side * (box.height / 2 + 4 + step)];
            const fits =
              at[0] >= box.width / 2 &&
              at[0] <= width - box.width / 2 &&
              at[1] >= box.height / 2 &&
              at[1] <= height - box.height / 2;
            return fits ? [{ ...box, at }] : [];
          }),
        ),
      ),
    );
    const others = lines.filter((_, i) => i !== k).flat();
    const cost = (place: Place) => {
      const away = nearest(place, lines[k]);
      const covered = others.filter((point) => covers(place, point)).length;
      const crossed = lines[k].filter((point) => covers(place, point)).length;
      const misread = others.length > 0 && nearest(place, others) < away + 3 ? MISREAD : 0;
      const collisions = placed.filter((other) => collide(place, other)).length;
      return away + COVERED * covered + CROSSED * crossed + misread + COLLISION * collisions;
    };
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

/** Costs in pixels of distance: a point of another curve or of its own covered, another curve nearer, another text covered. */
const COVERED = 40;
const CROSSED = 15;
const MISREAD = 100;
const COLLISION = 1e6;

/** Pixels between a text and its curve, beyond the smallest distance. */
const steps = [0, 8, 16, 24];

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

/** Pixels from a text's edge to the nearest of some points. */
function nearest({ at, width, height }: Place, points: readonly Point[]): number {
  let least = Infinity;
  for (const [x, y] of points) {
    const across = Math.max(0, Math.abs(x - at[0]) - width / 2);
    const along = Math.max(0, Math.abs(y - at[1]) - height / 2);
    least = Math.min(least, Math.hypot(across, along));
  }
  return least;
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
