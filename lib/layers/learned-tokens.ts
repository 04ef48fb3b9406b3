import { fold, type Key, uniforms } from "../engine/random.js";
import type { InitialParameter } from "./weights.js";

/** Start values of `<group>.<label>` `[rows, width]`, tokens that are learned themselves: uniform on ±1/√width. */
export function initialTokens(
  key: Key,
  group: string,
  label: string,
  rows: number,
  width: number,
): Record<string, InitialParameter> {
  const bound = 1 / Math.sqrt(width);
  const draws = () => uniforms(fold(fold(key, group), label), rows * width);
  const values = () => Float32Array.from(draws(), (u) => (2 * u - 1) * bound);
  return { [`${group}.${label}`]: { shape: [rows, width], values } };
}
