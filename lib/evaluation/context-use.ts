import { kl } from "../distributions/diagonal-gaussian.js";
import { fold, type Key } from "../engine/random.js";
import * as tf from "../engine/tf.js";
import type { TokenModelOf } from "../families/embed-tokens.js";
import { inPieces } from "../families/load-parameters.js";
import type { FlatParameters } from "../layers/parameters.js";
import type { TableRows } from "../models/modalities/tabular/table.js";
import { tabular } from "../models/modalities/tabular/tabular.js";
import { noiseFrom, passTokens } from "../models/tokens/pass.js";
import { range } from "../models/tokens/positions.js";
import type { VarTJepaConfig } from "../models/var-t-jepa.js";

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
  weights: FlatParameters,
  config: VarTJepaConfig,
  input: TableRows,
  key: Key,
  draws = 4,
): ContextUse {
  return tokenContextUse(weights, { config, modality: tabular(config) }, input, key, draws);
}

/**
 * The same of any tokens, in nats per target token.
 * @throws when there are fewer than 2 rows, or they do not fit the modality.
 */
export function tokenContextUse<Input extends { readonly rows: number }, Decoded>(
  weights: FlatParameters,
  { config, modality }: TokenModelOf<Input, Decoded>,
  input: Input,
  key: Key,
  draws = 4,
): ContextUse {
  if (input.rows < 2) throw new Error(`input has ${input.rows} rows; give at least 2, to exchange contexts`);
  let [own, exchanged, count, piece] = [0, 0, 0, 0];
  const { targetViews } = modality.drawMasks(key, 1);
  // The longest of a row's sequences are those of its targets.
  const tokensPerRow = modality.tokens + targetViews * (modality.tokens + config.clsTokens);
  const pieces = inPieces(weights, modality, input, tokensPerRow, (parameters, part) => {
    const [model, rows, pieceKey] = [{ parameters, config, modality }, part.rows, fold(key, piece++)];
    const next = range(1, rows).map((i) => i % rows);
    const shifted = modality.select(part, next);
    for (let draw = 0; draw < draws && rows > 1; draw++)
      tf.tidy(() => {
        const masks = modality.drawMasks(fold(fold(pieceKey, draw), "masks"), rows);
        const noise = noiseFrom(fold(pieceKey, draw), rows, config.encoder.width);
        const { qSy, pSy } = passTokens(model, part, masks, noise);
        const { sx, z } = passTokens(model, shifted, masks, noise);
        const fromOther = passTokens(model, part, masks, noise, { sx, z }).pSy;
        own += tf.mean(kl(qSy, pSy)).dataSync()[0] * rows;
        exchanged += tf.mean(kl(qSy, fromOther)).dataSync()[0] * rows;
        count += rows;
      });
  });
  for (const _ of pieces);
  return { kl: own / count, shuffledKl: exchanged / count };
}
