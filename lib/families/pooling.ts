import { checkChoice } from "../checks.js";

/**
 * How a row's tokens become its embedding: `"none"` puts those of all D features side by side, `[D · d]`; `"mean"`
 * averages them, `[d]`; `"cls"` takes the encoder's CLS tokens instead, `[clsTokens · d]`.
 */
export type Pooling = "none" | "mean" | "cls";

/** Every pooling, the default first. */
export const poolings: readonly Pooling[] = ["none", "mean", "cls"];

/**
 * Tokens of one row's embedding.
 * @throws when there is no such pooling.
 */
export function pooledTokens(pooling: Pooling, features: number, clsTokens: number): number {
  checkChoice("pooling", pooling, poolings);
  return { none: features, mean: 1, cls: clsTokens }[pooling];
}

/** Average of the tokens of every row: `[rows, tokens · width]` → `[rows, width]`. */
export function meanTokens(values: Float32Array, tokens: number, width: number): Float32Array {
  const rows = values.length / (tokens * width);
  return Float32Array.from({ length: rows * width }, (_, i) => {
    const first = Math.floor(i / width) * tokens * width + (i % width);
    let sum = 0;
    for (let token = 0; token < tokens; token++) sum += values[first + token * width];
    return sum / tokens;
  });
}
