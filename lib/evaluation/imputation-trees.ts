/** What gradient-boosted trees tell of a hidden column from the visible ones. */

import { mostProbable, smoothedFrequencies } from "../distributions/categorical.js";
import { logSumExp } from "../distributions/log-sum-exp.js";
import { SMALLEST_DEVIATION } from "../distributions/peaked-gaussian.js";
import { columnValues } from "../models/modalities/tabular/table.js";
import { mean, squares } from "../moments.js";
import {
  type BaselineData,
  type CellPredictions,
  type ChosenPredictions,
  columnOf,
  gaussian,
  withValidation,
} from "./imputation-baselines.js";
import { boostRound } from "./predictors/trees/boosting.js";
import { histogramGrower } from "./predictors/trees/histogram.js";
import { softmaxDerivatives } from "./predictors/trees/softmax-loss.js";
import type { Derivatives } from "./predictors/trees/tree.js";

/** Depths to choose from. */
const DEPTHS = [3, 6];

/** Rounds at most, and rounds without a better one after which no more are tried. */
const MOST_ROUNDS = 300;
const PATIENCE = 20;

/** Of more outputs than this each round costs so many trees that larger steps are taken; occupation of Adult loses .002 nats by it. */
const MANY_OUTPUTS = 8;
const [LEARNING_RATE, LARGE_LEARNING_RATE] = [0.1, 0.3];

/** What trees say, and what predicted the validation rows best. */
export interface TreePredictions extends ChosenPredictions {
  /** Rounds of boosting; of more than two categories each is a tree per category. */
  readonly rounds: number;
  readonly maxDepth: number;
}

/**
 * The column by gradient-boosted trees on the visible ones, grown on histograms as `boostedTrees` does. They see what the
 * linear model sees: numbers as they are, each category apart from the others of its column, missing cells as the encoded
 * table has them. Categories have the softmax loss (two of them the logistic one) and start at their log frequencies. A
 * number has the squared loss and starts at its mean; around the prediction it is Gaussian with one deviation for all rows,
 * as the linear model has, that of the validation residuals, and the Gaussian of all rows is mixed in as if it were one validation row:
 * where a column is told all but exactly, a single miss would otherwise weigh more than all other rows. Trees are grown on
 * the training rows alone, at learning rate .1, of more than eight categories .3; the rounds, at most 300, and the depth, 3
 * or 6, are those with the best likelihood of the validation rows.
 * @param spread whether a number's deviation follows the row: its prediction and its log variance are then boosted together, by the
 * Gaussian likelihood, each round a tree for either (as Duan et al., NGBoost, 2020, by Newton's steps as all trees here)
 * @throws as `linearPredictions` does.
 */
export function treePredictions(data: BaselineData, spread = false): TreePredictions {
  const { shape, training, validation, heldOut, visible } = withValidation(data);
  const { seen, checked, truth, classes } = columnOf({ ...data, training, validation });
  const inputs = [training, validation, heldOut];
  const columns = visible.length;
  const values = new Float32Array(inputs.reduce((sum, { rows }) => sum + rows, 0) * columns);
  let first = 0;
  const parts = inputs.map((input) => {
    const places = Int32Array.from({ length: input.rows }, (_, i) => first + i);
    visible.forEach((feature, j) => {
      columnValues(shape, input, feature).forEach((value, i) => {
        values[places[i] * columns + j] = value;
      });
    });
    first += input.rows;
    return places;
  });
  const grow = histogramGrower(values, columns, parts[0], (j) => visible[j] >= shape.numeric);
  const number = spread ? spreadBoosting : numberBoosting;
  const { start, derivatives, say } =
    classes === undefined ? number(seen, checked) : categoryBoosting(seen, classes);
  const learningRate = start.length > MANY_OUTPUTS ? LARGE_LEARNING_RATE : LEARNING_RATE;
  let best = { score: Number.NEGATIVE_INFINITY, margins: [] as Float32Array[], rounds: 0, maxDepth: 0 };
  for (const maxDepth of DEPTHS) {
    const boosted = parts.map((rows) => ({
      rows,
      margins: Float32Array.from({ length: start.length * rows.length }, (_, i) => {
        return start[Math.floor(i / rows.length)];
      }),
    }));
    const [fitted, chosen, asked] = boosted.map(({ margins }) => margins);
    let own = { score: Number.NEGATIVE_INFINITY, rounds: 0 };
    for (let rounds = 0; rounds <= MOST_ROUNDS && rounds <= own.rounds + PATIENCE; rounds++) {
      if (rounds > 0)
        boostRound(grow, derivatives(fitted), { maxDepth, learningRate }, values, columns, boosted);
      const score = mean(say(chosen, checked, chosen).logLikelihood);
      if (score > own.score) own = { score, rounds };
      if (score > best.score) best = { score, rounds, maxDepth, margins: [asked.slice(), chosen.slice()] };
    }
  }
  const { rounds, maxDepth, margins } = best;
  const [asked, chosen] = margins;
  const chosenOn = { truth: checked, said: say(chosen, checked, chosen) };
  return { ...say(asked, truth, chosen), chosenOn, rounds, maxDepth };
}

