/** A point in pixels, y downwards. */
export type Point = [x: number, y: number];

const parameters: Record<string, number> = { M: 2, L: 2, H: 1, V: 1, C: 6, S: 4, Q: 4, T: 2, A: 7, Z: 0 };
const curveSteps = 16;

/**
 * A path's `d` attribute as a polyline: curves in 16 straight steps, arcs as their chord (plotly asks for
 * the length or the box of lines and curves only). Unconnected parts follow each other.
 */
export function pathPoints(d: string): Point[] {
  const points: Point[] = [];
  let here: Point = [0, 0];
  let start: Point = [0, 0];
  for (const [, letter, tail] of d.matchAll(/([a-zA-Z])([^a-zA-Z]*)/g)) {
    const command = letter.toUpperCase();
    const relative = letter !== command;
    if (command === "Z") {
      here = start;
      points.push(here);
      continue;
    }
    const numbers = (tail.match(/-?\d*\.?\d+(?:e-?\d+)?/gi) ?? []).map(Number);
    const size = parameters[command];
    for (let i = 0; i + size <= numbers.length; i += size) {
      const controls = absolutePoints(command, numbers.slice(i, i + size), here, relative);
      points.push(...curvePoints(here, controls));
      here = controls[controls.length - 1];
      if (command === "M" && i === 0) start = here;
    }
  }
  return points;
}

/** Distance along the polyline at each of its points, in pixels. */
export function runningLengths(points: Point[]): number[] {
  const lengths: number[] = [];
  points.forEach(([x, y], i) => {
    lengths.push(i === 0 ? 0 : lengths[i - 1] + Math.hypot(x - points[i - 1][0], y - points[i - 1][1]));
  });
  return lengths;
}

/** The point at a distance along the polyline, its ends when the distance lies outside. */
export function pointAlong(points: Point[], distance: number): Point {
  if (points.length === 0) return [0, 0];
  const lengths = runningLengths(points);
  const next = lengths.findIndex((length) => length >= distance);
  if (next === 0) return points[0];
  if (next < 0) return points[points.length - 1];
  const share = (distance - lengths[next - 1]) / (lengths[next] - lengths[next - 1]);
  const [[x0, y0], [x1, y1]] = [points[next - 1], points[next]];
  return [x0 + share * (x1 - x0), y0 + share * (y1 - y0)];
}

/** The control points and the end point of one path command, in absolute coordinates. */
function absolutePoints(command: string, numbers: number[], [x, y]: Point, relative: boolean): Point[] {
  const [baseX, baseY] = relative ? [x, y] : [0, 0];
  if (command === "H") return [[baseX + numbers[0], y]];
  if (command === "V") return [[x, baseY + numbers[0]]];
  const coordinates = command === "A" ? numbers.slice(5) : numbers;
  const points: Point[] = [];
  for (let i = 0; i < coordinates.length; i += 2)
    points.push([baseX + coordinates[i], baseY + coordinates[i + 1]]);
  return points;
}

/** A Bézier curve of any degree by de Casteljau's construction; a single control point is a straight line. */
function curvePoints(from: Point, controls: Point[]): Point[] {
  if (controls.length === 1) return controls;
  return Array.from({ length: curveSteps }, (_, step) => {
    const t = (step + 1) / curveSteps;
    let points = [from, ...controls];
    while (points.length > 1)
      points = points.slice(1).map(([x, y], i): Point => {
        const [x0, y0] = points[i];
        return [x0 + t * (x - x0), y0 + t * (y - y0)];
      });
    return points[0];
  });
}
