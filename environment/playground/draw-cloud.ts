/** A latent as a cloud of points, before the rings of N(0, I) and a bar that says how large a length is. */
import { cleared, type Palette, type Surface } from "./canvas.js";
import type { Cloud } from "./frame.js";
import { short } from "./words.js";

/** Radii that hold half and 95 % of N(0, I) in two dimensions. */
const rings = [Math.sqrt(2 * Math.log(2)), Math.sqrt(2 * Math.log(20))];

/** Half the width of a picture that shows both rings. */
const ringsReach = 3.4;

/** How far a picture reaches, as half its width. */
export interface Reach {
  /** Of this picture. */
  readonly now: number;
  /** The least of every later picture of the run: a cloud that shrinks is seen to shrink. */
  readonly least: number;
}

/**
 * How far a picture must reach to show nearly all points, and both rings where they come near one. It widens as points leave it,
 * but narrows only down to the rings; where the run began with less than these, down to what it has needed so far.
 * @param before reach of the run's picture before; nothing before the first
 * @param smoothly whether only a part of the way is gone
 */
export function reachOf({ samples, means }: Cloud, before?: Reach, smoothly = false): Reach {
  const farthest = (points: Float32Array) =>
    points.map(Math.abs).sort()[Math.floor(0.985 * (points.length - 1))];
  const needed = Math.max(1e-9, 1.2 * Math.max(farthest(samples), farthest(means)));
  const held = needed < rings[0] ? needed : ringsReach;
  const least = Math.max(held, before?.least ?? 0);
  const wanted = Math.max(needed, least);
  return { now: before && smoothly ? before.now + 0.2 * (wanted - before.now) : wanted, least };
}

/** How many pictures wide the outer ring is, where neither ring is in sight; nothing where one is. */
export function ringsBeyond(reach: number): number | undefined {
  return rings[0] > Math.SQRT2 * reach ? rings[1] / reach : undefined;
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
  drawBar({ context, width, height }, reach, palette);
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
  context.strokeStyle = palette("muted");
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(x - 4, y);
  context.lineTo(x + 4, y);
  context.moveTo(x, y - 4);
  context.lineTo(x, y + 4);
  context.stroke();
  context.setLineDash([4, 4]);
  for (const radius of rings) {
    context.beginPath();
    context.arc(x, y, radius * scale, 0, 2 * Math.PI);
    context.stroke();
  }
  context.setLineDash([]);
}

/** A bar in the corner, a quarter to a half of the half width long, and how long it is; and a word on rings that are out of sight. */
function drawBar({ context, width, height }: Surface, reach: number, palette: Palette): void {
  const power = 10 ** Math.floor(Math.log10(reach / 2));
  const length = power * [5, 2, 1].find((digit) => digit * power <= reach / 2)!;
  const long = (length * Math.min(width, height)) / 2 / reach;
  const [left, bottom] = [8.5, height - 8.5];
  context.strokeStyle = palette("muted");
  context.fillStyle = palette("muted");
  context.font = "10.5px system-ui, sans-serif";
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(left, bottom - 4);
  context.lineTo(left, bottom);
  context.lineTo(left + long, bottom);
  context.lineTo(left + long, bottom - 4);
  context.stroke();
  context.textAlign = "left";
  context.textBaseline = "bottom";
  context.fillText(short(Number(length.toPrecision(1))), left + 4, bottom - 2);
  const beyond = ringsBeyond(reach);
  if (beyond === undefined) return;
  context.textBaseline = "top";
  context.fillText(`N(0, I) is ${short(Number(beyond.toPrecision(2)))} pictures wide`, left, 8);
}
