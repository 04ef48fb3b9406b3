import { checkChoice, checkWhole } from "../../checks.js";
import { checkObservations } from "../../data/rows.js";
import { rsample } from "../../distributions/diagonal-gaussian.js";
import type { Key } from "../../engine/random.js";
import * as tf from "../../engine/tf.js";
import { loadParameters } from "../../families/load-parameters.js";
import type { Pairs } from "../../families/var-jepa.js";
import type { FlatParameters } from "../../layers/parameters.js";
import type { VarJepaConfig } from "../../models/var-jepa.js";
import { latentNetworks } from "./latent-networks.js";
import { latentPieceNoise, numbersPerSample, perDraw, samplePieces } from "./sample-pieces.js";

/**
 * Where the latents of log p(y|x) are drawn from, s_x ~ q(s_x|x) in each case:
 * - `posterior`: z ~ q(z|s_x), s_y ~ q(s_y|s_x,z,y), the path of training;
 * - `posterior, prior z`: z ~ p(z), s_y ~ q(s_y|s_x,z,y). Neither proposal of z sees y; this one bounds p(z)/q(z) by 1
 *   where a q(z|s_x) narrower than p(z) leaves weights without a finite variance;
 * - `predictor`: z ~ p(z), s_y ~ p(s_y|s_x,z), the path of generation. Its weights p(y|s_y) are those of guessing.
 */
export type Proposal = "posterior" | "posterior, prior z" | "predictor";

const proposals: readonly Proposal[] = ["posterior", "posterior, prior z", "predictor"];

/** Log importance weights of rows, in nats, both row-major `[rows, samples]`. */
export interface LogWeights {
  readonly samples: number;
  /** log w_k, of y given the k-th draw of s_x. */
  readonly target: Float64Array;
  /** log v_k = log p(s_x) + log p(x|s_x) − log q(s_x|x), of x. */
  readonly context: Float64Array;
}

/**
 * Log importance weights of log p(y|x) under a trained model.
 *
 * What the model generates (Section 3.6) has the density
 *
 *     p(y|x) = ∫ q(s_x|x) p(z) p(s_y|s_x,z) p(y|s_y) ds_x dz ds_y,
 *
 * which integrates to 1 over y whatever q(s_x|x) is. With latents from the proposal
 * r = q(s_x|x) r(z|s_x) r(s_y|s_x,z,y), q(s_x|x) cancels and
 *
 *     w = p(z)/r(z|s_x) · p(s_y|s_x,z)/r(s_y|s_x,z,y) · p(y|s_y),   E_r w = p(y|x),
 *
 * so log (1/K) Σ w_k is a lower bound of log p(y|x) in the mean, which rises with K (Burda, Grosse & Salakhutdinov
 * 2016): `importanceBound(target, samples)`. With q(s_y|s_x,z,y) equal to the model's own posterior of s_y the weights
 * are p(y|s_x,z): what is left of their variance comes from s_x and z, of which no network sees y.
 * `laplaceWeights` of `generatorObservation` draws all three with y in sight.
 *
 * The coupled model itself says p(s_x|x) in place of q(s_x|x). As p(s_x|x) ∝ q(s_x|x) v with
 * v = p(s_x) p(x|s_x)/q(s_x|x), its density is E_r[v w]/E_r[v], estimated by the self-normalised
 * `importanceRatio(target + context, context, samples)` , and log (1/K) Σ v_k is a bound of log p(x).
 *
 * Networks run in the engine's single precision; densities and weights are double, and proposals' densities are taken
 * from the noise, −½ Σ (ε² + log σ² + log 2π), which loses no digits where σ is small.
 * @param samples K, draws per row; the first of them are the same whatever K is
 * @throws when the pairs do not fit the model, or a setting makes no sense.
 */
