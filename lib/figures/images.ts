import type { Figure } from "./figure.js";
import { greyPng } from "./png.js";
import { defaultSize } from "./theme.js";

/** How `imageGrid` lays its images out; sizes of one image in pixels. */
export interface ImageGridOptions {
  height: number;
  width: number;
  /** Images per row of the grid. */
  columns: number;
  rowLabels?: (string | number)[];
  columnLabels?: (string | number)[];
  title?: string;
}

/** White pixels between two images. */
const gap = 2;
const paper = 255;
const largestEnlargement = 3;
const labelSize = 13;

/**
 * Grey-scale images side by side, row by row: 0 is white paper, 1 black ink, values outside are cut.
 * @param images each of `height · width` values, row-major.
 * @throws when an image has another length, or labels do not match the rows or columns.
 */
export function imageGrid(images: ArrayLike<number>[], options: ImageGridOptions): Figure {
  const { height, width, columns, rowLabels, columnLabels, title } = options;
  const rows = Math.ceil(images.length / columns);
  checkCount("rowLabels", rowLabels, rows);
  checkCount("columnLabels", columnLabels, columns);
  const stepX = width + gap;
  const stepY = height + gap;
  const sheetWidth = columns * stepX - gap;
  const sheetHeight = rows * stepY - gap;
  const sheet = new Uint8Array(sheetWidth * sheetHeight).fill(paper);
  images.forEach((image, i) => {
    if (image.length !== height * width)
      throw new Error(`image ${i} has ${image.length} values; give ${height} × ${width} = ${height * width}`);
    const corner = Math.floor(i / columns) * stepY * sheetWidth + (i % columns) * stepX;
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) sheet[corner + y * sheetWidth + x] = greyOf(image[y * width + x]);
  });
  const fitting = Math.round(defaultSize.width / sheetWidth);
  const scale = Math.min(largestEnlargement, Math.max(1, fitting));
  const source = `data:image/png;base64,${greyPng(sheetWidth, sheetHeight, sheet).toString("base64")}`;
  const margin = {
    l: rowLabels ? 16 + 0.6 * labelSize * longest(rowLabels) : 8,
    r: 8,
    t: (title ? 40 : 8) + (columnLabels ? 24 : 0),
    b: 8,
  };
  return {
    data: [{ type: "image", source, hoverinfo: "skip" }],
    layout: {
      ...(title ? { title: { text: title } } : {}),
      width: sheetWidth * scale + margin.l + margin.r,
      height: sheetHeight * scale + margin.t + margin.b,
      margin,
      xaxis: labelledAxis(columnLabels, stepX, width, sheetWidth, "top"),
      yaxis: {
        ...labelledAxis(rowLabels, stepY, height, sheetHeight, "left"),
        range: [sheetHeight - 0.5, -0.5],
      },
    },
  };
}

/** An axis without line or grid whose labels stand at the middles of the images. */
function labelledAxis(
  labels: (string | number)[] | undefined,
  step: number,
  size: number,
  end: number,
  side: "top" | "left",
): Record<string, unknown> {
  return {
    range: [-0.5, end - 0.5],
    side,
    showline: false,
    showgrid: false,
    ticks: "",
    automargin: false,
    showticklabels: labels !== undefined,
    tickangle: 0,
    tickfont: { size: labelSize },
    tickvals: labels?.map((_, i) => i * step + (size - 1) / 2) ?? [],
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
