/** What a predictor sees of features: their tokens as they are, or averages of them where so many are too much. */
import { meanTokens } from "../../families/pooling.js";
import type { Features } from "./predictor.js";

/**
 * `"tokens"`: every token; predictors without attention put them side by side. `"mean"`: their average, one token.
 * `"7 × 7"`: of the 784 pixels of an image the averages of blocks of 4 × 4, 49 tokens.
 */
export type View = "tokens" | "mean" | "7 × 7";

const SIDE = 28;
const BLOCK = 4;

/**
 * The features as they are seen.
 * @returns `[rows, tokens, width]`, `[rows, 1, width]` or `[rows, 49, width]`
 * @throws when tokens of categories would be averaged, or there are not 784 to make blocks of.
 */
export function viewOf(features: Features, view: View): Features {
  if (view === "tokens") return features;
  const { values, shape, categories } = features;
  const [rows, tokens, width] = shape;
  if (categories?.some((count) => count > 0))
    throw new Error(`view "${view}" averages tokens, which codes of categories cannot be; use "tokens"`);
  if (view === "mean") return { values: meanTokens(values, tokens, width), shape: [rows, 1, width] };
  if (tokens !== SIDE * SIDE)
    throw new Error(`view "${view}" is of ${SIDE * SIDE} pixels; these features have ${tokens} tokens`);
  const across = SIDE / BLOCK;
  const out = new Float32Array(rows * across * across * width);
  for (let row = 0; row < rows; row++)
    for (let token = 0; token < tokens; token++) {
      const [y, x] = [Math.floor(token / SIDE), token % SIDE];
      const block = Math.floor(y / BLOCK) * across + Math.floor(x / BLOCK);
      const [from, to] = [(row * tokens + token) * width, (row * across * across + block) * width];
      for (let i = 0; i < width; i++) out[to + i] += values[from + i] / BLOCK ** 2;
    }
  return { values: out, shape: [rows, across * across, width] };
}
