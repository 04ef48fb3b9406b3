/** How often the middle of a model's draws holds what is true. */
import type { Key } from "../engine/random.js";
import { drawNumbers, type GeneratedFeature } from "../families/generate-features.js";

/** The share of its draws that an interval is to hold. */
export const intervalShare = 0.9;

/**
 * How much of a value's place among its draws lies in their middle. A value that comes from where n draws come from falls into
 * each of the n + 1 gaps between them alike, so the gaps from (1 − share) / 2 · (n + 1) to (1 + share) / 2 · (n + 1), counted from
 * below, hold it with probability `share`, for any n; a gap that an end cuts counts by its part inside. Of draws that are equal to
 * the value, a peak, it lies in the gaps on both sides and between them alike.
 * @param below how many draws are smaller than the value
 * @param equal how many are equal to it
 * @returns 0 … 1, mostly one of the two
 */
export function insideInterval(below: number, draws: number, equal = 0, share = intervalShare): number {
  const [least, most] = [((1 - share) / 2) * (draws + 1), ((1 + share) / 2) * (draws + 1)];
  return Math.max(0, Math.min(below + equal + 1, most) - Math.max(below, least)) / (equal + 1);
}

/**
 * `insideInterval` of each row's true number among one draw from every sample, `[rows]`.
 * @param truth in encoded units, `[rows]`
 */
export function insideDraws(
  entry: Extract<GeneratedFeature, { kind: "numeric" }>,
  truth: Float64Array,
  key: Key,
): Float64Array {
  const draws = drawNumbers(entry, key);
  const [below, equal] = [new Float64Array(truth.length), new Float64Array(truth.length)];
  draws.forEach((draw, at) => {
    const row = at % truth.length;
    if (draw < truth[row]) below[row]++;
    if (draw === truth[row]) equal[row]++;
  });
  return below.map((count, row) => insideInterval(count, draws.length / truth.length, equal[row]));
}
