/** What the studies of pairs scan over, as data: safeguards with other weights, and the ways into a posterior's collapse and out. */
import type { TermWeights } from "../losses/term.js";
import { type PairConfiguration, pairConfigurationOf } from "../papers/var-jepa/pair-configurations.js";

type Scans = Readonly<Record<string, PairConfiguration>>;

/** A named configuration with something changed, its name and the change as name. */
function scanned(
  base: string,
  changes: Readonly<Record<string, Partial<Omit<PairConfiguration, "label">>>>,
): Scans {
  const own = pairConfigurationOf(base);
  return Object.fromEntries(
    Object.entries(changes).map(([change, { model, objective, training }]) => [
      `${base} ${change}`,
      {
        label: `${own.label}, but ${change}`,
        model: { ...own.model, ...model },
        objective: { ...own.objective, ...objective },
        ...((own.training || training) && { training: { ...own.training, ...training } }),
      },
    ]),
  );
}

const vicreg = (variance: number, covariance: number) => ({
  objective: {
    ...{ varianceSx: variance, varianceSy: variance },
    ...{ covarianceSx: covariance, covarianceSy: covariance },
  },
});
const lejepa = (lambda: number) => ({
  objective: { prediction: 1 - lambda, sigregSx: lambda / 2, sigregSy: lambda / 2 },
});
const sigreg = (lambda: number) => ({ objective: { sigregSx: lambda, sigregSy: lambda } });

/** Safeguards with other weights than those of `pairConfigurations`: VICReg's, and SIGReg's λ in both forms. */
export const safeguardScans: Scans = {
  ...scanned("vicreg-jepa", {
    "× 0.01": vicreg(0.25, 0.01),
    "× 0.1": vicreg(2.5, 0.1),
    "× 10": vicreg(250, 10),
    "variance alone": vicreg(25, 0),
    "covariance alone": vicreg(0, 1),
  }),
  ...scanned("le-jepa", { "λ 0.002": lejepa(0.002), "λ 0.1": lejepa(0.1), "λ 0.5": lejepa(0.5) }),
  ...scanned("le-jepa-mse", { "λ 0.1": sigreg(0.1), "λ 1": sigreg(1), "λ 100": sigreg(100) }),
};

/** The same safeguard with ascending weights, and targets that follow at descending decays, from a frozen one to a stop-gradient. */
export const safeguardPaths: readonly (readonly string[])[] = [
  ["jepa-frozen", "jepa-ema-0.996", "jepa-ema-0.99", "jepa-ema-0.9", "jepa-stop-gradient"],
  ["vicreg-jepa × 0.01", "vicreg-jepa × 0.1", "vicreg-jepa", "vicreg-jepa × 10"],
  ["le-jepa λ 0.002", "le-jepa", "le-jepa λ 0.1", "le-jepa λ 0.5"],
  ["le-jepa-mse λ 0.1", "le-jepa-mse λ 1", "le-jepa-mse", "le-jepa-mse λ 100"],
];

/** An ELBO whose KLs share the weight α: with a fixed scale only α · σ² counts, the one axis of posterior collapse. */
export interface CollapsePoint {
  readonly name: string;
  readonly alpha: number;
  /** σ_x = σ_y where it is fixed; both are learned from 1 where it is left out. */
  readonly sigma?: number;
}

const nameOf = (alpha: number, sigma?: number) =>
  ["A", ...(sigma === undefined ? [] : [`σ ${sigma}`]), ...(alpha === 1 ? [] : [`α ${alpha}`])].join(" ");
const point = (alpha: number, sigma?: number): CollapsePoint => ({
  ...{ name: nameOf(alpha, sigma), alpha },
  ...(sigma !== undefined && { sigma }),
});

/** The scan with learned scales, α ascending. */
export const learnedScan = [1 / 64, 1 / 16, 1 / 4, 1, 4, 16, 64].map((alpha) => point(alpha));

/** α · σ² ascending, by α with σ = 1 and, but where α is 1, by σ with α = 1. */
export const fixedScan = [1 / 64, 1 / 16, 1 / 4, 1, 4].map((product) => ({
  product,
  byAlpha: point(product, 1),
  bySigma: point(1, Math.sqrt(product)),
}));

/** Where log σ_x and log σ_y start, other than at 0. */
export const sigmaStarts = [-2, 2] as const;

const kls = (weight: number) => ({ klSx: weight, klZ: weight, klSy: weight });
/** Epochs over which KLs are annealed. */
const RISE = 10;
const annealed = (alpha: number) => ({
  objective: kls(alpha),
  training: { annealEpochs: kls(RISE) },
});
const freeBits = (alpha: number, nats: number) => ({
  objective: { ...kls(0), freeBitsSx: alpha, freeBitsZ: alpha, freeBitsSy: alpha } satisfies TermWeights,
  training: { freeBits: nats },
});
const scaled = (points: readonly CollapsePoint[]) =>
  Object.fromEntries(
    points
      .filter(({ name }) => name !== "A")
      .map(({ name, alpha, sigma }) => [
        name.slice(2),
        {
          objective: kls(alpha),
          ...(sigma !== undefined && {
            model: { initialLogSigma: Math.log(sigma), sigma: "fixed" } as const,
          }),
        },
      ]),
  );

/** Ways into a posterior's collapse: the KLs' weight, fixed scales and where learned ones start; and out: annealing, free bits. */
export const collapseScans: Scans = scanned("A", {
  ...scaled(learnedScan),
  ...scaled(fixedScan.flatMap(({ byAlpha, bySigma }) => [byAlpha, bySigma])),
  ...Object.fromEntries(
    sigmaStarts.map((start) => [`log σ ${start}`, { model: { initialLogSigma: start } }]),
  ),
  annealed: annealed(1),
  "α 4 annealed": annealed(4),
  "free bits 0.1": freeBits(1, 0.1),
  "α 4 free bits 0.1": freeBits(4, 0.1),
  "free bits 0.5": freeBits(1, 0.5),
});

/** Configurations that are scanned over, by name. */
export const pairScans: Scans = { ...safeguardScans, ...collapseScans };
