/** Statements about Table 1 that hold whatever the paper leaves open; each is checked on what was measured. */

import { samplingFloor } from "../evaluation/latent-diagnostics.js";
import type { Latent, VariantName } from "../papers/var-jepa/simulation-variants.js";
import type { Claim } from "./claim.js";
import type { TableCell } from "./simulation-table.js";

/** Reads one mean of the table. */
type Read = (latent: Latent, variant: VariantName, metric: TableCell["metric"]) => number;

interface Statement {
  readonly name: string;
  readonly statement: string;
  readonly measure: (read: Read) => Record<string, number>;
  readonly holds: (measured: Record<string, number>) => boolean;
}

const kl = "klAggregate";
const sxKl =
  (...variants: VariantName[]) =>
  (read: Read) =>
    Object.fromEntries(variants.map((variant) => [variant, read("sx", variant, kl)]));
const syKl =
  (...variants: VariantName[]) =>
  (read: Read) =>
    Object.fromEntries(variants.map((variant) => [variant, read("sy", variant, kl)]));
const sxAccuracy =
  (...variants: VariantName[]) =>
  (read: Read) =>
    Object.fromEntries(variants.map((variant) => [variant, read("sx", variant, "linearAccuracy")]));

/** In words, measure and condition; thresholds are explained in FAITHFULNESS.md. */
const statements: readonly Statement[] = [
  {
    name: "without its KL, s_x leaves the prior",
    statement: "E and I: KL_agg of s_x is at least 13 times that of A",
    measure: sxKl("A", "E", "I"),
    holds: ({ A, E, I }) => E >= 13 * A && I >= 13 * A,
  },
  {
    name: "every diagnostic of s_x grows without its KL",
    statement: "E and I: SIGReg-MSE, ‖C−I‖_F and ‖m‖ of s_x are at least 5 times those of A",
    measure: (read) =>
      Object.fromEntries(
        (["sigregMse", "covarianceFrobenius", "meanNorm"] as const).flatMap((metric) =>
          (["E", "I"] as const).map((variant) => [
            `${variant}/A ${metric}`,
            read("sx", variant, metric) / read("sx", "A", metric),
          ]),
        ),
      ),
    holds: (ratios) => Object.values(ratios).every((ratio) => ratio >= 5),
  },
  {
    name: "the s_y term hardly touches s_x",
    statement: "F: KL_agg of s_x is within a factor 1.75 of A's",
    measure: sxKl("A", "F"),
    holds: ({ A, F }) => F / A <= 1.75 && A / F <= 1.75,
  },
  {
    name: "a freer s_x loosens s_y",
    statement: "E: KL_agg of s_y is above A's",
    measure: syKl("A", "E"),
    holds: ({ A, E }) => E > A,
  },
  {
    name: "without its KL, s_y leaves the prior",
    statement: "F: KL_agg of s_y is above A's",
    measure: syKl("A", "F"),
    holds: ({ A, F }) => F > A,
  },
  {
    name: "SIGReg pulls s_y",
    statement: "C: KL_agg of s_y is at most 0.75 times A's",
    measure: syKl("A", "C"),
    holds: ({ A, C }) => C <= 0.75 * A,
  },
  {
    name: "SIGReg changes s_x little",
    statement: "B: KL_agg of s_x is within a factor 1.75 of A's",
    measure: sxKl("A", "B"),
    holds: ({ A, B }) => B / A <= 1.75 && A / B <= 1.75,
  },
  {
    name: "without reconstruction, s_x is the prior",
    statement:
      "G: KL_agg of s_x is the lowest of A, E, F, G, I, J and within a factor 2 of the sampling floor 76/n",
    measure: (read) => ({
      ...sxKl("A", "E", "F", "G", "I", "J")(read),
      floor: SAMPLING_FLOOR,
    }),
    holds: ({ G, floor, ...others }) => Object.values(others).every((other) => G < other) && G <= 2 * floor,
  },
  {
    name: "without reconstruction, the class is lost",
    statement: "G: a linear probe on s_x is at most .58 accurate, A's is at least .95",
    measure: sxAccuracy("A", "G"),
    holds: ({ A, G }) => G <= 0.58 && A >= 0.95,
  },
  {
    name: "SIGReg brings some of the class back",
    statement: "H: the probe on s_x is at least .1 more accurate than G's",
    measure: (read) => ({ G: read("sx", "G", "accuracy"), H: read("sx", "H", "accuracy") }),
    holds: ({ G, H }) => H >= G + 0.1,
  },
  {
    name: "SIGReg replaces part of the missing KL",
    statement: "J: KL_agg of s_x lies between A's and I's",
    measure: sxKl("A", "J", "I"),
    holds: ({ A, J, I }) => A < J && J < I,
  },
];

/** KL_agg of the paper's 5,000 draws from N(0, I) in 16 dimensions. */
const SAMPLING_FLOOR = samplingFloor(5_000, 16).klAggregate;

/**
 * Checks every statement on a table that holds all ten variants.
 * @returns nothing for a table that lacks a variant.
 */
export function simulationClaims(cells: readonly TableCell[]): Claim[] {
  const means = new Map(cells.map((cell) => [`${cell.latent} ${cell.variant} ${cell.metric}`, cell.mean]));
  const read: Read = (latent, variant, metric) => means.get(`${latent} ${variant} ${metric}`) ?? Number.NaN;
  if (new Set(cells.map(({ variant }) => variant)).size < 10) return [];
  return statements.map(({ name, statement, measure, holds }) => {
    const measured = measure(read);
    return { name, statement, holds: holds(measured), measured };
  });
}
