/** Digits whose right half is drawn by the model, each in a column: the true one, and what is drawn. */
import { cleared, type Palette } from "./canvas.js";
import { digitSide, halfPixels } from "./digits.js";
import { drawnDigits, draws } from "./frame.js";

/**
 * @param left left halves, `[drawnDigits, halfPixels]`
 * @param rights true right halves, then those drawn, each as `left`
 */
export function drawDigits(
  canvas: HTMLCanvasElement,
  left: Float32Array,
  rights: readonly Float32Array[],
  palette: Palette,
): void {
  const { context, width, height } = cleared(canvas);
  const gap = 6;
  const pixel = Math.max(
    1,
    Math.min((width - gap * (drawnDigits - 1)) / drawnDigits, (height - gap * draws) / (draws + 1)) /
      digitSide,
  );
  const half = digitSide / 2;
  const side = pixel * digitSide;
  rights.forEach((right, row) => {
    for (let digit = 0; digit < drawnDigits; digit++) {
      const [x, y] = [digit * (side + gap), row * (side + gap)];
      context.globalAlpha = 1;
      context.fillStyle = palette("raised");
      context.fillRect(x, y, side, side);
      for (const [values, from, ink] of [
        [left, 0, "muted"],
        [right, half, row === 0 ? "muted" : "strong"],
      ] as const) {
        context.fillStyle = palette(ink);
        for (let i = 0; i < halfPixels; i++) {
          const value = values[digit * halfPixels + i];
          if (!(value > 0.04)) continue;
          context.globalAlpha = Math.min(1, value);
          const [line, column] = [Math.floor(i / half), (i % half) + from];
          context.fillRect(x + column * pixel, y + line * pixel, pixel + 0.3, pixel + 0.3);
        }
      }
    }
  });
  context.globalAlpha = 1;
}
