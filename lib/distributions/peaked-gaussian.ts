/** Numbers of which some values are frequent: a peak at each of these, and a Gaussian of all others. */
import { mean, squares } from "../moments.js";
import { choleskyFactor, solveLower, solveUpper } from "./full-gaussian.js";
import { logMeanExp } from "./log-mean-exp.js";
import { logMixture } from "./log-mixture.js";
import { logNormal } from "./normal.js";

/**
 * The smallest standard deviation that is claimed, by a model and by what it is compared with, in those of the encoded column, and
 * that of a peak: a number that is told exactly (a constant, a copy of a visible column) would have an infinite density. It caps what
 * is said of a cell at log(1000 / √(2π)) = 6 nats.
 */
export const SMALLEST_DEVIATION = 1e-3;

/** A value is a peak where so large a share of the rows has it, … */
const PEAK_SHARE = 0.1;

/** … and no fewer than so many, which do not agree by chance. */
const PEAK_ROWS = 10;

/** Rows in one that are taken to be said by the Gaussian of all rows: a peak that is thought impossible is so by a hundredth only. */
const RATIO_FLOOR = 0.01;

/** Numbers that stand for those at no peak. */
const OTHERS = 8;

/** Newton steps at most, and the largest change of a parameter that ends them. */
const [STEPS, STILL] = [50, 1e-9];

/** Σ_k w_k N(v_k, .001²) + w_rest N(mean, deviation²), in the units of an encoded column. */
export interface PeakedGaussian {
  /** v_k and w_k, the most frequent first; none where no value is frequent. */
  readonly peaks: readonly { readonly value: number; readonly share: number }[];
  /** Of the other rows; all shares add up to 1. */
  readonly rest: {
    readonly share: number;
    readonly mean: number;
    readonly deviation: number;
    /** Some of their numbers, evenly by rank, that tell how likely a model finds them; at least one. */
    readonly values: readonly number[];
  };
}

/**
 * The distribution of some numbers. A peak is a value that at least a tenth of them are, and ten. To the others a row is added that
 * is from the Gaussian of all, so that whatever is a peak, something else can occur, and mean and deviation are those of the
 * numbers; without peaks it is their Gaussian. The deviation of equal numbers counts as 1.
 * @param values at least one, in encoded units
 */
export function fitPeakedGaussian(values: ArrayLike<number>): PeakedGaussian {
  const rows = values.length;
  const counts = new Map<number, number>();
  for (let row = 0; row < rows; row++) counts.set(values[row], (counts.get(values[row]) ?? 0) + 1);
  const peaks = [...counts]
    .filter(([, count]) => count >= Math.max(PEAK_ROWS, PEAK_SHARE * rows))
    .sort(([a, most], [b, count]) => count - most || a - b)
    .map(([value, count]) => ({ value, share: count / (rows + 1) }));
  const others = Array.from(values).filter((value) => !peaks.some((peak) => peak.value === value));
  const all = mean(values);
  const variance = squares(values, all) / rows;
  const centre = others.reduce((sum, value) => sum + value, all) / (others.length + 1);
  const around = squares(others, centre) + variance + (all - centre) ** 2;
  const fitted = Math.max(SMALLEST_DEVIATION, Math.sqrt(around / (others.length + 1)));
  const deviation = counts.size === 1 ? 1 : fitted;
  const share = (others.length + 1) / (rows + 1);
  return { peaks, rest: { share, mean: centre, deviation, values: evenlyByRank(others, centre) } };
}

/** The Gaussian of some numbers, without peaks. @param values at least one, in encoded units */
export function fitGaussian(values: ArrayLike<number>): PeakedGaussian {
  const centre = mean(values);
  const deviation = Math.max(SMALLEST_DEVIATION, Math.sqrt(squares(values, centre) / values.length));
  return { peaks: [], rest: { share: 1, mean: centre, deviation, values: [centre] } };
}

/** The middles of as many parts with equally many numbers, ascending; the centre where there are none. */
function evenlyByRank(values: readonly number[], centre: number): number[] {
  const sorted = [...values].sort((a, b) => a - b);
  const count = Math.min(OTHERS, sorted.length);
  if (count === 0) return [centre];
  return Array.from({ length: count }, (_, i) => sorted[Math.floor(((i + 0.5) / count) * sorted.length)]);
}

