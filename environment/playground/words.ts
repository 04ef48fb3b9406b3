/** Names and numbers as the page writes them. `_x` in a text stands for a subscript. */
import type { LatentMeasures } from "./frame.js";
import type { KnobName } from "./settings.js";

/** What a knob is called, and what it does. */
export const knobWords: Readonly<Record<KnobName, readonly [label: string, meaning: string]>> = {
  rec: ["reconstruction of x", "−log p(x | s_x), what the decoder of x misses"],
  gen: ["generation of y", "−log p(y | s_y), what the decoder of y misses"],
  klSx: ["KL of s_x", "q(s_x | x) to N(0, I)"],
  klZ: ["KL of z", "q(z | s_x) to N(0, I)"],
  klSy: ["KL of s_y", "q(s_y | s_x, z, y) to the predictor's p(s_y | s_x, z)"],
  crossEntropySy: ["prediction part of KL s_y", "−log p(s_y | s_x, z)"],
  negativeEntropySy: ["entropy part of KL s_y", "minus the entropy of q(s_y | s_x, z, y)"],
  prediction: ["prediction", "squared error of the predictor, the mean over dimensions"],
  varianceSx: ["variance of s_x", "VICReg's hinge: a standard deviation of at least 1"],
  varianceSy: ["variance of s_y", "VICReg's hinge: a standard deviation of at least 1"],
  covarianceSx: ["covariance of s_x", "VICReg: no two dimensions say the same"],
  covarianceSy: ["covariance of s_y", "VICReg: no two dimensions say the same"],
  sigregSx: ["SIGReg of s_x", "λ: how strongly a batch of s_x is pulled to N(0, I)"],
  sigregSy: ["SIGReg of s_y", "λ: how strongly a batch of s_y is pulled to N(0, I)"],
  learningRate: ["learning rate", "how far a step goes"],
  decoderNoise: ["decoder noise σ", "how noisy the decoders take the views to be"],
  targetDecay: ["decay of the target", "how slowly the target encoder follows: 0 at once, 1 never"],
};

/** What is measured, in the order of the page. */
export const measureWords: Readonly<Record<keyof LatentMeasures, readonly [label: string, meaning: string]>> =
  {
    variance: ["variance", "of a dimension, the mean over dimensions; 1 of N(0, I)"],
    effectiveRank: ["effective rank", "how many directions the samples fill"],
    klAggregate: ["KL to N(0, I)", "of the Gaussian fitted to the samples, in nats"],
    sigreg: ["SIGReg distance", "of the samples to N(0, I)"],
    signal: ["signal", "variance of the means over that of the samples"],
    classes: ["class found", "samples nearest to the centre of their own class"],
  };

/** The measure of the predictor. */
export const unpredictedMeaning =
  "squared error of the predictor over the variance of s_y; 1 of one that knows the mean alone";

/** A number in three digits, as short as it can be. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "–" : value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  if (size !== 0 && (size < 0.001 || size >= 100_000)) {
    const [digits, power] = value.toExponential(1).split("e");
    return `${digits}·10${Number(power)
      .toString()
      .replace(/[-\d]/g, (digit) => raised[digit])}`.replace("-", "−");
  }
  const digits = size >= 100 ? value.toFixed(0) : Number(value.toPrecision(3)).toString();
  return digits.replace("-", "−");
}

const raised: Record<string, string> = {
  "-": "⁻",
  ...Object.fromEntries(Array.from("⁰¹²³⁴⁵⁶⁷⁸⁹", (sign, digit) => [String(digit), sign])),
};

/** A share as a percentage. */
export function percent(share: number): string {
  return `${share > 0 && share < 0.01 ? "under 1" : Math.round(100 * share)}\u00a0%`;
}

/** A text cut at its subscripts: every second piece is one. */
export function subscripts(text: string): string[] {
  return text.split(/(?<=\b[spq]|α)_([xyz]|sx|sy|rec|gen)\b/);
}
