import { rgbaPng } from "./png.js";

interface Pixels {
  width: number;
  height: number;
  data: Uint8ClampedArray;
}

/** The part of a browser's 2-d canvas that plotly's heatmaps use: filled rectangles and pixel blocks. */
export interface Canvas2d {
  fillStyle: string;
  fillRect(x: number, y: number, width: number, height: number): void;
  createImageData(width: number, height: number): Pixels;
  putImageData(block: Pixels, x: number, y: number): void;
  /** Draws nothing: plotly puts pictures into the figure by their address and this copy is never read. */
  drawImage(): void;
  /** The canvas as a `data:image/png` address. */
  toDataUrl(): string;
}

/** A transparent canvas of the given size in pixels. */
export function canvas2d(width: number, height: number): Canvas2d {
  const pixels = new Uint8ClampedArray(width * height * 4);
  return {
    fillStyle: "rgb(0,0,0)",
    fillRect(x, y, rectangleWidth, rectangleHeight) {
      const colour = rgbaOf(this.fillStyle);
      const [left, right] = span(x, rectangleWidth, width);
      const [top, bottom] = span(y, rectangleHeight, height);
      for (let row = top; row < bottom; row++)
        for (let column = left; column < right; column++) pixels.set(colour, (row * width + column) * 4);
    },
    createImageData(blockWidth, blockHeight) {
      const data = new Uint8ClampedArray(blockWidth * blockHeight * 4);
      return { width: blockWidth, height: blockHeight, data };
    },
    putImageData(block, x, y) {
      for (let row = 0; row < block.height; row++) {
        const line = block.data.subarray(row * block.width * 4, (row + 1) * block.width * 4);
        pixels.set(line, ((row + y) * width + x) * 4);
      }
    },
    drawImage() {},
    toDataUrl: () => `data:image/png;base64,${rgbaPng(width, height, pixels).toString("base64")}`,
  };
}

/** The whole pixels covered by a side from `start` of signed length `extent`, cut to `0 … limit`. */
function span(start: number, extent: number, limit: number): [number, number] {
  const [low, high] = extent < 0 ? [start + extent, start] : [start, start + extent];
  return [Math.max(0, Math.round(low)), Math.min(limit, Math.round(high))];
}

function rgbaOf(style: string): [number, number, number, number] {
  const numbers = /^rgba?\(([^)]*)\)$/.exec(style)?.[1].split(",").map(Number);
  if (!numbers || numbers.length < 3 || numbers.some(Number.isNaN))
    throw new Error(`fillStyle is "${style}"; use rgb(r,g,b) or rgba(r,g,b,a)`);
  const [red, green, blue, alpha = 1] = numbers;
  return [red, green, blue, alpha * 255];
}
