/** A run of the playground, wherever it runs: in a page's worker, or in Node.js. */
import { simulate, simulationDefaults, type Views } from "../../lib/data/simulation.js";
import { fold, seedKey } from "../../lib/engine/random.js";
import * as tf from "../../lib/engine/tf.js";
import { generateTargets } from "../../lib/evaluation/decode.js";
import { encodePairs, type PairModel } from "../../lib/evaluation/embed.js";
import { varJepa } from "../../lib/families/var-jepa.js";
import type { Parameters } from "../../lib/layers/parameters.js";
import { pairTerms } from "../../lib/losses/pairs.js";
import { weighedTerms } from "../../lib/losses/term.js";
import { choicesOf } from "../../lib/models/pairs/config.js";
import { fitTask } from "../../lib/training/fit-task.js";
import { trainStepwise } from "../../lib/training/stepwise.js";
import { digitViews } from "./digits.js";
import { type Cloud, drawnDigits, draws, type Frame, type NormalMeasures } from "./frame.js";
import { measurePairs, standardNormalMeasures } from "./measures.js";
import { type Axes, firstAxes, followAxes, projected } from "./projection.js";
import {
  type Knobs,
  knobsOf,
  knobTerms,
  measuredTerms,
  type Start,
  settingsOf,
  shownRows,
  trainRows,
} from "./settings.js";

/** What a run learns from, and other rows that are drawn and measured. */
export interface Data {
  readonly train: Views;
  readonly shown: Views;
}

/** A run. */
export interface Session {
  /** What as many rows as are shown, drawn from N(0, I), measure. */
  readonly floor: NormalMeasures;
  /** Steps made. */
  readonly step: number;
  /**
   * Makes one step under these knobs.
   * @returns the values of the terms that are measured, in nats or as they are; nothing after the last step
   * @throws TrainingDiverged
   */
  advance(knobs: Knobs): Readonly<Record<string, number>> | undefined;
  /** @throws when a latent is no number any more. */
  frame(): Frame;
  close(): void;
}

/**
 * The data of a run.
 * @param packed the file of digits (`packDigits`), where these are wanted
 */
export function dataOf({ data, d, seed }: Start, packed?: Uint8Array): Data {
  if (data === "digits") {
    if (!packed) throw new Error("the digits are not there; load their file first");
    return { train: digitViews(packed, 0, trainRows), shown: digitViews(packed, trainRows, shownRows) };
  }
  const { train, evaluation } = simulate(fold(seedKey(seed), "data"), {
    ...simulationDefaults,
    ...{ d, dz: d / 2, dObserved: 2 * d, trainRows, evaluationRows: shownRows },
  });
  return { train, shown: evaluation };
}

/** What to do about a run that goes astray. */
export const turnDown = "turn down the learning rate or a weight, and reset";

/** Starts a run: the same steps as those of `fit`, as long as no knob is turned. */
export function openSession(start: Start, { train, shown }: Data): Session {
  const { model: config, objective, training } = settingsOf(start);
  const key = fold(seedKey(start.seed), "model");
  const task = fitTask({ family: "var-jepa", config, objective, training, data: train, seed: key });
  const { sigregForm = "var-jepa" } = training;
  let knobs = knobsOf(start);
  const run = trainStepwise({
    ...task,
    learningRate: () => knobs.learningRate!,
    averageDecay: task.averageDecay && ((step) => knobs.targetDecay ?? task.averageDecay!(step)),
    terms: (parameters, batch, average) => {
      const pass = varJepa.pass(withNoise(parameters, knobs), config, train, batch, average);
      const weights = Object.fromEntries(measuredTerms(start, knobs).map((term) => [term, knobs[term] ?? 0]));
      const source = { key: batch.key, sigregForm };
      const measured = weighedTerms(pairTerms, weights, {}, pass, config, source);
      // The same names at every step, though a term that nobody asks for is not computed.
      return Object.fromEntries(
        knobTerms.map((term) => [term, measured[term] ?? { weight: 0, value: tf.scalar(0), over: "rows" }]),
      );
    },
  });
  const draw = fold(key, "shown");
  const axes: Partial<Record<"sx" | "sy", Axes>> = {};
  let step = 0;
  return {
    floor: standardNormalMeasures(draw, shown.rows, config.d),
    get step() {
      return step;
    },
    advance(turned) {
      knobs = turned;
      const measured = run.step();
      if (!measured) return undefined;
      step++;
      return Object.fromEntries(measuredTerms(start, knobs).map((term) => [term, measured[term]]));
    },
    frame() {
      const parameters = run.parameters();
      const model: PairModel = { parameters, config, average: run.average() };
      const means = encodePairs(model, shown, undefined);
      const samples = choicesOf(config).latents === "gaussian" ? encodePairs(model, shown, draw) : means;
      if (![...samples.sx, ...samples.sy].every(Number.isFinite))
        throw new Error(`a latent became NaN or infinite at step ${step}; ${turnDown}`);
      const cloud = (latent: "sx" | "sy"): Cloud => {
        const before = axes[latent];
        const found = before
          ? followAxes(before, samples[latent], config.d)
          : firstAxes(samples[latent], config.d);
        axes[latent] = found;
        return { means: projected(means[latent], found), samples: projected(samples[latent], found) };
      };
      const { values, layout } = parameters;
      const noiseOf = (name: string) => {
        const slot = layout.find((each) => each.name === name);
        return slot && (knobs.decoderNoise || Math.exp(values[slot.offset]));
      };
      return {
        step,
        sx: cloud("sx"),
        sy: cloud("sy"),
        measures: measurePairs(draw, config, means, samples, shown),
        noise: { x: noiseOf("logSigmaX"), y: noiseOf("logSigmaY") },
        ...(start.data === "digits" &&
          choicesOf(config).decodes.y && {
            drawn: Array.from({ length: draws }, (_, i) =>
              generateTargets(parameters, config, shown.x.slice(0, drawnDigits * config.dx), fold(draw, i)),
            ),
          }),
      };
    },
    close: () => run.close(),
  };
}

/** The parameters with both decoders' scales fixed; those that are learned then have no gradient. */
function withNoise(parameters: Parameters, { decoderNoise = 0 }: Knobs): Parameters {
  if (decoderNoise === 0) return parameters;
  const fixed = tf.scalar(Math.log(decoderNoise));
  return { ...parameters, logSigmaX: fixed, logSigmaY: fixed };
}
