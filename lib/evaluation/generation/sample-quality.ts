/** Where aggregated posterior and prior differ, and what samples suffer from it. */
import { randomNormal } from "../../engine/ops/random-normal.js";
import { fold, type Key, unitVectors } from "../../engine/random.js";
import * as tf from "../../engine/tf.js";
import { loadParameters } from "../../families/load-parameters.js";
import type { Pairs } from "../../families/var-jepa.js";
import type { FlatParameters } from "../../layers/parameters.js";
import { generateTarget, latentNoise, passVarJepa, type VarJepaConfig } from "../../models/var-jepa.js";
import { type ElboSurgery, elboSurgery } from "../elbo-surgery.js";
import { latentDiagnostics } from "../latent-diagnostics.js";
import { type EnergyDistance, energyDistance } from "./energy-distance.js";
import { latentNetworks } from "./latent-networks.js";

/** How far the aggregated posterior of a latent is from N(0, I), in nats. */
export interface AggregateMismatch extends ElboSurgery {
  /**
   * KL(N(m, C) ‖ N(0, I)) of a Gaussian fitted to the samples. `aggregate` sees any form, but is much too large where
   * `mutualInformation` is near log N, N being the rows it was taken of; then go by this one.
   */
  readonly gaussianKl: number;
}

/** Samples of a model beside data, stage by stage; each stage leaves one more thing to the model. */
export interface SampleQuality {
  /** The aggregated posterior of s_x beside N(0, I). */
  readonly sx: AggregateMismatch;
  /** That of z, where there is one. */
  readonly z?: AggregateMismatch;
  /**
   * Energy distances to held-out x of p(x|s_x) with s_x from the aggregated posterior, and from the prior: the
   * difference is what the mismatch of the two costs.
   */
  readonly x: { readonly posterior: EnergyDistance; readonly prior: EnergyDistance };
  /**
   * Energy distances to held-out y of p(y|s_y) with s_y ~ q(s_y|s_x,z,y) of other rows, with s_y predicted from their x
   * (s_x ~ q(s_x|x), z ~ p(z)), and with s_y predicted from the prior of s_x.
   */
  readonly y: {
    readonly posterior: EnergyDistance;
    readonly predicted: EnergyDistance;
    readonly prior: EnergyDistance;
  };
}

/**
 * Compares a model's samples, observation noise included, with data. The rows are cut in two: one half is the data to
 * compare with, the other is what posteriors are taken of, so that no sample meets the row that it was made from.
 * @param pairs rows that the model was not trained on; a few hundred to a thousand, since time goes with their square
 * @throws when half of the rows are not more than a latent has dimensions, or they do not fit the model.
 */
export function sampleQuality(
  weights: FlatParameters,
  config: VarJepaConfig,
  { rows, x, y }: Pairs,
  key: Key,
): SampleQuality {
  const { dx, dy, d, dz } = config;
  const half = Math.floor(rows / 2);
  const parameters = loadParameters(weights);
  const numbers: Record<string, Float32Array> = {};
  try {
    tf.tidy(() => {
      const networks = latentNetworks(parameters, config);
      const ownX = tf.tensor2d(x.subarray(half * dx, 2 * half * dx), [half, dx]);
      const ownY = tf.tensor2d(y.subarray(half * dy, 2 * half * dy), [half, dy]);
      const pass = passVarJepa(
        parameters,
        config,
        ownX,
        ownY,
        latentNoise(fold(key, "posterior"), half, config),
      );
      const predicted = generateTarget(
        parameters,
        config,
        ownX,
        latentNoise(fold(key, "predicted"), half, config),
      );
      const prior = latentNoise(fold(key, "prior"), half, config);
      const pSy = networks.pSy(prior.sx, prior.z);
      const priorSy = tf.add<tf.Tensor2D>(pSy.mean, tf.mul(tf.exp(tf.mul(pSy.logVariance, 0.5)), prior.sy));
      const observed = (mean: tf.Tensor2D, side: "X" | "Y", label: string) =>
        tf.add(
          mean,
          tf.mul(tf.exp(parameters[`logSigma${side}`]), randomNormal(fold(key, label), half, mean.shape[1])),
        );
      const tensors = {
        sxMean: pass.qSx.mean,
        sxLogVariance: pass.qSx.logVariance,
        sx: pass.sx,
        zMean: pass.qZ.mean,
        zLogVariance: pass.qZ.logVariance,
        z: pass.z,
        xPosterior: observed(networks.xMean(pass.sx), "X", "x posterior"),
        xPrior: observed(networks.xMean(prior.sx), "X", "x prior"),
        yPosterior: observed(networks.yMean(pass.sy), "Y", "y posterior"),
        yPredicted: observed(predicted.yMean, "Y", "y predicted"),
        yPrior: observed(networks.yMean(priorSy), "Y", "y prior"),
      };
      for (const [name, tensor] of Object.entries(tensors))
        numbers[name] = tensor.dataSync<"float32">().slice();
    });
  } finally {
    tf.dispose(parameters);
  }
  const against = (name: string, data: Float32Array, columns: number) =>
    energyDistance(data.subarray(0, half * columns), numbers[name], columns, fold(key, `${name} deals`));
  const mismatch = (name: "sx" | "z", columns: number): AggregateMismatch => {
    const samples = numbers[name];
    const directions = unitVectors(fold(key, "directions"), 1, columns);
    return {
      ...elboSurgery(numbers[`${name}Mean`], numbers[`${name}LogVariance`], samples, columns),
      gaussianKl: latentDiagnostics(samples, columns, directions).klAggregate,
    };
  };
  return {
    sx: mismatch("sx", d),
    ...(dz > 0 && { z: mismatch("z", dz) }),
    x: { posterior: against("xPosterior", x, dx), prior: against("xPrior", x, dx) },
    y: {
      posterior: against("yPosterior", y, dy),
      predicted: against("yPredicted", y, dy),
      prior: against("yPrior", y, dy),
    },
  };
}
