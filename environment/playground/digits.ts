/** The file of digits that the site ships: images made smaller, a byte a pixel, then a byte for each one's class. */
import type { Views } from "../../lib/data/simulation.js";

/** Lines and columns of an image, and the pixels of one half of it. */
export const digitSide = 14;
export const halfPixels = (digitSide * digitSide) / 2;

const full = 28;

/**
 * Digits as the site ships them, at half their size: each pixel the mean of four.
 * @param images ink from 0 to 1, row-major `[count, 28, 28]`
 * @param labels `[count]`
 */
export function packDigits(images: Float32Array, labels: Uint8Array): Uint8Array {
  const pixels = digitSide * digitSide;
  const packed = new Uint8Array(labels.length * (pixels + 1));
  for (let i = 0; i < labels.length * pixels; i++) {
    const [row, column] = [Math.floor(i / digitSide), i % digitSide];
    const from = 2 * row * full + 2 * column;
    const ink = images[from] + images[from + 1] + images[from + full] + images[from + full + 1];
    packed[i] = Math.round((255 * ink) / 4);
  }
  packed.set(labels, labels.length * pixels);
  return packed;
}

/**
 * Left halves x and right halves y of digits `from` … `from + rows − 1`.
 * @throws when the file holds fewer.
 */
export function digitViews(packed: Uint8Array, from: number, rows: number): Views {
  const pixels = digitSide * digitSide;
  const count = packed.length / (pixels + 1);
  if (!Number.isInteger(count) || from + rows > count)
    throw new Error(`the file of digits holds ${count}, not ${from + rows}; make the book again`);
  const half = digitSide / 2;
  const x = new Float32Array(rows * halfPixels);
  const y = new Float32Array(rows * halfPixels);
  for (let i = 0; i < rows * pixels; i++) {
    const [line, column] = [Math.floor(i / digitSide), i % digitSide];
    const ink = packed[from * pixels + i] / 255;
    if (column < half) x[line * half + column] = ink;
    else y[line * half + column - half] = ink;
  }
  return { rows, x, y, labels: packed.slice(count * pixels + from, count * pixels + from + rows) };
}
