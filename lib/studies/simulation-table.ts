/** Table 1 as numbers: cells with their distance to the published ones. */
import { mean, variance } from "../moments.js";
import { type PublishedMetric, publishedTable1 } from "../papers/var-jepa/published-table-1.js";
import type { Latent, VariantName } from "../papers/var-jepa/simulation-variants.js";
import type { SimulationRunResult } from "./simulation-run.js";

/** What Table 1 reports, and three measures beside it that the paper does not print. */
export const simulationMetrics = [
  "accuracy",
  "klAggregate",
  "sigregMse",
  "covarianceFrobenius",
  "meanNorm",
  "linearAccuracy",
  "effectiveRank",
  "conditionalKl",
] as const;

/** One of them. */
export type SimulationMetric = (typeof simulationMetrics)[number];

/** One number of the table: mean and sample standard deviation over runs. */
export interface TableCell {
  readonly latent: Latent;
  readonly variant: VariantName;
  readonly metric: SimulationMetric;
  readonly mean: number;
  /** `null` with a single run. */
  readonly std: number | null;
  /** The paper's mean, `null` where it prints none. */
  readonly published: number | null;
  /** log(mean / published). */
  readonly logRatio: number | null;
}

/** Mean |log ratio| over the 80 diagnostics and mean |Δ| over the 20 accuracies that the paper prints. */
export function agreement(cells: readonly TableCell[]): {
  meanAbsLogRatio: number;
  meanAbsAccuracyDifference: number;
} {
  const published = cells.filter((cell) => cell.published !== null);
  const accuracies = published.filter(({ metric }) => metric === "accuracy");
  const diagnostics = published.filter(({ metric }) => metric !== "accuracy");
  return {
    meanAbsLogRatio: mean(diagnostics.map(({ logRatio }) => Math.abs(logRatio as number))),
    meanAbsAccuracyDifference: mean(
      accuracies.map(({ mean: ours, published }) => Math.abs(ours - (published as number))),
    ),
  };
}

/** All numbers of the table, variant by variant. */
export function tableCells(results: readonly SimulationRunResult[]): TableCell[] {
  const variants = [...new Set(results.map(({ variant }) => variant))];
  const cells: TableCell[] = [];
  for (const latent of ["sx", "sy"] as const)
    for (const variant of variants)
      for (const metric of simulationMetrics) {
        if (metric === "conditionalKl" && latent === "sx") continue;
        const values = results
          .filter((result) => result.variant === variant)
          .map((result) =>
            metric === "conditionalKl" ? result.conditionalKl : result.latents[latent][metric],
          );
        const centre = mean(values);
        const published = publishedTable1[latent][variant][metric as PublishedMetric]?.[0] ?? null;
        cells.push({
          latent,
          variant,
          metric,
          mean: centre,
          std: values.length > 1 ? Math.sqrt(variance(values)) : null,
          published,
          logRatio: published === null ? null : Math.log(centre / published),
        });
      }
  return cells;
}
