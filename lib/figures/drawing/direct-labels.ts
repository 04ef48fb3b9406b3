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

/** A text's rectangle around its centre, turned anticlockwise. */
interface Place {
  readonly at: Point;
  readonly angle: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Plotly annotations that name every curve beside one of its points, upright or along the curve: near it, where the text
 * covers few points of any curve and no other text, and where no other curve is nearer. A name that does not fit into the
 * panel is left out; a curve without a name only keeps others off.
 */
export function directLabels(curves: readonly NamedCurve[], panel: LabelPanel): object[] {
  const { xRange, yRange, width, height, size, xaxis, yaxis } = panel;
  const pixels = (value: number, [from, to]: readonly [number, number], whole: number) =>
    ((value - from) / (to - from)) * whole;
  const units = (pixel: number, [from, to]: readonly [number, number], whole: number) =>
    from + (pixel / whole) * (to - from);
  const lines = curves.map(({ x, y }) =>
    dense(x.map((value, i): Point => [pixels(value, xRange, width), pixels(y[i], yRange, height)])),
  );
  const texts: Point[] = [];
  return curves.flatMap(({ name, color }, k) => {
    if (name === "") return [];
    const box = { width: textWidth(name, { size, bold: false, italic: false }) + 4, height: 1.15 * size };
    const others = lines.filter((_, i) => i !== k).flat();
    const cost = (place: Place) => {
      const [own, other, text] = [lines[k], others, texts].map((points) => around(place, points));
      return (
        own.away +
        (place.angle === 0 ? 0 : TURNED) +
        (other.away < own.away + 3 ? MISREAD : 0) +
        COVERED * other.covered +
        CROSSED * own.covered +
        COLLISION * text.covered
      );
    };
    const inside = places(lines[k], box).filter((place) =>
      outline(place).every(([x, y]) => x >= 0 && x <= width && y >= 0 && y <= height),
    );
    const costs = inside.map(cost);
    const best = inside[costs.indexOf(Math.min(...costs))];
    if (!best) return [];
    texts.push(...outline(best));
    return [
      {
        text: name,
        x: units(best.at[0], xRange, width),
        y: units(best.at[1], yRange, height),
        xref: xaxis,
        yref: yaxis,
        xanchor: "center",
        yanchor: "middle",
        textangle: Math.round((-best.angle * 180) / Math.PI),
        showarrow: false,
        font: { size, color },
      },
    ];
  });
}

/** Costs in pixels of distance: a turned text, another curve nearer, a point of another curve or of its own covered, another text covered. */
const TURNED = 6;
const MISREAD = 100;
const COVERED = 40;
const CROSSED = 15;
const COLLISION = 1e6;

/** Pixels between neighbours on a line. */
const STEP = 4;

/** Where a text may stand beside a line. */
function places(line: readonly Point[], box: Pick<Place, "width" | "height">): Place[] {
  const reach = Math.round(box.width / 2 / STEP);
  return line.flatMap(([x, y], i) => {
    if (i % 4 !== 0) return [];
    const [before, after] = [line[i - reach], line[i + reach]];
    const along = before && after ? Math.atan2(after[1] - before[1], after[0] - before[0]) : 0;
    const turned = Math.abs(along) < Math.PI / 2.5 && along !== 0 ? [{ angle: along, shift: 0 }] : [];
    const upright = [-0.6, -0.3, 0, 0.3, 0.6].map((share) => ({ angle: 0, shift: share * box.width }));
    return [...upright, ...turned].flatMap(({ angle, shift }) =>
      [-1, 1].flatMap((side) =>
        [4, 10, 18].map((gap): Place => {
          const off = side * (box.height / 2 + gap);
          return { ...box, angle, at: [x + shift - off * Math.sin(angle), y + off * Math.cos(angle)] };
        }),
      ),
    );
  });
}

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

/** Points around a text and along its middle. */
function outline({ at, angle, width, height }: Place): Point[] {
  return Array.from({ length: 13 }, (_, i) => (i / 12 - 0.5) * width).flatMap((u) =>
    [-height / 2, 0, height / 2].map(
      (v): Point => [
        at[0] + u * Math.cos(angle) - v * Math.sin(angle),
        at[1] + u * Math.sin(angle) + v * Math.cos(angle),
      ],
    ),
  );
}

/** Pixels from a text's edge to the nearest of some points, and how many of them it covers. */
function around({ at, angle, width, height }: Place, points: readonly Point[]) {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  let least = Infinity;
  let covered = 0;
  for (const [x, y] of points) {
    const [dx, dy] = [x - at[0], y - at[1]];
    const u = Math.max(0, Math.abs(dx * cos + dy * sin) - width / 2);
    const v = Math.max(0, Math.abs(dy * cos - dx * sin) - height / 2);
    const squared = u * u + v * v;
    if (squared < least) least = squared;
    if (squared <= 1) covered++;
  }
  return { away: Math.sqrt(least), covered };
}
