/** The places at which a slider rests. */
import type { KnobName } from "./settings.js";

const weights = [0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100];
const others: Partial<Record<KnobName, readonly number[]>> = {
  learningRate: [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03],
  decoderNoise: [0, 0.1, 0.2, 0.3, 0.5, 1, 2, 3, 5],
  targetDecay: [0, 0.5, 0.8, 0.9, 0.95, 0.99, 0.996, 0.999, 1],
};

/** The values of a knob's slider, in increasing order: the usual ones, and those that it has or had at the start. */
export function knobStops(knob: KnobName, ...values: readonly number[]): number[] {
  return [...new Set([...(others[knob] ?? weights), ...values])].sort((a, b) => a - b);
}
