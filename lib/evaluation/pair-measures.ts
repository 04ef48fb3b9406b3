/**
 * What can be told of a model of pairs, on posterior means and on posterior samples. Neither alone is enough: a posterior as wide
 * as its prior still has means that a probe reads, and samples that it does not.
 */
import { firstRows, type SimulatedViews, type Views } from "../data/simulation.js";
import { fold, type Key } from "../engine/random.js";
import { choicesOf } from "../models/pairs/config.js";
import { conditionalPriorKl, type EncodedPairs, encodePairs, type PairModel } from "./embed.js";
import { type FeatureMeasures, featureMeasures } from "./feature-measures.js";
import { type InformationBracket, informationBracket } from "./information-bracket.js";
import { aggregateKl } from "./latent-diagnostics.js";
import { type PredictionError, predictionError } from "./prediction-error.js";
import type { ProbeConfig } from "./predictors/mlp-probe.js";

/** Measures of one latent. */
export interface LatentMeasures extends FeatureMeasures {
  /** KL(N(m, C) ‖ N(0, I)) of the fitted Gaussian, in nats. */
  readonly klAggregate: number;
}

/** Measures of a model of pairs, all on means or all on samples. */
export interface PairMeasures {
  readonly sx: LatentMeasures;
  readonly sy: LatentMeasures;
  /** Left out without z. */
  readonly z?: LatentMeasures;
  /** Mean KL of q(s_y|·) to its own prior, in nats. Points have none. */
  readonly conditionalKl?: number;
  /** s_y against the predictor's mean. Left out without a predictor. */
  readonly prediction?: PredictionError;
}

/** All that is measured. */
export interface MeasuredPairs {
  readonly means: PairMeasures;
  readonly samples: PairMeasures;
  /** I(x; s_x), which is of samples by its nature. Points have none. */
  readonly information?: InformationBracket;
}

/** How a model is measured. */
export interface PairScoring {
  readonly probe: ProbeConfig;
  /** Rows that the information is bracketed on; the lower bound ends at the logarithm of their number. */
  readonly informationRows: number;
}

/**
 * Measures a model of pairs.
 * @param fitted the rows that probes and maps learn from
 * @param scored other rows, on which all is measured
 */
export async function measurePairs(
  key: Key,
  model: PairModel,
  fitted: Views | SimulatedViews,
  scored: Views | SimulatedViews,
  { probe, informationRows }: PairScoring,
): Promise<MeasuredPairs> {
  const { d, dz } = model.config;
  const { latents, prior } = choicesOf(model.config);
  const measured = async (noise: (label: string) => Key | undefined): Promise<PairMeasures> => {
    const learned = encodePairs(model, fitted, noise("fitted"));
    const found = encodePairs(model, scored, noise("scored"));
    const latent = async (name: "sx" | "sy" | "z", columns: number): Promise<LatentMeasures> => ({
      ...(await featureMeasures(
        fold(key, name),
        { columns, fitted: learned[name], scored: found[name] },
        fitted,
        scored,
        probe,
      )),
      klAggregate: aggregateKl(found[name], columns),
    });
    const { parameters, config, average } = model;
    return {
      sx: await latent("sx", d),
      sy: await latent("sy", d),
      ...(dz > 0 && { z: await latent("z", dz) }),
      ...(latents === "gaussian" && {
        conditionalKl: conditionalPriorKl(parameters, config, scored, noise("scored"), average),
      }),
      ...(prior === "predictor" && { prediction: predictionError(found.pSy.mean, found.sy, d) }),
    };
  };
  const means = await measured(() => undefined);
  return {
    means,
    samples: latents === "gaussian" ? await measured((label) => fold(key, label)) : means,
    ...(latents === "gaussian" && { information: bracket(key, model, scored, informationRows) }),
  };
}

function bracket(key: Key, model: PairModel, views: Views, rows: number): InformationBracket {
  const { qSx, sx }: EncodedPairs = encodePairs(model, firstRows(views, rows), fold(key, "scored"));
  return informationBracket(qSx, sx, model.config.d);
}

/** One number of a model of pairs. */
export interface PairMeasure {
  /** `probeSx`, `r2SyGivenClass`, … */
  readonly measure: string;
  readonly on: "means" | "samples";
  readonly value: number;
}

/**
 * The measures as a list under the names that studies and figures use. R² of each latent is to the true one of its name, of s_y to
 * the true z too (`r2ZFromSyGivenClass`); what a model does not have is left out, and so is what is not finite.
 */
export function listPairMeasures({ means, samples, information }: MeasuredPairs): PairMeasure[] {
  const values = ({ sx, sy, z, conditionalKl, prediction }: PairMeasures) => ({
    probeSx: sx.probe,
    probeSy: sy.probe,
    r2SxGivenClass: sx.r2GivenClass.sx,
    r2SyGivenClass: sy.r2GivenClass.sy,
    r2ZGivenClass: z?.r2GivenClass.z,
    r2ZFromSyGivenClass: sy.r2GivenClass.z,
    totalVarianceSx: sx.totalVariance,
    totalVarianceSy: sy.totalVariance,
    effectiveRankSx: sx.effectiveRank,
    effectiveRankSy: sy.effectiveRank,
    firstShareSx: sx.firstShare,
    firstShareSy: sy.firstShare,
    klAggregateSx: sx.klAggregate,
    klAggregateSy: sy.klAggregate,
    conditionalKl,
    predictionError: prediction?.error,
    predictionErrorRatio: prediction?.ratio,
  });
  const listed = (on: PairMeasure["on"], found: Readonly<Record<string, number | undefined>>) =>
    Object.entries(found).flatMap(([measure, value]) =>
      value !== undefined && Number.isFinite(value) ? [{ measure, on, value }] : [],
    );
  return [
    ...listed("means", values(means)),
    ...listed("samples", values(samples)),
    ...listed("samples", { informationLower: information?.lower, informationUpper: information?.upper }),
  ];
}