/** Mean and standard deviation, the width of the peaks aside. */
export function momentsOf({ peaks, rest }: PeakedGaussian): { mean: number; deviation: number } {
  const centre = peaks.reduce((sum, { value, share }) => sum + share * value, rest.share * rest.mean);
  const variance = peaks.reduce(
    (sum, { value, share }) => sum + share * (value - centre) ** 2,
    rest.share * (rest.deviation ** 2 + (rest.mean - centre) ** 2),
  );
  return { mean: centre, deviation: Math.sqrt(variance) };
}

/** log density of a number, nats. */
export function logPeaked({ peaks, rest }: PeakedGaussian, value: number): number {
  const shares = peaks.map(({ share }) => share);
  return logWithPeaks(
    peaks,
    shares,
    Math.log(rest.share) + logNormal(value, rest.mean, rest.deviation),
    value,
  );
}

/**
 * log density of a number whose peaks have shares of their own.
 * @param shares of the peaks, `[peaks]`; what follows them is not looked at
 * @param others log of the density of the number under everything else, times its share
 */
export function logWithPeaks(
  peaks: PeakedGaussian["peaks"],
  shares: ArrayLike<number>,
  others: number,
  value: number,
): number {
  const logs = Float64Array.of(
    ...peaks.map((peak, k) => Math.log(shares[k]) + logNormal(value, peak.value, SMALLEST_DEVIATION)),
    others,
  );
  return logMeanExp(logs) + Math.log(logs.length);
}

/**
 * How the shares of peaks follow what a Gaussian says of a row, which was not made to know peaks: peak k has the share
 * ∝ w_k exp(offset_k + slope · r_k), everything else ∝ w_rest exp(slope · r_rest), where r_k is the log density that it says at the peak
 * less that of the Gaussian of all rows, and r_rest the same in the mean (of densities' ratios) over the other numbers. Were what is
 * said of a row right up to the peaks, slope 1 and offsets 0 would be Bayes' rule; all 0, shares are w.
 */
export interface PeakTilt {
  readonly slope: number;
  /** `[peaks]` */
  readonly offsets: readonly number[];
}

/** Peaks have in every row the shares that they have in all. */
export function untilted({ peaks }: PeakedGaussian): PeakTilt {
  return { slope: 0, offsets: peaks.map(() => 0) };
}

/** Where it is looked up what is said of a row: at the peaks, then at the other numbers; without peaks nowhere. */
export function lookedUp({ peaks, rest }: PeakedGaussian): number[] {
  if (peaks.length === 0) return [];
  return [...peaks.map(({ value }) => value), ...rest.values];
}

/** r_k and r_rest of a row, `[peaks + 1]`. @param logsAt log densities that are said of the row where they are `lookedUp` */
function ratiosOf(peaked: PeakedGaussian, logsAt: ArrayLike<number>): Float64Array {
  const { mean, deviation } = momentsOf(peaked);
  const places = lookedUp(peaked);
  const count = peaked.peaks.length;
  const ratio = (i: number) => logMixture(logsAt[i] - logNormal(places[i], mean, deviation), 0, RATIO_FLOOR);
  const ratios = new Float64Array(count + 1);
  for (let k = 0; k < count; k++) ratios[k] = ratio(k);
  ratios[count] = logMeanExp(Float64Array.from(peaked.rest.values, (_, j) => ratio(count + j)));
  return ratios;
}

/**
 * Shares of the peaks and of everything else of one row, `[peaks + 1]`.
 * @param logsAt log densities that are said of the row where they are `lookedUp`
 */
export function tiltedShares(
  peaked: PeakedGaussian,
  tilt: PeakTilt,
  logsAt: ArrayLike<number>,
): Float64Array {
  if (peaked.peaks.length === 0) return Float64Array.of(1);
  return sharesOf(peaked, tilt, ratiosOf(peaked, logsAt));
}

function sharesOf(
  { peaks, rest }: PeakedGaussian,
  { slope, offsets }: PeakTilt,
  ratios: Float64Array,
): Float64Array {
  const parts = new Float64Array(peaks.length + 1);
  for (let k = 0; k < peaks.length; k++) parts[k] = Math.log(peaks[k].share) + offsets[k] + slope * ratios[k];
  parts[peaks.length] = Math.log(rest.share) + slope * ratios[peaks.length];
  let largest = Number.NEGATIVE_INFINITY;
  for (const logit of parts) largest = Math.max(largest, logit);
  let sum = 0;
  for (let k = 0; k < parts.length; k++) {
    parts[k] = Math.exp(parts[k] - largest);
    sum += parts[k];
  }
  for (let k = 0; k < parts.length; k++) parts[k] /= sum;
  return parts;
}

