import { fold } from "../engine/random.js";
import type { Masks } from "../models/tokens/masks.js";
import type { Tokenization } from "../models/tokens/modality.js";
import type { PassSource } from "../models/tokens/pass.js";
import type { PassRows } from "./family.js";

/** What one pass of training takes of a batch: its rows, their masks, and where noise and dropout come from. */
export function drawBatch<Input>(
  { drawMasks, select }: Pick<Tokenization<Input>, "drawMasks" | "select">,
  data: Input,
  { rows, first, key }: PassRows,
): { input: Input; masks: Masks; source: PassSource } {
  return {
    input: select(data, rows),
    masks: drawMasks(fold(key, "masks"), rows.length, first),
    source: { key, firstRow: first },
  };
}
