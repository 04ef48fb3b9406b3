/** Masks over the features of a table (Appendix A.2 of the paper). */
import { checkRecord, checkWhole, shown } from "../../../checks.js";
import { fold, type Key, uniforms } from "../../../engine/random.js";
import { choose, type Masks } from "../../tokens/masks.js";

/** Shares of the features that masks may cover, and how many target masks a row has. */
export interface MaskConfig {
  readonly contextMin: number;
  readonly contextMax: number;
  readonly targetMin: number;
  readonly targetMax: number;
  /** K, the target masks of each row. */
  readonly targetViews: number;
}

/**
 * Draws the masks of one training step: the sizes once for the whole batch, then for every row a context of its own
 * and K targets, each drawn independently of the others from the features outside the context.
 * Rows are addressed by their place in the batch, so a batch cut in pieces has the masks of the whole.
 * @param key the step's own key
 * @param features D
 * @param rows how many rows to draw for
 * @param firstRow place in the batch of the first of them
 * @throws when the shares leave no room for both masks.
 */
export function drawMasks(key: Key, config: MaskConfig, features: number, rows: number, firstRow = 0): Masks {
  const [contextSize, targetSize] = drawMaskSizes(fold(key, "sizes"), config, features);
  const { targetViews } = config;
  const context = new Int32Array(rows * contextSize);
  const targets = new Int32Array(rows * targetViews * targetSize);
  const rowKey = fold(key, "rows");
  const order = new Int32Array(features);
  for (let i = 0; i < rows; i++) {
    const draws = uniforms(fold(rowKey, firstRow + i), contextSize + targetViews * targetSize);
    for (let j = 0; j < features; j++) order[j] = j;
    const chosen = context.subarray(i * contextSize, (i + 1) * contextSize);
    choose(order, chosen, draws);
    const rest = order.subarray(contextSize);
    for (let k = 0; k < targetViews; k++) {
      const at = (i * targetViews + k) * targetSize;
      const view = targets.subarray(at, at + targetSize);
      choose(rest, view, draws.subarray(contextSize + k * targetSize));
    }
  }
  return { rows, contextSize, targetSize, targetViews, context, targets };
}

/**
 * M_ctx ~ U{⌊D·contextMin⌋ … ⌊D·contextMax⌋} and M_trg likewise, at least 1 each, drawn again until M_ctx + M_trg ≤ D.
 * @throws when even the smallest sizes exceed D.
 */
export function drawMaskSizes(key: Key, config: MaskConfig, features: number): [number, number] {
  checkMasks(config, features);
  const [contextLow, contextHigh] = sizeRange(config.contextMin, config.contextMax, features);
  const [targetLow, targetHigh] = sizeRange(config.targetMin, config.targetMax, features);
  for (let attempt = 0; ; attempt++) {
    const [u, v] = uniforms(fold(key, attempt), 2);
    const contextSize = contextLow + Math.floor(u * (contextHigh - contextLow + 1));
    const targetSize = targetLow + Math.floor(v * (targetHigh - targetLow + 1));
    if (contextSize + targetSize <= features) return [contextSize, targetSize];
  }
}

/** @throws when a share is outside [0, 1], a maximum is below its minimum, or the smallest masks do not fit in D features. */
export function checkMasks(config: MaskConfig, features: number): void {
  checkRecord("masks", config);
  for (const [low, high] of [
    ["contextMin", "contextMax"],
    ["targetMin", "targetMax"],
  ] as const) {
    const shares = [0, config[low], config[high], 1];
    if (!shares.every((share, i) => typeof share === "number" && share >= (shares[i - 1] ?? 0)))
      throw new Error(
        `masks: ${low} is ${shown(config[low])} and ${high} is ${shown(config[high])}; use shares with 0 ≤ ${low} ≤ ${high} ≤ 1`,
      );
  }
  checkWhole("masks: targetViews", config.targetViews, 1, 1024);
  const smallest =
    sizeRange(config.contextMin, config.contextMax, features)[0] +
    sizeRange(config.targetMin, config.targetMax, features)[0];
  if (smallest > features)
    throw new Error(
      `masks: the smallest context and target need ${smallest} of ${features} features; lower contextMin or targetMin`,
    );
}

/** Smallest and largest size of a mask. The tiny addend undoes what binary fractions lose: 100 · 0.29 is 28.999…96. */
export function sizeRange(low: number, high: number, features: number): [number, number] {
  const size = (share: number) => Math.max(1, Math.floor(features * share + 1e-9));
  return [size(low), size(high)];
}
