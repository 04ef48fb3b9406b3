import { logMeanExp } from "../distributions/log-mean-exp.js";

/** E_x KL(q(s|x) ‖ N(0, I)) in its two parts (Hoffman & Johnson 2016), in nats. */
export interface ElboSurgery {
  /** KL(q(s) ‖ N(0, I)) of the aggregate posterior q(s) = (1/N) Σ_n q(s|x_n): what SIGReg looks at. */
  readonly aggregate: number;
  /** I_q(x; s): how much a latent tells about which row it came from, at most log N. */
  readonly mutualInformation: number;
}

/**
 * Splits the mean KL of a batch by Monte Carlo: log q(s) is evaluated exactly as a mixture over the batch.
 * aggregate + mutualInformation = E[log q(s|x) − log p(s)], an estimate of the mean closed-form KL.
 * @param mean μ of q(s|x_n), row-major `[rows, d]`
 * @param logVariance log σ² of q(s|x_n), `[rows, d]`
 * @param samples s_n ~ q(s|x_n), one per row, `[rows, d]`
 */
export function elboSurgery(
  mean: Float32Array,
  logVariance: Float32Array,
  samples: Float32Array,
  d: number,
): ElboSurgery {
  const rows = mean.length / d;
  const information = rowInformation(mean, logVariance, samples, d);
  let aggregate = 0;
  let mutualInformation = 0;
  for (let n = 0; n < rows; n++) {
    const { logPosterior, logMixture } = information[n];
    let squared = 0;
    for (let j = 0; j < d; j++) squared += samples[n * d + j] ** 2;
    const logPrior = -0.5 * (squared + d * Math.log(2 * Math.PI));
    aggregate += (logMixture - logPrior) / rows;
    mutualInformation += (logPosterior - logMixture) / rows;
  }
  return { aggregate, mutualInformation };
}

/** Of one sample s_n: log q(s_n|x_n), and log (1/N) Σ_m q(s_n|x_m). */
export interface RowInformation {
  readonly logPosterior: number;
  readonly logMixture: number;
}

/**
 * What each row's sample tells of its row: the mean over rows of logPosterior − logMixture is I_q(x; s).
 * @param mean, logVariance, samples as `elboSurgery` takes them
 */
export function rowInformation(
  mean: Float32Array,
  logVariance: Float32Array,
  samples: Float32Array,
  d: number,
): RowInformation[] {
  const rows = mean.length / d;
  const logDensity = (sample: number, component: number): number => {
    let sum = 0;
    for (let j = 0; j < d; j++) {
      const v = logVariance[component * d + j];
      sum += v + (samples[sample * d + j] - mean[component * d + j]) ** 2 / Math.exp(v);
    }
    return -0.5 * (sum + d * Math.log(2 * Math.PI));
  };
  const perComponent = new Float64Array(rows);
  return Array.from({ length: rows }, (_, n) => {
    for (let component = 0; component < rows; component++) perComponent[component] = logDensity(n, component);
    return { logPosterior: perComponent[n], logMixture: logMeanExp(perComponent) };
  });
}