/**
 * The tilt that makes it likeliest at which peak each row is, or at none, by Newton's method. Rows are weighed so that each peak counts
 * for its share w, which is known from more rows than these: without knowledge of the row no offset is chosen by chance. One that
 * none of them is at counts as a row of which the average of all is said. Slope and offsets are held at 0 by what one row weighs, ½ · their square.
 * @param logsAt log densities that are said of each row where they are `lookedUp`, `[rows][places]`
 * @param truth `[rows]`
 */
export function fitPeakTilt(
  peaked: PeakedGaussian,
  logsAt: readonly ArrayLike<number>[],
  truth: readonly number[],
): PeakTilt {
  const count = peaked.peaks.length;
  let tilt = untilted(peaked);
  if (count === 0 || truth.length === 0) return tilt;
  const place = new Map(peaked.peaks.map(({ value }, k) => [value, k]));
  const places = truth.map((value) => place.get(value) ?? count);
  const shares = [...peaked.peaks, peaked.rest].map(({ share }) => share);
  const weights = shares.map(
    (share, k) => (share * truth.length) / Math.max(1, places.filter((at) => at === k).length),
  );
  const known = places.map((at, row) => ({ ratios: ratiosOf(peaked, logsAt[row]), at, weight: weights[at] }));
  const absent = [...weights.keys()].filter((k) => !places.includes(k));
  const average = Float64Array.from({ length: count + 1 }, (_, k) =>
    mean(known.map(({ ratios }) => ratios[k])),
  );
  const rows = [...known, ...absent.map((at) => ({ ratios: average, at, weight: weights[at] }))];
  const likelihood = (own: PeakTilt) => {
    const held = own.offsets.reduce((sum, offset) => sum + offset ** 2, own.slope ** 2) / 2;
    return rows.reduce(
      (sum, { ratios, at, weight }) => sum + weight * Math.log(sharesOf(peaked, own, ratios)[at]),
      -held,
    );
  };
  let before = likelihood(tilt);
  for (let step = 0; step < STEPS; step++) {
    const direction = newtonStep(peaked, tilt, rows);
    const moved = (by: number) => {
      const next: PeakTilt = {
        slope: tilt.slope + by * direction[0],
        offsets: tilt.offsets.map((offset, k) => offset + by * direction[k + 1]),
      };
      return { next, after: likelihood(next) };
    };
    let by = 1;
    let { next, after } = moved(by);
    while (after < before && by > STILL) {
      by /= 2;
      ({ next, after } = moved(by));
    }
    if (after < before) break;
    [tilt, before] = [next, after];
    if (direction.every((change) => Math.abs(by * change) < STILL)) break;
  }
  return tilt;
}

/** Where the likelihood's second-order expansion is largest, from here: of the slope, then of the offsets. */
function newtonStep(
  peaked: PeakedGaussian,
  { slope, offsets }: PeakTilt,
  rows: readonly { readonly ratios: Float64Array; readonly at: number; readonly weight: number }[],
): Float64Array {
  const size = offsets.length + 1;
  const gradient = Float64Array.from([slope, ...offsets], (own) => -own);
  const curvature = new Float64Array(size * size);
  for (let i = 0; i < size; i++) curvature[i * size + i] = 1;
  for (const { ratios, at, weight } of rows) {
    const shares = sharesOf(peaked, { slope, offsets }, ratios);
    const expected = ratios.reduce((sum, ratio, k) => sum + shares[k] * ratio, 0);
    gradient[0] += weight * (ratios[at] - expected);
    curvature[0] += weight * ratios.reduce((sum, ratio, k) => sum + shares[k] * ratio ** 2, -(expected ** 2));
    for (let k = 0; k < size - 1; k++) {
      gradient[k + 1] += weight * (Number(k === at) - shares[k]);
      const withSlope = weight * shares[k] * (ratios[k] - expected);
      curvature[k + 1] += withSlope;
      curvature[(k + 1) * size] += withSlope;
      for (let l = 0; l < size - 1; l++)
        curvature[(k + 1) * size + l + 1] += weight * shares[k] * (Number(k === l) - shares[l]);
    }
  }
  const factor = choleskyFactor(curvature, size);
  if (!factor)
    throw new Error(
      "what is said at the peaks of a number is no number; the model's weights are out of range",
    );
  return solveUpper(factor, solveLower(factor, gradient));
}
