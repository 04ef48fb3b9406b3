/** What a page is shown of a run: plain data, which a worker sends. Loads no engine. */

/** Digits whose right half is drawn, and how often. */
export const drawnDigits = 8;
export const draws = 3;

/** Measures of a latent's samples that N(0, I) has too. */
export interface NormalMeasures {
  /** Variance of a dimension, the mean over dimensions. */
  readonly variance: number;
  /** exp of the entropy of the singular values: 1 … d, 0 of points that are all the same. */
  readonly effectiveRank: number;
  /** KL(N(m, C) ‖ N(0, I)) of the fitted Gaussian, in nats; infinite where a direction is lost. */
  readonly klAggregate: number;
  /** Squared distance of characteristic functions over random directions, in this paper's form. */
  readonly sigreg: number;
}

/** Measures of one latent. */
export interface LatentMeasures extends NormalMeasures {
  /** Variance of the means over that of the samples: 1 of points, 0 where a sample tells nothing of its row. */
  readonly signal: number;
  /** Share of rows that lie nearest to the centre of their own class. */
  readonly classes: number;
}

/** Measures of a run. */
export interface Measures {
  readonly sx: LatentMeasures;
  readonly sy: LatentMeasures;
  /** Squared error of the predictor over the variance of s_y; without a predictor there is none. */
  readonly unpredicted?: number;
}

/** A latent as it is drawn: points `[rows, 2]`. */
export interface Cloud {
  readonly means: Float32Array;
  readonly samples: Float32Array;
}

/** What there is to see after so many steps. */
export interface Frame {
  readonly step: number;
  readonly sx: Cloud;
  readonly sy: Cloud;
  readonly measures: Measures;
  /** The decoders' standard deviations, of the views that are decoded. */
  readonly noise: { readonly x?: number; readonly y?: number };
  /** Right halves of digits drawn from the left ones: `draws` times `[drawnDigits, halfPixels]`. */
  readonly drawn?: readonly Float32Array[];
}
