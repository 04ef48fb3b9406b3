/** A latent as a cloud of points, before the rings of N(0, I). */
import { cleared, type Palette } from "./canvas.js";
import type { Cloud } from "./frame.js";

/** Radii that hold half and 95 % of N(0, I) in two dimensions. */
const rings = [Math.sqrt(2 * Math.log(2)), Math.sqrt(2 * Math.log(20))];

/** Half the width of the picture where the points do not need more. */
const leastReach = 3.4;

/**
 * How far a picture must reach to show nearly all points: the next of a smooth approach to it.
 * @param before reach of the picture before; nothing before the first
 */
export function reachOf({ samples, means }: Cloud, before?: number): number {
  const farthest = (points: Float32Array) =>
    points.map(Math.abs).sort()[Math.floor(0.985 * (points.length - 1))];
  const wanted = Math.max(leastReach, 1.2 * Math.max(farthest(samples), farthest(means)));
  return before === undefined ? wanted : before + 0.2 * (wanted - before);
}

/**
 * Draws a cloud: samples faint, means strong, each in the colour of its class; ten classes as their digits, two as dots and squares.
 * @param reach half the width of the picture
 */
export function drawCloud(
  canvas: HTMLCanvasElement,
  { means, samples }: Cloud,
  labels: Uint8Array,
  digits: boolean,
  reach: number,
  palette: Palette,
): void {
  const { context, width, height } = cleared(canvas);
  const scale = Math.min(width, height) / 2 / reach;
  const [left, top] = [width / 2, height / 2];
  drawRings(context, left, top, scale, palette);
  const each = (points: Float32Array, mark: (x: number, y: number, label: number) => void) => {
    for (let i = 0; i < labels.length; i++) {
      context.fillStyle = palette(digits ? `class-${labels[i]}` : `pair-${labels[i]}`);
      mark(left + scale * points[2 * i], top - scale * points[2 * i + 1], labels[i]);
    }
  };
  const dot = (x: number, y: number, label: number, size: number) => {
    if (label === 1) return context.fillRect(x - 0.9 * size, y - 0.9 * size, 1.8 * size, 1.8 * size);
    context.beginPath();
    context.arc(x, y, size, 0, 2 * Math.PI);
    context.fill();
  };
  const points = means.every((value, i) => value === samples[i]);
  if (!points) {
    context.globalAlpha = 0.35;
    each(samples, (x, y, label) => dot(x, y, digits ? 0 : label, 1.5));
  }
  context.globalAlpha = 0.9;
  if (digits) {
    context.font = "600 10px system-ui, sans-serif";
    context.textAlign = "center";
    context.textBaseline = "middle";
    each(means, (x, y, label) => context.fillText(String(label), x, y));
  } else each(means, (x, y, label) => dot(x, y, label, 2.3));
  context.globalAlpha = 1;
}

function drawRings(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  scale: number,
  palette: Palette,
): void {
  context.strokeStyle = palette("rule");
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(x - 4, y);
  context.lineTo(x + 4, y);
  context.moveTo(x, y - 4);
  context.lineTo(x, y + 4);
  context.stroke();
  context.setLineDash([4, 4]);
  context.strokeStyle = palette("muted");
  for (const radius of rings) {
    context.beginPath();
    context.arc(x, y, radius * scale, 0, 2 * Math.PI);
    context.stroke();
  }
  context.setLineDash([]);
}
