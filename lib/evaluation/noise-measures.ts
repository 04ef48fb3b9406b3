/** Whether what a model of pairs says of its own uncertainty follows noise that varies with x. */
import type { SimulatedViews } from "../data/simulation.js";
import type { Key } from "../engine/random.js";
import { mean } from "../moments.js";
import type { PlainGaussian } from "./embed.js";
import { type DrawnDensity, type DrawScoreSettings, scoreDraws } from "./generation/conditional-density.js";
import { rowsOfGroups, spearman, spearmanWithin } from "./metrics/ranks.js";
import type { PairMeasure } from "./pair-measures.js";

/** How uncertainty is measured. */
export interface NoiseScoring extends DrawScoreSettings {
  /** Rows that are drawn for, the first of those that are scored. */
  readonly rows: number;
}

/** The first coordinate of every row's true s_x, along which the noise of s_y rises, if it varies at all (`couplingDeviation`). */
export function noiseOrder({ rows, sx }: SimulatedViews): Float64Array {
  const d = sx.length / rows;
  return Float64Array.from({ length: rows }, (_, row) => sx[row * d]);
}

/**
 * Rank correlation of how wide p(s_y|s_x,z) is (its mean log variance, which does not change when a dimension is scaled) with the order of
 * the true noise: `noiseRankSy` within a class, and with both classes in one ranking `noiseRankSyPooled`. Points have none.
 */
export function priorNoiseMeasures(
  pSy: PlainGaussian,
  views: SimulatedViews,
  on: PairMeasure["on"],
): PairMeasure[] {
  const d = pSy.logVariance.length / views.rows;
  const widths = Float64Array.from({ length: views.rows }, (_, row) =>
    mean(pSy.logVariance.subarray(row * d, (row + 1) * d)),
  );
  return ranks("noiseRankSy", widths, views, on);
}

/**
 * What draws of y given x tell: `noiseRankY` and `noiseRankYPooled`, the rank correlations of their spread with the order of the true noise;
 * of central intervals the share that holds y, `coverageY`, and its values where the true noise is in the lowest, the middle and the
 * highest third of a row's class, `coverageYLow`, `coverageYMiddle`, `coverageYHigh`; their width `widthY` and the draws' `crpsY`.
 */
export function drawnNoiseMeasures(
  density: DrawnDensity,
  views: SimulatedViews,
  key: Key,
  settings: DrawScoreSettings,
): PairMeasure[] {
  const { rows, coverage, width, crps } = scoreDraws(density, views, key, settings);
  const thirds = thirdsWithin(noiseOrder(views), views.labels);
  const covered = (third: number) => mean(rows.coverage.filter((_, row) => thirds[row] === third));
  const on = "samples";
  return [
    ...ranks("noiseRankY", rows.spread, views, on),
    { measure: "coverageY", on, value: coverage.mean },
    ...["Low", "Middle", "High"].map((name, third) => ({
      ...({ measure: `coverageY${name}`, on, value: covered(third) } as const),
    })),
    { measure: "widthY", on, value: width.mean },
    { measure: "crpsY", on, value: crps.mean },
  ];
}

/** The two rank correlations, those that there are: none of what is the same in all rows. */
function ranks(
  name: string,
  widths: Float64Array,
  views: SimulatedViews,
  on: PairMeasure["on"],
): PairMeasure[] {
  if (!widths.every(Number.isFinite)) return [];
  const order = noiseOrder(views);
  return [
    { measure: name, on, value: spearmanWithin(widths, order, views.labels) },
    { measure: `${name}Pooled`, on, value: spearman(widths, order) },
  ].filter(({ value }) => Number.isFinite(value));
}

/** 0, 1, 2: the third of its class that each value is in, in ascending order. */
export function thirdsWithin(values: Float64Array, labels: ArrayLike<number>): Uint8Array {
  const thirds = new Uint8Array(values.length);
  for (const rows of rowsOfGroups(labels))
    rows
      .sort((a, b) => values[a] - values[b])
      .forEach((row, place) => {
        thirds[row] = Math.floor((3 * place) / rows.length);
      });
  return thirds;
}
