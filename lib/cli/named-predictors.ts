/** The downstream predictors by the names that are typed. */

import { InvalidArgumentError } from "commander";
import { counted } from "../data/tables/quote.js";
import type { SettledPredictor } from "../evaluation/compare-predictors.js";
import { predictors } from "../evaluation/predictors/all.js";
import { probeOfRows } from "../evaluation/predictors/linear.js";
import type { NeuralTraining } from "../evaluation/predictors/neural.js";
import { type Predictor, withoutValidation } from "../evaluation/predictors/predictor.js";
import { clock } from "../training/progress.js";
import { list } from "./options.js";

/** What features are like: so many tokens of so many numbers, and of rows to learn from. */
export interface FeatureSize {
  readonly rows: number;
  readonly tokens: number;
  readonly width: number;
}

/** A predictor as it is typed: with the paper's settings, a linear one as `probeOfRows` has it. */
export interface NamedPredictor extends SettledPredictor {
  /** Whether rows of their own say when it stops (`split.validation`); one that does not learns from them too. */
  readonly stopsEarly: boolean;
  /** Multiplications of a fit, at most and roughly. */
  readonly multiplications: (size: FeatureSize, classes: number) => number;
}

const { linear, mlp, dcnV2, resnet, autoInt, ftTransformer, boostedTrees } = predictors;

const all: readonly NamedPredictor[] = [
  named("linear", linear, probeOfRows, ({ rows, tokens, width }, classes) => {
    return 3 * probeOfRows(rows).epochs * rows * tokens * width * classes;
  }),
  neural("mlp", mlp, (columns) => mlpOf(columns)),
  neural("dcnv2", dcnV2, (columns) => dcnV2.defaults.crossLayers * columns ** 2 + mlpOf(columns)),
  neural("resnet", resnet, (columns) => {
    const { blocks, width, hiddenWidth } = resnet.defaults;
    return columns * width + 2 * blocks * width * hiddenWidth;
  }),
  neural("autoint", autoInt, (columns, tokens) => {
    const { layers, width } = autoInt.defaults;
    return columns * width + layers * (4 * tokens * width ** 2 + 2 * tokens ** 2 * width);
  }),
  neural("ft-transformer", ftTransformer, (columns, tokens) => {
    const { layers, width, ff } = ftTransformer.defaults.encoder;
    return columns * width + layers * (tokens * (4 * width ** 2 + 2 * width * ff) + 2 * tokens ** 2 * width);
  }),
  named(
    "trees",
    boostedTrees,
    () => boostedTrees.defaults,
    ({ rows, tokens, width }, classes) => {
      const { trees, maxDepth } = boostedTrees.defaults;
      return trees * maxDepth * (classes > 2 ? classes : 1) * rows * tokens * width;
    },
  ),
];

/** Names that may be typed. */
export const predictorNames: readonly string[] = all.map(({ name }) => name);

/** The predictor of a name out of `predictorNames`. */
export function predictorNamed(name: string): NamedPredictor {
  return all[predictorNames.indexOf(name)];
}

/** `linear,mlp` as names of predictors, each once. */
export function predictorList(text: string): readonly string[] {
  const names = list(text);
  const unknown = names.find((name) => !predictorNames.includes(name));
  if (unknown !== undefined)
    throw new InvalidArgumentError(
      `"${unknown}" is no predictor; use one or more of ${predictorNames.join(", ")}.`,
    );
  return [...new Set(names)];
}

/** Multiplications of a second, on slow and on fast machines. */
const SPEEDS = [1e9, 1e10] as const;

/** A predictor that may take longer than this, in seconds, is announced. */
const LONG = 120;

/**
 * What is to be said beforehand of predictors that will take long; nothing of others.
 * @param sizes of the features that each learns from in turn
 */
export function slowNotes(
  names: readonly string[],
  sizes: readonly FeatureSize[],
  classes: number,
  advice: string,
): string[] {
  return names.flatMap((name) => {
    const { multiplications } = all[predictorNames.indexOf(name)];
    const count = sizes.reduce((sum, size) => sum + multiplications(size, classes), 0);
    const [most, least] = SPEEDS.map((speed) => count / speed);
    if (most < LONG) return [];
    return `note: ${name} makes up to ${count.toExponential(0).replace("e+", " · 10^")} multiplications here, which take ${clock(least)} to ${clock(most)} (less where it stops early); ${advice}`;
  });
}

function mlpOf(columns: number): number {
  const { hiddenLayers, hiddenWidth } = mlp.defaults;
  return columns * hiddenWidth + (hiddenLayers - 1) * hiddenWidth ** 2;
}

function named<Settings>(
  name: string,
  predictor: Predictor<Settings>,
  settingsOf: (rows: number) => Settings,
  multiplications: NamedPredictor["multiplications"],
): NamedPredictor {
  return {
    name,
    stopsEarly: false,
    fit: (key, features, labels, split, onProgress) => {
      const whole = withoutValidation(split);
      return predictor.fit(key, features, labels, whole, settingsOf(whole.train.length), onProgress);
    },
    multiplications,
  };
}

/** @param ofRow multiplications of a row's way through the network, which a step makes three times */
function neural<Settings extends NeuralTraining>(
  name: string,
  predictor: Predictor<Settings>,
  ofRow: (columns: number, tokens: number) => number,
): NamedPredictor {
  const multiplications = ({ rows, tokens, width }: FeatureSize) =>
    3 * predictor.defaults.epochs * rows * ofRow(tokens * width, tokens);
  return {
    name,
    stopsEarly: true,
    multiplications,
    fit: async (key, features, labels, split, onProgress) => {
      if (!split.validation?.length)
        throw new Error(
          `${counted(split.train.length, "row")} to learn from leave none for ${name} to stop by; give more rows, or take linear or trees`,
        );
      return predictor.fit(key, features, labels, split, predictor.defaults, onProgress);
    },
  };
}
