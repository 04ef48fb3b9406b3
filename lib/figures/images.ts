import type { Figure } from "./drawing/figure.js";
import { greyPng } from "./drawing/png.js";
import { defaultSize } from "./drawing/theme.js";

/** How `imageGrid` lays its images out; sizes of one image in pixels. */
export interface ImageGridOptions {
  height: number;
  width: number;
  /** Images per row of the grid. */
  columns: number;
  rowLabels?: (string | number)[];
  columnLabels?: (string | number)[];
  title?: string;
  /** A line after so many pixel columns of each image, from the second row of the grid on: where what is given ends. */
  seam?: number;
}

/** White pixels between two images. */
const gap = 2;
const paper = 255;
const largestEnlargement = 3;
const labelSize = 13;

/** All images on one white sheet, one grey byte per image pixel. */
interface Sheet {
  width: number;
  height: number;
  pixels: Uint8Array;
}

/**
 * Grey-scale images side by side, row by row: 0 is white paper, 1 black ink, values outside are cut.
 * @param images at least one, each of `height · width` values, row-major.
 * @throws when there is no image, an image has another length, or labels do not match the rows or columns.
 */
export function imageGrid(images: ArrayLike<number>[], options: ImageGridOptions): Figure {
  const { height, width, columns, rowLabels, columnLabels, title, seam } = options;
  const rows = Math.ceil(images.length / columns);
  if (images.length === 0) throw new Error("images is empty; give at least one image");
  checkCount("rowLabels", rowLabels, rows);
  checkCount("columnLabels", columnLabels, columns);
  const sheet = sheetOf(images, rows, options);
  const enlargement = enlargementOf(sheet);
  const margin = {
    l: rowLabels ? 16 + 0.6 * labelSize * longest(rowLabels) : 8,
    r: 8,
    t: (title ? 40 : 8) + (columnLabels ? 24 : 0),
    b: 8,
  };
  return {
    data: [{ type: "image", source: pngAddress(sheet), hoverinfo: "skip" }],
    layout: {
      ...(title ? { title: { text: title } } : {}),
      ...(seam === undefined
        ? {}
        : { shapes: seamsOf(columns, width, seam, height + gap / 2 - 0.5, sheet.height - 0.5) }),
      width: sheet.width * enlargement + margin.l + margin.r,
      height: sheet.height * enlargement + margin.t + margin.b,
      margin,
      xaxis: {
        ...labelledAxis(columnLabels, width),
        side: "top",
        range: [-0.5, sheet.width - 0.5],
      },
      yaxis: {
        ...labelledAxis(rowLabels, height),
        range: [sheet.height - 0.5, -0.5],
      },
    },
  };
}

/** One line for each column of the grid, from `top` to `bottom`. */
function seamsOf(columns: number, width: number, seam: number, top: number, bottom: number): object[] {
  return Array.from({ length: columns }, (_, i) => {
    const x = i * (width + gap) + seam - 0.5;
    return { type: "line", x0: x, x1: x, y0: top, y1: bottom, line: { color: "#D55E00", width: 1 } };
  });
}

function sheetOf(images: ArrayLike<number>[], rows: number, options: ImageGridOptions): Sheet {
  const { height, width, columns } = options;
  const sheetWidth = columns * (width + gap) - gap;
  const sheetHeight = rows * (height + gap) - gap;
  const pixels = new Uint8Array(sheetWidth * sheetHeight).fill(paper);
  images.forEach((image, i) => {
    if (image.length !== height * width)
      throw new Error(`image ${i} has ${image.length} values; give ${height} × ${width} = ${height * width}`);
    const top = Math.floor(i / columns) * (height + gap);
    const left = (i % columns) * (width + gap);
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        pixels[(top + y) * sheetWidth + left + x] = greyOf(image[y * width + x]);
  });
  return { width: sheetWidth, height: sheetHeight, pixels };
}

/** Screen pixels per image pixel, so that the sheet is about as wide as other figures. */
function enlargementOf(sheet: Sheet): number {
  const fitting = Math.round(defaultSize.width / sheet.width);
  return Math.min(largestEnlargement, Math.max(1, fitting));
}

function pngAddress({ width, height, pixels }: Sheet): string {
  return `data:image/png;base64,${greyPng(width, height, pixels).toString("base64")}`;
}

/** An axis without line or grid whose labels stand at the middles of images of `size` pixels. */
function labelledAxis(labels: (string | number)[] | undefined, size: number): Record<string, unknown> {
  return {
    showline: false,
    showgrid: false,
    ticks: "",
    automargin: false,
    showticklabels: labels !== undefined,
    tickangle: 0,
    tickfont: { size: labelSize },
    tickvals: labels?.map((_, i) => i * (size + gap) + (size - 1) / 2) ?? [],
    ticktext: labels?.map(String) ?? [],
  };
}

function greyOf(ink: number): number {
  return Math.round(255 * (1 - Math.min(1, Math.max(0, ink))));
}

function longest(labels: (string | number)[]): number {
  return Math.max(...labels.map((label) => String(label).replace(/<[^>]*>/g, "").length));
}

function checkCount(name: string, labels: unknown[] | undefined, count: number): void {
  if (labels && labels.length !== count)
    throw new Error(`${name} has ${labels.length} entries; the grid needs ${count}`);
}
