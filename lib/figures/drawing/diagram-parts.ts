/** What the diagrams of Var-T-JEPA and T-JEPA share: the sizes of a configuration in words, and a row's masks. */
import { seedKey } from "../../engine/random.js";
import type { TransformerConfig } from "../../layers/transformer.js";
import { drawMasks, type MaskConfig, sizeRange } from "../../models/modalities/tabular/masks.js";
import { featureCount, type TableShape } from "../../models/modalities/tabular/table.js";
import type { VarTJepaConfig } from "../../models/var-t-jepa.js";
import type { Box } from "./box.js";
import {
  type Arrow,
  type BoxContent,
  flow,
  type Grid,
  type GridCell,
  type Look,
  type Strip,
  side,
} from "./diagram.js";

/** How many tokens each mask has, as text: "4–16", or "4" when both ends are the same. */
export interface MaskTexts {
  /** M_ctx */
  readonly context: string;
  /** clsTokens + M_ctx, the length of s_x. */
  readonly contextTokens: string;
  /** M_trg */
  readonly target: string;
}

/** The sizes of the masks of a table with `features` columns. */
export function maskTexts(masks: MaskConfig, features: number, clsTokens: number): MaskTexts {
  const [low, high] = sizeRange(masks.contextMin, masks.contextMax, features);
  return {
    context: span(low, high),
    contextTokens: span(clsTokens + low, clsTokens + high),
    target: span(...sizeRange(masks.targetMin, masks.targetMax, features)),
  };
}

/** "2 layers of width 16", "4 heads, hidden 256". */
export function stackTexts({ layers, heads, width, ff }: TransformerConfig): [string, string] {
  return [`${plural(layers, "layer")} of width ${width}`, `${plural(heads, "head")}, hidden ${ff}`];
}

/** "1 head", "2 heads". */
export function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}

/** What a row of a table becomes before an encoder reads it: the first column of both architectures. */
export function inputCells({ table, masks, encoder }: Pick<VarTJepaConfig, "table" | "masks" | "encoder">) {
  return {
    masks: { column: 0, lane: 1, ...maskContent(masks, table) },
    tokenizer: {
      column: 0,
      lane: 3,
      look: "network",
      title: "Tokenizer",
      lines: [`${featureCount(table)} tokens of d = ${encoder.width}`, "value, type, position"],
    },
    row: { column: 0, lane: 5, look: "data", title: "Row w", lines: columnTexts(table) },
  } satisfies Record<string, GridCell>;
}

/** The features of a target as a bar: the first of those that `inputCells` shows. */
export function targetStrip({ table, masks }: Pick<VarTJepaConfig, "table" | "masks">): Strip {
  return { name: "y<sub>k</sub>", cells: maskContent(masks, table).strips[1].cells };
}

/** From the row and its masks into the context encoder, on to s_x, and into the encoder of the whole row. */
export function inputArrows(
  { boxes, rightOf }: Grid<keyof ReturnType<typeof inputCells> | "contextEncoder" | "sx">,
  wholeRow: Box,
): Arrow[] {
  const { masks, tokenizer, row, contextEncoder, sx } = boxes;
  const tokens = side(tokenizer, "right");
  const chosen = side(contextEncoder, "left", 0.3);
  const along = (to: ReturnType<typeof side>) =>
    flow(tokens, { x: rightOf(0), y: tokens.y }, { x: rightOf(0), y: to.y }, to);
  return [
    flow(side(row, "top"), side(tokenizer, "bottom")),
    flow({ x: masks.x + masks.width, y: chosen.y }, chosen),
    along(side(contextEncoder, "left", 0.75)),
    along(side(wholeRow, "left")),
    flow(side(contextEncoder, "right"), side(sx, "left")),
  ];
}

/** From s_w to the loss, through the box that picks the features of a target. */
export function throughMask(sw: Box, inTarget: Box, loss: Box): Arrow[] {
  const [from, picked, to] = [side(sw, "top", 0.7), side(inTarget, "right"), side(loss, "bottom")];
  return [
    flow(from, { x: from.x, y: picked.y }, side(inTarget, "left")),
    flow(picked, { x: to.x, y: picked.y }, to),
  ];
}

/** The columns of a table by kind, then their sum D. */
function columnTexts(table: TableShape): string[] {
  const kinds = [[table.numeric, "numeric"] as const, [table.cardinalities.length, "categorical"] as const];
  const present = kinds.filter(([count]) => count > 0).map(([count, kind]) => `${count} ${kind}`);
  return [present.join(" + "), `D = ${featureCount(table)} features`];
}

/** The heads of one decoder path by kind. */
export function headTexts({ numeric, cardinalities }: TableShape, sigma: string): string[] {
  return [
    ...(numeric > 0 ? [`${plural(numeric, "mean")}, one ${sigma}`] : []),
    ...(cardinalities.length > 0 ? [`${cardinalities.length} × logits`] : []),
  ];
}

/** The masks of one row, drawn with the configuration's shares. */
function maskContent(masks: MaskConfig, table: TableShape): BoxContent & { strips: Strip[] } {
  const features = featureCount(table);
  const { context, targets, targetSize } = drawMasks(seedKey(1), masks, features, 1);
  const { context: contextSizes, target: targetSizes } = maskTexts(masks, features, 0);
  const cells = (chosen: Int32Array, look: Look): Look[] =>
    Array.from({ length: features }, (_, j) => (chosen.includes(j) ? look : "rest"));
  return {
    look: "data",
    title: "Masks of a row",
    lines: [
      `M<sub>ctx</sub> = ${contextSizes}, M<sub>trg</sub> = ${targetSizes}`,
      `K = ${masks.targetViews} targets`,
    ],
    strips: [
      { name: "x", cells: cells(context, "context") },
      ...Array.from({ length: masks.targetViews }, (_, k) => ({
        name: `y<sub>${k + 1}</sub>`,
        cells: cells(targets.subarray(k * targetSize, (k + 1) * targetSize), "target"),
      })),
    ],
  };
}

function span(low: number, high: number): string {
  return low === high ? String(low) : `${low}–${high}`;
}
