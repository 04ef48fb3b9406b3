/** A picture of embeddings, for `embed --plot`. */
import path from "node:path";
import { type Table, takeTableRows } from "../data/tables/table.js";
import type { Aggregation } from "../families/embed-table.js";
import type { Pooling } from "../families/pooling.js";
import { writePieces } from "../files/whole-file.js";
import { embeddingColumns, embedRows } from "../inference/embed-rows.js";
import type { TextColumn } from "../inference/embedding-files.js";
import type { TableModel } from "../training/trained-model.js";

/** Endings of a picture's name. */
export const pictureEndings: readonly string[] = [".png", ".svg"];

/** Rows shown, evenly spaced over the table; and rows that give the axes where there are many columns. */
const SHOWN = 2000;
const AXIS_ROWS = 512;

/** Draws the embeddings' principal plane, coloured by the target, else by uncertainty. */
export async function plotPlane(
  file: string,
  model: TableModel,
  table: Table,
  { aggregation, pooling, target }: { aggregation: Aggregation; pooling: Pooling; target?: TextColumn },
): Promise<void> {
  // Only who wants a picture waits for what draws it.
  const { principalPlane } = await import("../evaluation/principal-plane.js");
  const { embeddingPlane } = await import("../figures/embedding-plane.js");
  const { figureToSvg, svgToPng } = await import("../figures/drawing/render.js");
  const count = Math.min(SHOWN, table.rows);
  const rows = Int32Array.from({ length: count }, (_, i) => Math.floor((i * table.rows) / count));
  const { values, uncertainty } = embedRows(model, takeTableRows(table, rows), pooling);
  const points = principalPlane(values, embeddingColumns(model, pooling), AXIS_ROWS);
  const { labels } = table;
  const colour = target
    ? { title: target.name, values: Array.from(rows, (row) => target.cells[row]) }
    : labels
      ? { title: labels.name, values: Array.from(rows, (row) => labels.classes[labels.codes[row]]) }
      : uncertainty && { title: "uncertainty", values: uncertainty[aggregation] };
  const svg = await figureToSvg(embeddingPlane(points, colour));
  const picture = path.extname(file).toLowerCase() === ".svg" ? svg : svgToPng(svg);
  await writePieces(file, (append) => append(picture));
}
