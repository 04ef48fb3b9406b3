import { crc32, deflateSync } from "node:zlib";

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const colourType = { grey: 0, palette: 3, rgba: 6 } as const;

/** A PNG file of grey pixels, one byte each (0 black … 255 white), row-major `[height, width]`. */
export function greyPng(width: number, height: number, pixels: Uint8Array): Buffer {
  return png(width, height, colourType.grey, 1, pixels, []);
}

/** A PNG file of pixels of four bytes (red, green, blue, alpha), row-major `[height, width, 4]`. */
export function rgbaPng(width: number, height: number, pixels: Uint8Array | Uint8ClampedArray): Buffer {
  return png(width, height, colourType.rgba, 4, pixels, []);
}

/**
 * A PNG file with at most 256 colours, a third of the size of the full-colour file for a typical plot.
 * Exact when the picture has no more than 256 colours; otherwise similar colours are joined (median cut,
 * Heckbert 1982), in a way that keeps the exact colour of flat areas.
 * @param rgba opaque pixels, row-major `[height, width, 4]`.
 */
export function palettePng(width: number, height: number, rgba: Uint8Array): Buffer {
  const counts = colourCounts(rgba);
  const groups = medianCut([...counts.keys()], counts, 256);
  const indexOf = new Map<number, number>();
  groups.forEach((group, index) => {
    for (const colour of group) indexOf.set(colour, index);
  });
  const pixels = new Uint8Array(width * height);
  for (let i = 0; i < pixels.length; i++) pixels[i] = indexOf.get(colourAt(rgba, i))!;
  const palette = Buffer.from(groups.flatMap((group) => representative(group, counts)));
  return png(width, height, colourType.palette, 1, pixels, [chunk("PLTE", palette)]);
}

function png(
  width: number,
  height: number,
  colour: number,
  bytesPerPixel: number,
  pixels: Uint8Array | Uint8ClampedArray,
  extraChunks: Buffer[],
): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  header[9] = colour;
  const stride = width * bytesPerPixel;
  const rows = Buffer.alloc((stride + 1) * height);
  for (let y = 0; y < height; y++)
    rows.set(pixels.subarray(y * stride, (y + 1) * stride), y * (stride + 1) + 1);
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    ...extraChunks,
    chunk("IDAT", deflateSync(rows, { level: 9 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(type: string, content: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), content]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
}

function colourAt(rgba: Uint8Array, pixel: number): number {
  return (rgba[4 * pixel] << 16) | (rgba[4 * pixel + 1] << 8) | rgba[4 * pixel + 2];
}

function channels(colour: number): [number, number, number] {
  return [colour >> 16, (colour >> 8) & 255, colour & 255];
}

function colourCounts(rgba: Uint8Array): Map<number, number> {
  const counts = new Map<number, number>();
  for (let i = 0; i < rgba.length / 4; i++) {
    const colour = colourAt(rgba, i);
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  return counts;
}

/** The colour that makes up most of the group's pixels; their mean when none does. */
function representative(colours: number[], counts: Map<number, number>): number[] {
  const pixels = colours.reduce((sum, colour) => sum + counts.get(colour)!, 0);
  const main = colours.find((colour) => 2 * counts.get(colour)! > pixels);
  if (main !== undefined) return channels(main);
  const sums = [0, 0, 0];
  for (const colour of colours)
    channels(colour).forEach((value, c) => {
      sums[c] += value * counts.get(colour)!;
    });
  return sums.map((sum) => Math.round(sum / pixels));
}

/** Splits the colours into at most `limit` groups, always the group with the widest channel at its median. */
function medianCut(colours: number[], counts: Map<number, number>, limit: number): number[][] {
  const groups = [colours];
  while (groups.length < limit) {
    const spans = groups.map(widestChannel);
    const widest = spans.reduce((best, span, i) => (span.width > spans[best].width ? i : best), 0);
    if (spans[widest].width === 0) break;
    const channel = spans[widest].channel;
    const sorted = groups[widest].sort((a, b) => channels(a)[channel] - channels(b)[channel] || a - b);
    const middle = weightedMiddle(sorted, counts);
    groups.splice(widest, 1, sorted.slice(0, middle), sorted.slice(middle));
  }
  return groups;
}

function widestChannel(colours: number[]): { channel: number; width: number } {
  const low = [255, 255, 255];
  const high = [0, 0, 0];
  for (const colour of colours)
    channels(colour).forEach((value, c) => {
      low[c] = Math.min(low[c], value);
      high[c] = Math.max(high[c], value);
    });
  const widths = high.map((value, c) => value - low[c]);
  const channel = widths.indexOf(Math.max(...widths));
  return { channel, width: widths[channel] };
}

/** Where to cut so that both sides hold about half of the pixels and at least one colour. */
function weightedMiddle(sorted: number[], counts: Map<number, number>): number {
  const total = sorted.reduce((sum, colour) => sum + counts.get(colour)!, 0);
  let seen = 0;
  const middle = sorted.findIndex((colour) => {
    seen += counts.get(colour)!;
    return 2 * seen >= total;
  });
  return Math.min(Math.max(middle, 1), sorted.length - 1);
}
