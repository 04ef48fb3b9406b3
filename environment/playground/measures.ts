/** What is measured of the latents at every picture: few and cheap, on rows that nothing is trained on. */
import type { Views } from "../../lib/data/simulation.js";
import { fold, type Key, normals, unitVectors } from "../../lib/engine/random.js";
import type { EncodedPairs } from "../../lib/evaluation/embed.js";
import { latentDiagnostics } from "../../lib/evaluation/latent-diagnostics.js";
import { predictionError } from "../../lib/evaluation/prediction-error.js";
import { spread } from "../../lib/evaluation/spread.js";
import { sigregForms } from "../../lib/losses/sigreg.js";
import { choicesOf, type VarJepaConfig } from "../../lib/models/pairs/config.js";
import type { LatentMeasures, Measures } from "./frame.js";

/**
 * Measures both latents.
 * @param means on the noise-free path
 * @param samples on one sample of each posterior
 */
export function measurePairs(
  key: Key,
  config: VarJepaConfig,
  means: EncodedPairs,
  samples: EncodedPairs,
  { labels }: Views,
): Measures {
  const { d } = config;
  const measured = (latent: "sx" | "sy"): LatentMeasures => {
    const own = againstNormal(key, samples[latent], d);
    return {
      ...own,
      signal: own.variance > 0 ? spread(means[latent], d).totalVariance / (d * own.variance) : 0,
      classes: classesByCentre(samples[latent], d, labels),
    };
  };
  return {
    sx: measured("sx"),
    sy: measured("sy"),
    ...(choicesOf(config).prior === "predictor" && {
      unpredicted: predictionError(samples.pSy.mean, samples.sy, d).ratio,
    }),
  };
}

/** What as many rows drawn from N(0, I) measure: more than 0 where rows are few. */
export function standardNormalMeasures(key: Key, rows: number, d: number) {
  return againstNormal(key, normals(fold(key, "normal"), rows * d), d);
}

function againstNormal(key: Key, latents: Float32Array, d: number) {
  const form = sigregForms["var-jepa"];
  const directions = unitVectors(fold(key, "directions"), form.directions, d);
  const { klAggregate, sigregMse, effectiveRank } = latentDiagnostics(latents, d, directions);
  return {
    variance: spread(latents, d).totalVariance / d,
    effectiveRank,
    klAggregate,
    sigreg: sigregMse,
  };
}

/**
 * How often a row of the second half lies nearest to the centre of its own class, the centres being those of the first half.
 * @param latents row-major `[rows, d]`
 * @param labels `[rows]`
 */
export function classesByCentre(latents: Float32Array, d: number, labels: Uint8Array): number {
  const fitted = Math.floor(labels.length / 2);
  const classes = Math.max(...labels) + 1;
  const counts = new Uint32Array(classes);
  for (const label of labels.subarray(0, fitted)) counts[label]++;
  const centres = new Float64Array(classes * d);
  for (let i = 0; i < fitted * d; i++) {
    const label = labels[Math.floor(i / d)];
    centres[label * d + (i % d)] += latents[i] / counts[label];
  }
  let right = 0;
  for (let row = fitted; row < labels.length; row++) {
    let [nearest, least] = [-1, Number.POSITIVE_INFINITY];
    for (let label = 0; label < classes; label++) {
      let squared = 0;
      for (let j = 0; j < d; j++) squared += (latents[row * d + j] - centres[label * d + j]) ** 2;
      if (counts[label] > 0 && squared < least) [nearest, least] = [label, squared];
    }
    if (nearest === labels[row]) right++;
  }
  return right / (labels.length - fitted);
}
