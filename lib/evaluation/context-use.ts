import { kl } from "../distributions/diagonal-gaussian.js";
import { fold, type Key } from "../engine/random.js";
import * as tf from "../engine/tf.js";
import { inPieces } from "../inference/load-weights.js";
import type { Parameters, Weights } from "../layers/weights.js";
import type { TableRows } from "../models/modalities/tabular/table.js";
import { tabular } from "../models/modalities/tabular/tabular.js";
import { noiseFrom, passTokens } from "../models/tokens/pass.js";
import { type VarTJepaConfig, type VarTJepaPass, varTJepa } from "../models/var-t-jepa.js";

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
  if (input.rows < 2) throw new Error(`input has ${input.rows} rows; give at least 2, to exchange contexts`);
  const modality = tabular(config);
  const { targetViews } = config.masks;
  let [own, exchanged, count, piece] = [0, 0, 0, 0];
  // The longest of a row's sequences are those of its targets.
  const tokensPerRow = modality.tokens + targetViews * (modality.tokens + config.clsTokens);
  const pieces = inPieces(weights, modality, input, tokensPerRow, (parameters, rows) => {
    const pieceKey = fold(key, piece++);
    for (let draw = 0; draw < draws && rows.rows > 1; draw++) {
      const [a, b] = tf.tidy(() => meanKls(parameters, config, rows, fold(pieceKey, draw)));
      own += a * rows.rows;
      exchanged += b * rows.rows;
      count += rows.rows;
    }
  });
  for (const _ of pieces);
  return { kl: own / count, shuffledKl: exchanged / count };
}

/** Mean KL of some rows with their own contexts and with each other's. */
function meanKls(
  parameters: Parameters,
  config: VarTJepaConfig,
  rows: TableRows,
  key: Key,
): [number, number] {
  const model = varTJepa(parameters, config);
  const masks = model.modality.drawMasks(fold(key, "masks"), rows.rows);
  const noise = noiseFrom(key, rows.rows, config.encoder.width);
  const own = passTokens(model, rows, masks, noise);
  const shifted = Int32Array.from({ length: rows.rows }, (_, i) => (i + 1) % rows.rows);
  const other = passTokens(model, model.modality.select(rows, shifted), masks, noise);
  const exchanged = passTokens(model, rows, masks, noise, { sx: other.sx, z: other.z });
  const mean = ({ pSy }: VarTJepaPass) => tf.mean(kl(own.qSy, pSy)).dataSync()[0];
  return [mean(own), mean(exchanged)];
}
