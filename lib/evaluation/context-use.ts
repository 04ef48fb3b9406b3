import { type DiagonalGaussian, kl, rsample } from "../distributions/diagonal-gaussian.js";
import { gatherRows } from "../engine/ops/gather-rows.js";
import { randomNormal } from "../engine/ops/random-normal.js";
import { fold, type Key } from "../engine/random.js";
import * as tf from "../engine/tf.js";
import type { Weights } from "../layers/weights.js";
import { auxiliaryPosterior, poolContext } from "../models/var-t-jepa/auxiliary-encoder.js";
import type { VarTJepaConfig } from "../models/var-t-jepa/config.js";
import { contextPosterior } from "../models/var-t-jepa/context-encoder.js";
import { loadWeights } from "../models/var-t-jepa/load-weights.js";
import { drawMasks } from "../models/var-t-jepa/masks.js";
import { predictTargets } from "../models/var-t-jepa/predictor.js";
import {
  checkTableRows,
  featureCount,
  rowPieces,
  selectRows,
  type TableRows,
} from "../models/var-t-jepa/table.js";
import { targetFeatureRows, targetPosterior } from "../models/var-t-jepa/target-posterior.js";
import { tokenize } from "../models/var-t-jepa/tokenizer.js";

/** How far the predictor is from the target's posterior, in nats per target feature. */
export interface ContextUse {
  /** KL(q(s_y|s_x,z,y) ‖ p(s_y|s_x,z)), the predictor seeing the row's own context … */
  readonly kl: number;
  /** … and seeing another row's: equal to `kl` if the predictor makes nothing of what it sees. */
  readonly shuffledKl: number;
}

/**
 * How much the predictor makes of the context. A predictor that ignores it is a prior per feature: its KL can be small
 * and yet it tells nothing about a row.
 * @param key source of masks, s_x and z
 * @param draws masks and latents drawn for every row
 * @throws when there are fewer than 2 rows, or they do not fit the model's table.
 */
export function contextUse(
  weights: Weights,
  config: VarTJepaConfig,
  input: TableRows,
  key: Key,
  draws = 4,
): ContextUse {
  checkTableRows(config.table, input);
  if (input.rows < 2) throw new Error(`input has ${input.rows} rows; give at least 2, to exchange contexts`);
  const features = featureCount(config.table);
  const parameters = loadWeights(weights);
  let [own, exchanged, count] = [0, 0, 0];
  // The longest of a row's sequences are those of its targets.
  const tokensPerRow = features + config.masks.targetViews * (features + config.clsTokens);
  for (const [p, piece] of [...rowPieces(input.rows, tokensPerRow)].entries()) {
    if (piece.length < 2) continue;
    for (let draw = 0; draw < draws; draw++) {
      const drawKey = fold(fold(key, p), draw);
      const [a, b] = meanKls(parameters, config, selectRows(config.table, input, piece), drawKey);
      own += a * piece.length;
      exchanged += b * piece.length;
      count += piece.length;
    }
  }
  tf.dispose(parameters);
  return { kl: own / count, shuffledKl: exchanged / count };
}

/** Mean KL of some rows with their own contexts and with each other's. */
function meanKls(
  parameters: ReturnType<typeof loadWeights>,
  config: VarTJepaConfig,
  rows: TableRows,
  key: Key,
): [number, number] {
  const features = featureCount(config.table);
  const masks = drawMasks(fold(key, "masks"), config.masks, features, rows.rows);
  const noise = (name: string, each: number) =>
    randomNormal(fold(key, name), rows.rows * each, config.encoder.width);
  const latents = (input: TableRows) => {
    const tokens = tokenize(parameters, config.table, input);
    const qSx = contextPosterior(parameters, config, tokens, masks);
    const sx = rsample(qSx, noise("s_x", config.clsTokens + masks.contextSize));
    const pooled = poolContext(parameters, sx, rows.rows);
    const z = rsample(auxiliaryPosterior(parameters, config, pooled), noise("z", 1));
    return { tokens, sx, pooled, z };
  };
  const [own, other] = tf.tidy(() => {
    const { tokens, sx, pooled, z } = latents(rows);
    const qSw = targetPosterior(parameters, config, tokens, pooled, z);
    const inTargets = targetFeatureRows(masks, features);
    const qSy: DiagonalGaussian = {
      mean: gatherRows(qSw.mean, inTargets),
      logVariance: gatherRows(qSw.logVariance, inTargets),
    };
    const shifted = Int32Array.from({ length: rows.rows }, (_, i) => (i + 1) % rows.rows);
    const exchanged = latents(selectRows(config.table, rows, shifted));
    const predict = (from: { sx: tf.Tensor2D; z: tf.Tensor2D }) =>
      tf.mean(kl(qSy, predictTargets(parameters, config, features, masks, from.sx, from.z)));
    return [predict({ sx, z }), predict(exchanged)];
  });
  const values: [number, number] = [own.dataSync()[0], other.dataSync()[0]];
  tf.dispose([own, other]);
  return values;
}