/** A loss to boost on, and what margins say. Margins are output by output, `[outputs, rows]`. */
interface Boosting {
  /** Margin of every row before the first tree, one per output. */
  readonly start: readonly number[];
  /** Of the loss by the margins of the training rows. */
  readonly derivatives: (margins: Float32Array) => readonly Derivatives[];
  /** @param chosen margins of the validation rows, which settle how sure to be */
  readonly say: (margins: Float32Array, truth: Float64Array, chosen: Float32Array) => CellPredictions;
}

/** Squared loss of a number in deviations from its training mean. */
function numberBoosting(seen: Float64Array, checked: Float64Array): Boosting {
  const { targets, numbers, withMarginal } = inDeviations(seen, checked);
  const second = new Float32Array(seen.length).fill(1);
  return {
    start: [0],
    derivatives: (margins) => [{ first: margins.map((margin, i) => margin - targets[i]), second }],
    say: (margins, truth, chosen) => {
      const said = numbers(chosen);
      const deviation = Math.sqrt(mean(checked.map((v, i) => (v - said[i]) ** 2)));
      return withMarginal(truth, numbers(margins), new Float64Array(truth.length).fill(deviation));
    },
  };
}

/**
 * Gaussian loss ½ (η + r² e^−η) of a number in deviations from its training mean, r what the first margin misses it by and η, the
 * second, the log of the variance; r counts as at least `SMALLEST_DEVIATION` in η's. The second derivative by η is the larger of
 * ½ r² e^−η and its expectation ½: far-off rows would make large steps with the latter.
 */
function spreadBoosting(seen: Float64Array, checked: Float64Array): Boosting {
  const { targets, numbers, withMarginal, unit } = inDeviations(seen, checked);
  const rows = seen.length;
  const floor = (SMALLEST_DEVIATION / unit) ** 2;
  return {
    start: [0, 0],
    derivatives: (margins) => {
      const [prediction, spread] = [0, 1].map(() => ({
        first: new Float32Array(rows),
        second: new Float32Array(rows),
      }));
      for (let i = 0; i < rows; i++) {
        const precision = Math.exp(-margins[rows + i]);
        const miss = margins[i] - targets[i];
        const ratio = precision * (miss * miss + floor);
        prediction.first[i] = precision * miss;
        prediction.second[i] = precision;
        spread.first[i] = (1 - ratio) / 2;
        spread.second[i] = Math.max(1, ratio) / 2;
      }
      return [prediction, spread];
    },
    say: (margins, truth) => {
      const [prediction, spread] = [margins.subarray(0, truth.length), margins.subarray(truth.length)];
      const deviation = Float64Array.from(spread, (margin) => unit * Math.exp(margin / 2));
      return withMarginal(truth, numbers(prediction), deviation);
    },
  };
}

/** A number in deviations from its training mean, and Gaussians of it, with that of all rows mixed in as if it were one validation row. */
function inDeviations(seen: Float64Array, checked: Float64Array) {
  const centre = mean(seen);
  const spread = Math.sqrt(squares(seen, centre) / seen.length);
  const unit = spread > 0 ? spread : 1;
  const alike = (rows: number, value: number) => new Float64Array(rows).fill(value);
  return {
    unit,
    targets: Float32Array.from(seen, (v) => (v - centre) / unit),
    numbers: (margins: Float32Array) => Float64Array.from(margins, (margin) => centre + unit * margin),
    withMarginal: (
      truth: Float64Array,
      prediction: Float64Array,
      deviation: Float64Array,
    ): CellPredictions => {
      const own = gaussian(truth, prediction, deviation);
      const marginal = gaussian(truth, alike(truth.length, centre), alike(truth.length, spread));
      const mixed = own.logLikelihood.map(
        (log, i) =>
          logSumExp(Float64Array.of(Math.log(checked.length) + log, marginal.logLikelihood[i])) -
          Math.log(checked.length + 1),
      );
      return { ...own, logLikelihood: mixed };
    },
  };
}

/** Softmax loss of categories, or logistic loss of two. */
function categoryBoosting(seen: Float64Array, classes: number): Boosting {
  const logs = Array.from(smoothedFrequencies(seen, classes), Math.log);
  const start = classes === 2 ? [logs[1] - logs[0]] : logs;
  return {
    start,
    derivatives: (margins) => softmaxDerivatives(margins, seen, start.length),
    say: (margins, truth) => {
      const rows = truth.length;
      const out = new Float64Array(rows * classes);
      for (let row = 0; row < rows; row++) {
        const own = out.subarray(row * classes, (row + 1) * classes);
        if (classes === 2) own[1] = margins[row];
        else for (let c = 0; c < classes; c++) own[c] = margins[c * rows + row];
        const total = logSumExp(own);
        for (let c = 0; c < classes; c++) own[c] -= total;
      }
      return {
        logLikelihood: truth.map((category, row) => out[row * classes + category]),
        point: Float64Array.from(mostProbable(out, classes)),
      };
    },
  };
}
