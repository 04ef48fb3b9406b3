/** A small chart of values over steps. */
import { cleared, type Palette } from "./canvas.js";
import { short } from "./words.js";

/** Values over steps. */
export interface Curve {
  readonly steps: number[];
  readonly values: number[];
  /** Of the palette. */
  readonly ink: string;
}

/** How a chart's values are laid out. */
export interface Scale {
  /** Powers of ten; values that are not above 0 are left out. */
  readonly logarithmic?: boolean;
  /** Values that the chart holds whatever the curves do. */
  readonly holds?: readonly number[];
}

/** Least and largest value of a chart: most of what the curves have, without the few farthest out. */
export function rangeOf(curves: readonly Curve[], { logarithmic, holds = [] }: Scale): [number, number] {
  const values = curves
    .flatMap((curve) => thinned(curve.values, 300))
    .filter((value) => Number.isFinite(value) && (!logarithmic || value > 0))
    .sort((a, b) => a - b);
  const at = (share: number) => values[Math.round(share * (values.length - 1))];
  const ends = [
    ...holds.filter((value) => Number.isFinite(value)),
    ...(values.length > 0 ? [at(0.01), at(0.99)] : []),
  ];
  if (ends.length === 0) return [0, 1];
  const [least, most] = [Math.min(...ends), Math.max(...ends)];
  if (logarithmic) return [least / 1.3, most * 1.3];
  const room = most > least ? 0.06 * (most - least) : Math.max(0.5, 0.1 * Math.abs(most));
  return [holds.includes(least) ? least : least - room, holds.includes(most) ? most : most + room];
}

/** How much of a chart is its axis of steps. */
const axisHeight = 15;

/** Of how many values one is taken, so that there are about as many as wanted, the last among them. */
function strideOf(values: readonly number[], wanted: number): number {
  return Math.max(1, Math.floor(values.length / wanted));
}

function thinned(values: readonly number[], wanted: number): number[] {
  const stride = strideOf(values, wanted);
  return values.filter((_, i) => (values.length - 1 - i) % stride === 0);
}

/**
 * Draws a chart.
 * @param floor where a dashed line stands
 * @param last step at the right end
 */
export function drawCurves(
  canvas: HTMLCanvasElement,
  curves: readonly Curve[],
  scale: Scale,
  floor: number | undefined,
  last: number,
  palette: Palette,
): void {
  const { context, width, height } = cleared(canvas);
  const [least, most] = rangeOf(curves, scale);
  const [left, right, top, bottom] = [50, width - 3, 5, height - axisHeight];
  const place = scale.logarithmic ? Math.log : (value: number) => value;
  const y = (value: number) =>
    bottom - ((place(value) - place(least)) / (place(most) - place(least))) * (bottom - top);
  const x = (step: number) => left + (step / Math.max(1, last)) * (right - left);
  context.strokeStyle = palette("rule");
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(left - 0.5, top);
  context.lineTo(left - 0.5, bottom + 0.5);
  context.lineTo(right, bottom + 0.5);
  context.stroke();
  context.fillStyle = palette("muted");
  context.font = "10.5px system-ui, sans-serif";
  context.textAlign = "right";
  context.textBaseline = "top";
  context.fillText(short(Number(most.toPrecision(2))), left - 4, top - 2);
  context.textBaseline = "bottom";
  context.fillText(short(Number(least.toPrecision(2))), left - 4, bottom + 3);
  context.fillText(`${last} steps`, right, height);
  context.textAlign = "left";
  context.fillText("0", left, height);
  context.save();
  context.beginPath();
  context.rect(left, 0, right - left + 3, bottom);
  context.clip();
  if (floor !== undefined) {
    context.setLineDash([5, 4]);
    context.strokeStyle = palette("muted");
    context.beginPath();
    context.moveTo(left, y(floor));
    context.lineTo(right, y(floor));
    context.stroke();
    context.setLineDash([]);
  }
  context.lineWidth = 1.6;
  context.lineJoin = "round";
  for (const { steps, values, ink } of curves) {
    context.strokeStyle = palette(ink);
    context.beginPath();
    const stride = strideOf(values, right - left);
    let drawing = false;
    for (let i = (values.length - 1) % stride; i < values.length; i += stride) {
      const drawable = Number.isFinite(values[i]) && (!scale.logarithmic || values[i] > 0);
      if (drawable)
        context[drawing ? "lineTo" : "moveTo"](x(steps[i]), Math.max(-9, Math.min(height + 9, y(values[i]))));
      drawing = drawable;
    }
    context.stroke();
  }
  context.restore();
}
