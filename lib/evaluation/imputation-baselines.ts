/** What a hidden column can be told from without the model: its marginal, a linear model of the visible columns, rows like it. */

import { mostProbable, smoothedFrequencies } from "../distributions/categorical.js";
import { logNormal } from "../distributions/normal.js";
import {
  fitGaussian,
  fitPeakedGaussian,
  logPeaked,
  momentsOf,
  type PeakedGaussian,
  SMALLEST_DEVIATION,
} from "../distributions/peaked-gaussian.js";
import {
  columnValues,
  selectRows,
  type TableRows,
  type TableShape,
} from "../models/modalities/tabular/table.js";
import { mean } from "../moments.js";
import { fitLogVariance, type LogVariance } from "./log-variance.js";
import { neighbourStatistics } from "./nearest-rows.js";
import { fitPenalisedSoftmax, logProbabilities, type PenalisedSoftmax } from "./penalised-softmax.js";
import { type SparseFeatures, sparseFeatures } from "./raw-features.js";
import { ridgeOn } from "./ridge.js";

/** What is said about one column of some rows. */
export interface CellPredictions {
  /** log p(true value) in nats, `[rows]`; of a standardised number it is a log density. */
  readonly logLikelihood: Float64Array;
  /** Mean of a number or the most probable category, `[rows]`. */
  readonly point: Float64Array;
  /** Of a number that is said to be Gaussian: its standard deviation, `[rows]`. */
  readonly deviation?: Float64Array;
}

/** What is said, also of rows that it was not fitted on but chosen on. */
export interface ChosenPredictions extends CellPredictions {
  readonly chosenOn: {
    /** `[rows chosen on]` */
    readonly truth: Float64Array;
    readonly said: CellPredictions;
  };
}

/** A hidden column, and the rows that a baseline learns from, chooses its settings on and is asked about. */
export interface BaselineData {
  readonly shape: TableShape;
  /** Rows to fit on. */
  readonly training: TableRows;
  /**
   * Rows to choose λ or k on; those whose hidden category is not an occurring one are passed over. Where none are left,
   * every tenth training row stands in for them and is not fitted on.
   */
  readonly validation: TableRows;
  /** Rows to predict. */
  readonly heldOut: TableRows;
  /** The hidden column. */
  readonly feature: number;
  /** The columns seen. */
  readonly visible: readonly number[];
  /**
   * Of a hidden categorical column: only the slots 0 … categories − 1 occur, and they share all probability; by default
   * every slot of the column.
   */
  readonly categories?: number;
}

/**
 * Penalties to choose from, in rows: from the marginal in all but name, down to where a weight is held by a thousandth
 * of a row, in half decades, over which the likelihood changes by little.
 */
const LAMBDAS = Array.from({ length: 13 }, (_, i) => 10 ** (3 - i / 2));

/** Gradient left of softmax regression while λ is chosen: the likelihood stands to the third digit. */
const ROUGHLY = 1e-4;

/** Numbers of neighbours to choose from. */
const NEIGHBOURS = [5, 10, 20, 50, 100, 200, 500];

/** Rows that the marginal weighs beside the neighbours, to choose from. */
const MARGINAL_ROWS = [0.3, 1, 3, 10, 30, 100];

/** Validation rows that k is chosen on at most: each is compared with every training row. */
const NEAREST_VALIDATION = 1000;

/** A column's distribution on the training rows. */
export interface Marginal {
  /** Of a number. */
  readonly peaked?: PeakedGaussian;
  /** What it says of rows, the same of all. @param values what is true of them, `[rows]` */
  readonly say: (values: Float64Array) => CellPredictions;
}

/**
 * The column's distribution on the training rows: of a number a Gaussian, of categories their frequencies with one row added to each
 * occurring one.
 * @param withPeaks whether a number's Gaussian has peaks (`fitPeakedGaussian`)
 * @throws as `linearPredictions` does.
 */
export function fitMarginal(data: BaselineData, withPeaks = false): Marginal {
  const { seen, classes } = columnOf(data);
  if (classes === undefined) {
    const peaked = withPeaks ? fitPeakedGaussian(seen) : fitGaussian(seen);
    const { mean: centre } = momentsOf(peaked);
    return {
      peaked,
      say: (values) => ({
        logLikelihood: values.map((value) => logPeaked(peaked, value)),
        point: values.map(() => centre),
      }),
    };
  }
  const frequencies = smoothedFrequencies(seen, classes);
  const [most] = mostProbable(frequencies, classes);
  return {
    say: (values) => ({
      logLikelihood: values.map((category) => Math.log(frequencies[category])),
      point: values.map(() => most),
    }),
  };
}

/** What the marginal, without peaks, says of the held-out rows. @throws as `linearPredictions` does. */
export function marginalPredictions(data: BaselineData): CellPredictions {
  return fitMarginal(data).say(columnOf(data).truth);
}

