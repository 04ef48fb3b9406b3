import { fold, type Key, normals, uniformsWithin } from "../engine/random.js";
import type { InitialParameter } from "./parameters.js";

/** Start values of `<group>.<label>` `[rows, width]`, tokens that are learned themselves: uniform on ±1/√width. */
export function initialTokens(
  key: Key,
  group: string,
  label: string,
  rows: number,
  width: number,
): Record<string, InitialParameter> {
  const values = () => uniformsWithin(fold(fold(key, group), label), rows * width, 1 / Math.sqrt(width));
  return { [`${group}.${label}`]: { shape: [rows, width], values } };
}

/** Start values of `name` `[rows, width]`, tokens that stand in for others: N(0, 0.02²). */
export function initialStandIns(
  key: Key,
  name: string,
  rows: number,
  width: number,
): Record<string, InitialParameter> {
  const values = () => normals(fold(key, name), rows * width).map((v) => 0.02 * v);
  return { [name]: { shape: [rows, width], values } };
}
