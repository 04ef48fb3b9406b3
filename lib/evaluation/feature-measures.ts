/** What features hold, whatever made them: the class, the true latents beyond it, and how they spread. */
import type { SimulatedViews, Views } from "../data/simulation.js";
import { fold, type Key } from "../engine/random.js";
import { type ProbeConfig, probeAccuracy } from "./predictors/mlp-probe.js";
import { r2GivenClass } from "./r2-given-class.js";
import { type Spread, spread } from "./spread.js";

/** Features of the rows that measures are fitted on, and of those that are scored. */
export interface FeatureSets {
  readonly columns: number;
  /** Row-major `[rows, columns]`. */
  readonly fitted: Float32Array;
  readonly scored: Float32Array;
}

/** The latents that a simulation drew. */
type Truth = "sx" | "sy" | "z";

/** Measures of features; spreads are of the scored rows. */
export interface FeatureMeasures extends Spread {
  /** Accuracy of a probe for the class. */
  readonly probe: number;
  /** R² of a linear map to each true latent given the class, where the data are simulated. */
  readonly r2GivenClass: Readonly<Partial<Record<Truth, number>>>;
}

/**
 * Measures features.
 * @param fitted the rows that probe and maps learn from
 * @param scored the rows that they are scored on
 */
export async function featureMeasures(
  key: Key,
  features: FeatureSets,
  fitted: Views | SimulatedViews,
  scored: Views | SimulatedViews,
  probe: ProbeConfig,
): Promise<FeatureMeasures> {
  const { columns } = features;
  const r2: Partial<Record<Truth, number>> = {};
  if ("sx" in fitted && "sx" in scored)
    for (const truth of ["sx", "sy", "z"] as const)
      r2[truth] = r2GivenClass(
        { features: features.fitted, target: fitted[truth], labels: fitted.labels },
        { features: features.scored, target: scored[truth], labels: scored.labels },
        columns,
        fitted[truth].length / fitted.rows,
      );
  return {
    probe: await probeAccuracy(
      fold(key, "probe"),
      columns,
      { latents: features.fitted, labels: fitted.labels },
      { latents: features.scored, labels: scored.labels },
      probe,
    ),
    r2GivenClass: r2,
    ...spread(features.scored, columns),
  };
}
