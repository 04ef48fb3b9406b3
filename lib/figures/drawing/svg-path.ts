/** What plotly asks a path for, measured by svg-path-properties. */
import { svgPathProperties } from "svg-path-properties";

type Point = readonly [x: number, y: number];

/** Points that a curve or an arc is seen by. */
const curvePoints = 16;

/** A path's length in pixels, its gaps not counted; 0 of an empty `d`. */
export function pathLength(d: string): number {
  return new svgPathProperties(d).getTotalLength();
}

/** The point at a distance along a path, its ends when the distance lies outside. */
export function pointAlong(d: string, distance: number): { x: number; y: number } {
  return new svgPathProperties(d).getPointAtLength(distance);
}

/** Points whose box is that of the path: the ends of its lines, 16 more along each curve or arc. */
export function pathPoints(d: string): Point[] {
  return new svgPathProperties(d).getParts().flatMap(({ start, end, length, getPointAtLength }) => {
    const straight = Math.abs(Math.hypot(end.x - start.x, end.y - start.y) - length) < 1e-9;
    const between = Array.from({ length: straight ? 0 : curvePoints }, (_, i) =>
      getPointAtLength((length * (i + 0.5)) / curvePoints),
    );
    return [start, ...between, end].map(({ x, y }): Point => [x, y]);
  });
}