/** What a linear model says, and how it was fitted. */
export interface LinearPredictions extends ChosenPredictions {
  /** The penalty with the best predictions of the validation rows. */
  readonly lambda: number;
  /** Whether the fit reached its optimum, that of a spread included; ridge regression has it in closed form. */
  readonly converged: boolean;
  /** Steps to the optimum, those from the next larger λ included; of ridge regression those of its spread. */
  readonly iterations: number;
}

/**
 * A linear model of the column from the visible ones, numbers standardised and categories as indicators: ridge
 * regression with Gaussian residuals, whose deviation is that of the leave-one-out residuals, or softmax regression.
 * It is fitted on the training rows alone, with the penalty that predicts the validation rows best.
 * @param spread whether a number's deviation follows the row, its logarithm linear too (`fitLogVariance`, of the leave-one-out
 * residuals), with a penalty of its own
 * @throws when there are no training rows, or a hidden category of training or held-out rows is not an occurring one.
 */
export function linearPredictions(data: BaselineData, spread = false): LinearPredictions {
  const { shape, training, validation, heldOut, visible } = withValidation(data);
  const { seen, checked, truth, classes } = columnOf({ ...data, training, validation });
  const [fitted, chosen, asked] = sparseFeatures(shape, [training, validation, heldOut], visible);
  if (classes === undefined) {
    const fitRidge = ridgeOn(fitted);
    const best = bestLambda(fitRidge(seen), ({ predict }) => {
      const said = predict(chosen);
      return -mean(checked.map((v, row) => (v - said[row]) ** 2));
    });
    const residuals = best.leaveOneOut();
    const deviation = Math.sqrt(mean(residuals.map((r) => r * r)));
    const alike: LogVariance["deviations"] = ({ rows }) => new Float64Array(rows).fill(deviation);
    const say = (values: Float64Array, rows: SparseFeatures, deviations = alike) =>
      gaussian(values, best.predict(rows), deviations(rows));
    const learnt =
      spread &&
      bestLambda(
        (lambda, larger?: LogVariance) =>
          fitLogVariance(fitted, fitRidge, residuals, lambda, larger?.weights),
        ({ deviations }) => mean(say(checked, chosen, deviations).logLikelihood),
      );
    const deviations = learnt ? learnt.deviations : alike;
    return {
      ...say(truth, asked, deviations),
      chosenOn: { truth: checked, said: say(checked, chosen, deviations) },
      lambda: best.lambda,
      converged: learnt ? learnt.converged : true,
      iterations: learnt ? learnt.iterations : 0,
    };
  }
  const rough = bestLambda(
    (lambda, larger?: PenalisedSoftmax) =>
      fitPenalisedSoftmax(fitted, seen, classes, lambda, larger?.weights, ROUGHLY),
    (fit) => {
      const logs = logProbabilities(fit, chosen);
      return mean(checked.map((category, row) => logs[row * classes + category]));
    },
  );
  const best = fitPenalisedSoftmax(fitted, seen, classes, rough.lambda, rough.weights);
  const say = (values: Float64Array, rows: typeof asked): CellPredictions => {
    const logs = logProbabilities(best, rows);
    return {
      logLikelihood: values.map((category, row) => logs[row * classes + category]),
      point: Float64Array.from(mostProbable(logs, classes)),
    };
  };
  return {
    ...say(truth, asked),
    chosenOn: { truth: checked, said: say(checked, chosen) },
    lambda: best.lambda,
    converged: best.converged,
    iterations: rough.iterations + best.iterations,
  };
}

/** Fits along falling λ, each from the one before, until two in a row are worse than the best, which is returned. */
function bestLambda<F>(fit: (lambda: number, larger?: F) => F, score: (fit: F) => number): F {
  let last = fit(LAMBDAS[0]);
  let best = { fit: last, score: score(last) };
  let worse = 0;
  for (const lambda of LAMBDAS.slice(1)) {
    last = fit(lambda, last);
    const own = score(last);
    if (own > best.score) {
      best = { fit: last, score: own };
      worse = 0;
    } else if (++worse === 2) break;
  }
  return best.fit;
}

/** What the nearest rows say, and how many were asked. */
export interface NearestPredictions extends ChosenPredictions {
  /** Neighbours per row: the number with the best likelihood of the validation rows. */
  readonly k: number;
}

/**
 * The column in the training rows that are nearest in the visible columns. A number is Gaussian around the neighbours'
 * mean, its variance theirs with that of all neighbourhoods mixed in; categories have the neighbours' frequencies with
 * the marginal's mixed in. k and the weight of what is mixed in are those with the best likelihood of validation rows,
 * of which at most 1,000, evenly spaced, are asked.
 * @throws as `linearPredictions` does.
 */
