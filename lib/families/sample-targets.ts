/** Hidden tokens of rows, predicted from given ones: what generation on every modality stands on. */

import { checkWhole } from "../checks.js";
import type { DiagonalGaussian } from "../distributions/diagonal-gaussian.js";
import { randomNormal } from "../engine/ops/random-normal.js";
import { fold, type Key } from "../engine/random.js";
import * as tf from "../engine/tf.js";
import type { FlatParameters, Parameters } from "../layers/parameters.js";
import { fixedMasks } from "../models/tokens/masks.js";
import type { Cells, LogSigma } from "../models/tokens/modality.js";
import { cellsOf, noNoise, passTokens } from "../models/tokens/pass.js";
import type { TokenModelOf } from "./embed-tokens.js";
import { inPieces, type RowPiece } from "./load-parameters.js";

/** What is asked of the hidden tokens of some rows. */
export interface HiddenTokens {
  /** The tokens that form each row's context: as many lists as rows, of one length, at least 1. */
  readonly given: readonly (readonly number[])[];
  /** Tokens to predict, none of them given. */
  readonly hidden: readonly number[];
  /** Draws of s_x and z per row. */
  readonly samples: number;
  readonly key: Key;
}

/** The hidden tokens of some rows under one sample of s_x and z. */
export interface SampledTargets extends RowPiece {
  readonly sample: number;
  readonly parameters: Parameters;
  /** p(s_y | s_x, z), `[count · hidden, d]`. */
  readonly pSy: DiagonalGaussian;
  readonly logSigmaY: LogSigma;
  /** Which token each row of `pSy` is; rows are counted from the first of these. */
  readonly cells: Cells;
  /** ε of draw i of s_y, standard normal, shaped as `pSy`. */
  readonly syNoise: (draw: number) => tf.Tensor2D;
}

/**
 * Takes rows, whose hidden tokens are checked, through s_x ~ q(s_x|x), z ~ p(z) = N(0, I), p(s_y|s_x,z) (Section 3.6 of
 * the paper), a bounded number of tokens at a time. What `input` holds in other tokens than the given ones is not looked at.
 * @param extraTokens what reading takes per row, counted in tokens
 * @param read reads what it wants of every sample of some rows; tensors that it makes are disposed of
 * @throws when the rows do not fit the modality.
 */
export function sampleTargets<Input extends { readonly rows: number }, Decoded>(
  weights: FlatParameters,
  { config, modality }: TokenModelOf<Input, Decoded>,
  input: Input,
  { given, hidden, samples, key }: HiddenTokens,
  extraTokens: number,
  read: (targets: SampledTargets) => void,
): void {
  const { width } = config.encoder;
  const tokensPerRow = config.clsTokens + (given[0]?.length ?? 0) + hidden.length + extraTokens;
  const pieces = inPieces(weights, modality, input, tokensPerRow, (parameters, rows, { first, count }) => {
    const model = { parameters, config, modality };
    const masks = fixedMasks(given.slice(first, first + count), hidden);
    const cells = cellsOf(masks.targets, hidden.length, count);
    const { qSx, logSigmaY } = passTokens(model, rows, masks, noNoise);
    for (let sample = 0; sample < samples; sample++)
      tf.tidy(() => {
        const noise = (latent: string, each: number, draw?: number) => {
          const own = fold(fold(key, latent), sample);
          const drawKey = draw === undefined ? own : fold(own, draw);
          return randomNormal(drawKey, count * each, width, first * each);
        };
        const { pSy } = passTokens(model, rows, masks, noise, { qSx, z: noise("z", 1) });
        const syNoise = (draw: number) => noise("s_y", hidden.length, draw);
        read({ sample, parameters, first, count, pSy, logSigmaY, cells, syNoise });
      });
  });
  for (const _ of pieces);
}

/**
 * @param name what a token is: "feature", "patch"
 * @param tokens how many a row has
 * @throws when tokens overlap, repeat or do not exist, contexts differ in length, or there are no samples.
 */
export function checkHiddenTokens(
  { given, hidden, samples }: HiddenTokens,
  name: string,
  tokens: number,
  rows: number,
): void {
  if (given.length !== rows)
    throw new Error(`given has ${given.length} contexts; ${rows} rows need one each`);
  if (hidden.length === 0) throw new Error(`hidden is empty; name at least one ${name}`);
  const checkDistinct = (named: readonly number[]) => {
    const seen = new Set<number>();
    for (const token of named) {
      if (!Number.isInteger(token) || token < 0 || token >= tokens)
        throw new Error(`${name} ${token} does not exist; use 0 … ${tokens - 1}`);
      if (seen.has(token)) throw new Error(`${name} ${token} is named twice in given and hidden`);
      seen.add(token);
    }
  };
  checkDistinct(hidden);
  const size = given[0]?.length;
  for (const context of new Set(given)) {
    if (context.length === 0) throw new Error(`given is empty; name at least one ${name}`);
    if (context.length !== size)
      throw new Error(
        `given has contexts of ${size} and of ${context.length} ${name}s; generate for them apart`,
      );
    checkDistinct([...hidden, ...context]);
  }
  checkWhole("samples", samples, 1);
}
