/** Hidden patches of images, generated from visible ones through the predictor. */

import { rsample } from "../distributions/diagonal-gaussian.js";
import { logSumExp } from "../distributions/log-sum-exp.js";
import type { Key } from "../engine/random.js";
import type * as tf from "../engine/tf.js";
import type { FlatParameters } from "../layers/parameters.js";
import {
  type DecodedPatches,
  decode,
  decodeMarginal,
  marginalLogLikelihood,
} from "../models/modalities/patches/decoder.js";
import { cutPatches, type ImageRows, pastePatches } from "../models/modalities/patches/images.js";
import { patches } from "../models/modalities/patches/patches.js";
import type { VarIJepaConfig } from "../models/var-i-jepa.js";
import { checkHiddenTokens, type HiddenTokens, sampleTargets } from "./sample-targets.js";

/** Images whose hidden patches were generated; all others are, bit for bit, what they were. */
export interface GeneratedPatches {
  readonly samples: number;
  readonly rows: number;
  /** The patches that were generated. */
  readonly hidden: readonly number[];
  /**
   * Row-major `[samples, rows, height, width]`: under each sample of s_x and z one draw of s_y ~ p(s_y|s_x,z), decoded. A
   * draw of the pixels themselves adds N(0, `sigma`²) to each of a hidden patch.
   */
  readonly draws: Float32Array;
  /** Mean and standard deviation of every pixel under all samples, s_y integrated out, σ_y included: `[rows, height, width]`. */
  readonly mean: Float32Array;
  /** 0 outside of hidden patches. */
  readonly deviation: Float32Array;
  /** σ_y, in ink. */
  readonly sigma: number;
}

/**
 * Generates hidden patches of every image from given ones: s_x ~ q(s_x|x), z ~ p(z) = N(0, I), s_y ~ p(s_y|s_x,z), then
 * p(y|s_y) from the target path's decoder (Section 3.6 of the paper). What images hold in other patches than the given
 * ones is not looked at.
 * @param given the patches that form each image's context: `input.rows` lists of one length, at least 1
 * @param hidden patches to generate, none of them given
 * @param samples draws of s_x and z per image
 * @throws when patches overlap, repeat or do not exist, contexts differ in length, or the images do not fit the model.
 */
export function generatePatches(
  weights: FlatParameters,
  config: VarIJepaConfig,
  input: ImageRows,
  given: readonly (readonly number[])[],
  hidden: readonly number[],
  samples: number,
  key: Key,
): GeneratedPatches {
  const model = { config, modality: patches(config) };
  const asked: HiddenTokens = { given, hidden, samples, key };
  checkHiddenTokens(asked, "patch", model.modality.tokens, input.rows);
  model.modality.check(input);
  const { image } = config;
  const pixels = image.height * image.width;
  const draws = new Float32Array(samples * input.images.length);
  for (let sample = 0; sample < samples; sample++) draws.set(input.images, sample * input.images.length);
  const size = input.rows * hidden.length * image.patch ** 2;
  const [sums, squares, spreads] = [0, 1, 2].map(() => new Float64Array(size));
  let sigma = 0;
  sampleTargets(weights, model, input, asked, 0, (targets) => {
    const { sample, first, count, parameters, pSy, logSigmaY, cells, syNoise } = targets;
    const drawn: DecodedPatches = decode(parameters, "targetDecoder", rsample(pSy, syNoise(0)), cells);
    const own = draws.subarray(
      (sample * input.rows + first) * pixels,
      (sample * input.rows + first + count) * pixels,
    );
    pastePatches(image, own, cells, drawn.mean.dataSync<"float32">());
    const said = decodeMarginal(parameters, "targetDecoder", pSy, logSigmaY as tf.Scalar);
    const [means, variances] = [said.mean.dataSync(), said.variance.dataSync()];
    const at = first * hidden.length * image.patch ** 2;
    for (let i = 0; i < means.length; i++) {
      sums[at + i] += means[i] / samples;
      squares[at + i] += means[i] ** 2 / samples;
      spreads[at + i] += variances[i] / samples;
    }
    sigma = Math.exp(logSigmaY.dataSync()[0]);
  });
  const cells = {
    row: Int32Array.from({ length: input.rows * hidden.length }, (_, i) => Math.floor(i / hidden.length)),
    feature: Int32Array.from({ length: input.rows * hidden.length }, (_, i) => hidden[i % hidden.length]),
  };
  const mean = input.images.slice();
  pastePatches(image, mean, cells, Float32Array.from(sums));
  const deviation = new Float32Array(input.images.length);
  const total = Float32Array.from(sums, (m, i) => Math.sqrt(Math.max(0, squares[i] - m * m) + spreads[i]));
  pastePatches(image, deviation, cells, total);
  return { samples, rows: input.rows, hidden, draws, mean, deviation, sigma };
}

/** How probable the true pixels of hidden patches are, in nats per patch. */
export interface PatchLogLikelihood {
  /** log p(all hidden patches | x) divided by their number: `[rows]`. */
  readonly joint: Float64Array;
  /** log p(patch | x) of each by itself, row-major `[rows, hidden]`. */
  readonly each: Float64Array;
}

/**
 * log p(y | x) of hidden patches, estimated as the log of the mean over samples of s_x and z, s_y integrated out. A lower
 * bound in expectation that rises with the number of samples: look at it with half of them too.
 * @param input the true images; parameters as in `generatePatches`
 * @throws as `generatePatches` does.
 */
export function patchLogLikelihood(
  weights: FlatParameters,
  config: VarIJepaConfig,
  input: ImageRows,
  given: readonly (readonly number[])[],
  hidden: readonly number[],
  samples: number,
  key: Key,
): PatchLogLikelihood {
  const model = { config, modality: patches(config) };
  const asked: HiddenTokens = { given, hidden, samples, key };
  checkHiddenTokens(asked, "patch", model.modality.tokens, input.rows);
  const joint = new Float64Array(input.rows).fill(Number.NEGATIVE_INFINITY);
  const each = new Float64Array(input.rows * hidden.length).fill(Number.NEGATIVE_INFINITY);
  sampleTargets(weights, model, input, asked, 0, ({ first, parameters, pSy, logSigmaY, cells }) => {
    const inAll = { ...cells, row: cells.row.map((row) => first + row) };
    const pixels = cutPatches(config.image, input, inAll);
    const logs = marginalLogLikelihood(parameters, "targetDecoder", pSy, logSigmaY as tf.Scalar, pixels);
    for (let i = 0; i < logs.length; i += hidden.length) {
      const row = first + i / hidden.length;
      let sum = 0;
      for (let k = 0; k < hidden.length; k++) {
        const at = row * hidden.length + k;
        each[at] = logSumExp(Float64Array.of(each[at], logs[i + k] - Math.log(samples)));
        sum += logs[i + k];
      }
      joint[row] = logSumExp(Float64Array.of(joint[row], sum - Math.log(samples)));
    }
  });
  return { joint: joint.map((log) => log / hidden.length), each };
}