export function nearestPredictions(data: BaselineData): NearestPredictions {
  const { shape, training, validation, heldOut, visible } = withValidation(data);
  const { seen, checked, truth, classes } = columnOf({ ...data, training, validation });
  const some = evenly(checked.length, NEAREST_VALIDATION);
  const asked = selectRows(shape, validation, some);
  const known = some.map((i) => checked[i]);
  const counts = NEIGHBOURS.filter((k) => k <= training.rows);
  if (counts.length === 0) counts.push(training.rows);
  const all = neighbourStatistics(shape, training, seen, asked, visible, counts, classes);
  const frequencies = classes === undefined ? new Float64Array(0) : smoothedFrequencies(seen, classes);
  // Variance in the neighbourhood of a row, on average: the divisor counts the neighbours' mean as estimated.
  const within = all.map(({ k, variance }) => (mean(variance) * (k + 1)) / Math.max(1, k - 1));
  const predict = (
    i: number,
    marginalRows: number,
    statistics: (typeof all)[number],
    values: ArrayLike<number>,
  ): CellPredictions => {
    const { k, mean, variance, shares } = statistics;
    if (classes === undefined) {
      const deviation = variance.map((v) =>
        Math.sqrt((k * v + marginalRows * within[i]) / (k + marginalRows)),
      );
      return gaussian(Float64Array.from(values), mean, deviation);
    }
    const mixed = shares.map((share, at) => {
      return (k * share + marginalRows * frequencies[at % classes]) / (k + marginalRows);
    });
    return {
      logLikelihood: Float64Array.from(values, (category, row) => Math.log(mixed[row * classes + category])),
      point: Float64Array.from(mostProbable(mixed, classes)),
    };
  };
  let best = { score: Number.NEGATIVE_INFINITY, i: 0, marginalRows: MARGINAL_ROWS[0] };
  for (const i of counts.keys())
    for (const marginalRows of MARGINAL_ROWS) {
      const score = mean(predict(i, marginalRows, all[i], known).logLikelihood);
      if (score > best.score) best = { score, i, marginalRows };
    }
  const k = counts[best.i];
  const [own] = neighbourStatistics(shape, training, seen, heldOut, visible, [k], classes);
  const say = (statistics: (typeof all)[number], values: ArrayLike<number>) =>
    predict(best.i, best.marginalRows, statistics, values);
  const chosenOn = { truth: Float64Array.from(known), said: say(all[best.i], known) };
  return { ...say(own, truth), chosenOn, k };
}

/** The hidden column in the three parts, and its categories. */
export function columnOf({ shape, training, validation, heldOut, feature, categories }: BaselineData): {
  readonly seen: Float64Array;
  readonly checked: Float64Array;
  readonly truth: Float64Array;
  /** Undefined of a number. */
  readonly classes: number | undefined;
} {
  if (training.rows === 0) throw new Error("training has no rows; give at least one");
  const [seen, checked, truth] = [training, validation, heldOut].map((rows) =>
    columnValues(shape, rows, feature),
  );
  if (feature < shape.numeric) return { seen, checked, truth, classes: undefined };
  const classes = categories ?? shape.cardinalities[feature - shape.numeric];
  for (const [field, values] of Object.entries({ training: seen, heldOut: truth })) {
    const row = values.findIndex((category) => category >= classes);
    if (row >= 0)
      throw new Error(
        `${field} has slot ${values[row]} of column ${feature} in row ${row}; leave out rows whose slot is above ${classes - 1}, or raise categories`,
      );
  }
  return { seen, checked, truth, classes };
}

/** The data with validation rows whose hidden category occurs: its own, or else every tenth training row. */
export function withValidation(data: BaselineData): BaselineData {
  const { shape, training } = data;
  const { checked, classes } = columnOf(data);
  const occurring = Array.from(checked.keys()).filter(
    (row) => classes === undefined || checked[row] < classes,
  );
  if (occurring.length > 0) return { ...data, validation: selectRows(shape, data.validation, occurring) };
  const rows = Array.from({ length: training.rows }, (_, row) => row);
  const [tenth, others] = [rows.filter((row) => row % 10 === 0), rows.filter((row) => row % 10 !== 0)];
  return {
    ...data,
    validation: selectRows(shape, training, tenth),
    // A single row is both.
    training: others.length > 0 ? selectRows(shape, training, others) : training,
  };
}

/** At most `count` of the places 0 … length − 1, evenly spaced. */
function evenly(length: number, count: number): number[] {
  const size = Math.min(length, count);
  return Array.from({ length: size }, (_, i) => Math.floor((i * length) / size));
}

export function gaussian(
  truth: Float64Array,
  mean: Float64Array,
  deviation: Float64Array,
): Required<CellPredictions> {
  return {
    logLikelihood: truth.map((v, row) =>
      logNormal(v, mean[row], Math.max(deviation[row], SMALLEST_DEVIATION)),
    ),
    point: mean,
    deviation,
  };
}
