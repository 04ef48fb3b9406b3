import { checkWhole } from "../../checks.js";
import { checkObservations } from "../../data/rows.js";
import type { Key } from "../../engine/random.js";
import * as tf from "../../engine/tf.js";
import { loadParameters } from "../../families/load-parameters.js";
import type { FlatParameters } from "../../layers/parameters.js";
import { generateTarget, type VarJepaConfig } from "../../models/var-jepa.js";
import { latentPieceNoise, numbersPerSample, perDraw, pieceNoise, samplePieces } from "./sample-pieces.js";

/** Contexts alone. */
export interface Contexts {
  readonly rows: number;
  /** Row-major `[rows, dx]`. */
  readonly x: Float32Array;
}

/**
 * Draws of y given x as the paper generates them (Section 3.6): s_x ~ q(s_x|x), z ~ p(z) = N(0, I), s_y ~ p(s_y|s_x,z),
 * y ~ N(U(s_y), σ_y² I). s_x is drawn rather than put at its mean, since what x leaves open about s_x is part of what it
 * leaves open about y, and σ_y's noise is added, since without it the draws are no sample of a density that has a
 * likelihood. Mean pictures are `generateTargets`.
 * @param draws m, draws per row; the first of them are the same whatever m is
 * @param first place of the first row in the data: rows drawn for in parts get the noise that they have in the whole
 * @returns row-major `[rows, m, dy]`; the same for the same key
 * @throws when x does not fit the model, or draws is no whole number of at least 1.
 */
export function drawTargets(
  weights: FlatParameters,
  config: VarJepaConfig,
  { rows, x }: Contexts,
  draws: number,
  key: Key,
  first = 0,
): Float32Array {
  const { dx, dy } = config;
  checkObservations("x", x, rows, dx);
  checkWhole("draws", draws, 1, 2 ** 24);
  const out = new Float32Array(rows * draws * dy);
  const parameters = loadParameters(weights);
  try {
    for (const piece of samplePieces(rows, draws, numbersPerSample(config))) {
      const { firstRow, count } = piece;
      const y = tf.tidy(() => {
        const own = tf.tensor2d(x.subarray(firstRow * dx, (firstRow + count) * dx), [count, dx]);
        const noise = latentPieceNoise(key, piece, config, first);
        const { yMean } = generateTarget(parameters, config, perDraw(own, piece.draws), noise);
        const sigma = tf.exp(parameters.logSigmaY);
        return tf.add(yMean, tf.mul(sigma, pieceNoise(key, "y", piece, dy, first)));
      });
      const values = y.dataSync<"float32">();
      y.dispose();
      for (let draw = 0; draw < piece.draws; draw++)
        for (let row = 0; row < count; row++) {
          const from = (draw * count + row) * dy;
          out.set(values.subarray(from, from + dy), ((firstRow + row) * draws + piece.firstDraw + draw) * dy);
        }
    }
  } finally {
    tf.dispose(parameters);
  }
  return out;
}