export function importanceWeights(
  weights: FlatParameters,
  config: VarJepaConfig,
  { rows, x, y }: Pairs,
  key: Key,
  { samples, proposal }: { readonly samples: number; readonly proposal: Proposal },
): LogWeights {
  const { dx, dy, d, dz } = config;
  checkObservations("x", x, rows, dx);
  checkObservations("y", y, rows, dy);
  checkWhole("samples", samples, 1, 2 ** 24);
  checkChoice("proposal", proposal, proposals);
  const [target, context] = [new Float64Array(rows * samples), new Float64Array(rows * samples)];
  const parameters = loadParameters(weights);
  const [logSigmaX, logSigmaY] = ["logSigmaX", "logSigmaY"].map((name) => parameters[name].dataSync()[0]);
  const networks = latentNetworks(parameters, config);
  try {
    for (const piece of samplePieces(rows, samples, numbersPerSample(config)))
      tf.tidy(() => {
        const { firstRow, count, draws } = piece;
        const part = (values: Float32Array, columns: number) =>
          tf.tensor2d(values.subarray(firstRow * columns, (firstRow + count) * columns), [count, columns]);
        const [ownX, ownY] = [part(x, dx), part(y, dy)];
        const noise = latentPieceNoise(key, piece, config);
        const one = networks.qSx(ownX);
        const qSx = { mean: perDraw(one.mean, draws), logVariance: perDraw(one.logVariance, draws) };
        const sx = rsample(qSx, noise.sx);
        const qZ = proposal === "posterior" && dz > 0 ? networks.qZ(sx) : undefined;
        const z = qZ ? rsample(qZ, noise.z) : noise.z;
        const pSy = networks.pSy(sx, z);
        const qSy = proposal === "predictor" ? pSy : networks.qSy(sx, z, perDraw(ownY, draws));
        const sy = rsample(qSy, noise.sy);
        const at = plain({ ...noise, drawnSx: sx, drawnZ: z, drawnSy: sy });
        const [ofSx, ofZ, ofSy, ofPSy] = [qSx, qZ, qSy, pSy].map((q) => q && plain(q));
        const means = plain({ x: networks.xMean(sx), y: networks.yMean(sy) });
        for (let draw = 0; draw < draws; draw++)
          for (let row = 0; row < count; row++) {
            const i = draw * count + row;
            const out = (firstRow + row) * samples + piece.firstDraw + draw;
            context[out] =
              standardLogProb(at.drawnSx, i, d) +
              observationLogProb(x, firstRow + row, means.x, i, dx, logSigmaX) -
              proposalLogProb(at.sx, ofSx!.logVariance, i, d);
            target[out] = observationLogProb(y, firstRow + row, means.y, i, dy, logSigmaY);
            if (ofZ)
              target[out] +=
                standardLogProb(at.drawnZ, i, dz) - proposalLogProb(at.z, ofZ.logVariance, i, dz);
            if (proposal !== "predictor")
              target[out] +=
                gaussianLogProb(at.drawnSy, ofPSy!.mean, ofPSy!.logVariance, i, d) -
                proposalLogProb(at.sy, ofSy!.logVariance, i, d);
          }
      });
  } finally {
    tf.dispose(parameters);
  }
  return { samples, target, context };
}

type Plain<T> = { readonly [name in keyof T]: Float32Array };

/** The values of some tensors. */
function plain<T extends { readonly [name in keyof T]: tf.Tensor }>(tensors: T): Plain<T> {
  return Object.fromEntries(
    Object.entries<tf.Tensor>(tensors).map(([name, tensor]) => [name, tensor.dataSync<"float32">()]),
  ) as Plain<T>;
}

const LOG_2PI = Math.log(2 * Math.PI);

/** log N(value; 0, I) of row i of `[·, d]`. */
function standardLogProb(value: Float32Array, i: number, d: number): number {
  let sum = d * LOG_2PI;
  for (let at = i * d; at < (i + 1) * d; at++) sum += value[at] * value[at];
  return -0.5 * sum;
}

/** log N(μ + σ ε; μ, σ²) of row i, from ε. */
function proposalLogProb(noise: Float32Array, logVariance: Float32Array, i: number, d: number): number {
  let sum = d * LOG_2PI;
  for (let at = i * d; at < (i + 1) * d; at++) sum += noise[at] * noise[at] + logVariance[at];
  return -0.5 * sum;
}

/** log N(value; μ, σ²) of row i. */
function gaussianLogProb(
  value: Float32Array,
  mean: Float32Array,
  logVariance: Float32Array,
  i: number,
  d: number,
): number {
  let sum = d * LOG_2PI;
  for (let at = i * d; at < (i + 1) * d; at++)
    sum += (value[at] - mean[at]) ** 2 * Math.exp(-logVariance[at]) + logVariance[at];
  return -0.5 * sum;
}

/** log N(value; mean, σ² I) of row `row` of the data and row i of the means. */
function observationLogProb(
  value: Float32Array,
  row: number,
  mean: Float32Array,
  i: number,
  d: number,
  logSigma: number,
): number {
  let squared = 0;
  for (let j = 0; j < d; j++) squared += (value[row * d + j] - mean[i * d + j]) ** 2;
  return -0.5 * (squared * Math.exp(-2 * logSigma) + d * (2 * logSigma + LOG_2PI));
}
