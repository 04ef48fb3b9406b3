/** The simulated pairs of views of Section 6.1: a known coupled latent-variable model behind random networks. */
import { fold, type Key, normals, uniforms, uniformsWithin } from "../engine/random.js";

/** Sizes and scales of the simulation, as in the paper. */
export interface SimulationConfig {
  /** Rows for training and, drawn separately, rows for diagnostics and probe scores. */
  readonly trainRows: number;
  readonly evaluationRows: number;
  /** Dimensions of s_x and s_y, of z, and of x and y. */
  readonly d: number;
  readonly dz: number;
  readonly dObserved: number;
  /** Hidden width of the two observation networks h_x and h_y. */
  readonly hidden: number;
  /** Start weights of h_x and h_y: Xavier-uniform without biases, or PyTorch's default for Linear (uniform ±1/√inputs, biases too). */
  readonly observationWeights: "xavier" | "torch";
  /** Distance between the two class centres along every axis of s_x. */
  readonly separation: number;
  /** Variance of s_y given s_x and z. */
  readonly couplingVariance: number;
  /** How log of that deviation rises along the first coordinate of s_x (`couplingDeviation`); left out, it is the same everywhere. */
  readonly noiseSlope?: number;
  /** Standard deviation of the observation noise. */
  readonly observationNoise: number;
}

/** The sizes of the simulation study. */
export const simulationDefaults: SimulationConfig = {
  trainRows: 10_000,
  evaluationRows: 5_000,
  d: 16,
  dz: 8,
  dObserved: 32,
  hidden: 64,
  observationWeights: "xavier",
  separation: 2,
  couplingVariance: 0.25,
  observationNoise: 0.3,
};

/** Pairs of views with the hidden class of each row. */
export interface Views {
  readonly rows: number;
  /** Context x, row-major `[rows, dx]`. */
  readonly x: Float32Array;
  /** Target y, row-major `[rows, dy]`. */
  readonly y: Float32Array;
  /** Class c of each row, a whole number from 0; 0 or 1 in the simulation. */
  readonly labels: Uint8Array;
}

/** Simulated views with the true latents behind them. */
export interface SimulatedViews extends Views {
  /** True s_x and s_y, `[rows, d]`, and z, `[rows, dz]`. */
  readonly sx: Float32Array;
  readonly sy: Float32Array;
  readonly z: Float32Array;
}

/** The first rows of views, as many as there are at most. */
export function firstRows<V extends Views>(views: V, most: number): V {
  const count = Math.min(views.rows, most);
  const parts = Object.entries(views).map(([name, values]: [string, number | Float32Array | Uint8Array]) => [
    name,
    typeof values === "number" ? count : values.subarray(0, (values.length / views.rows) * count),
  ]);
  return Object.fromEntries(parts);
}

/**
 * Draws a world (A, h_x, h_y) and two independent samples from it:
 * z ~ N(0, I), c ~ Bernoulli(½), s_x ~ N(2c·1, I), s_y | s_x, z ~ N(s_x + A z, ¼ I), A_jk ~ N(0, 1/d_z),
 * x = h_x(s_x) + 0.3 ε, y = h_y(s_y) + 0.3 ε.
 */
export function simulate(
  key: Key,
  config: SimulationConfig,
): { train: SimulatedViews; evaluation: SimulatedViews } {
  const world = simulatedWorld(key, config);
  const sample = (label: string, rows: number) => sampleViews(fold(key, label), rows, config, world);
  return {
    train: sample("train", config.trainRows),
    evaluation: sample("evaluation", config.evaluationRows),
  };
}

/** From latents `[rows, d]` to noise-free observations `[rows, dObserved]`. */
export type ObservationNetwork = (latents: Float32Array, rows: number) => Float32Array;

/** What a simulation draws once: the truth that models of its rows can be compared with. */
export interface SimulatedWorld {
  /** A, row-major `[d, dz]`. */
  readonly coupling: Float32Array;
  readonly hx: ObservationNetwork;
  readonly hy: ObservationNetwork;
}

/** The world that `simulate` draws its rows from, of the same key and configuration. */
export function simulatedWorld(key: Key, config: SimulationConfig): SimulatedWorld {
  return {
    coupling: normals(fold(key, "A"), config.d * config.dz).map((a) => a / Math.sqrt(config.dz)),
    hx: observationNetwork(fold(key, "h_x"), config),
    hy: observationNetwork(fold(key, "h_y"), config),
  };
}

/**
 * Deviation of s_y given s_x and z, the same in all dimensions: √v · exp(slope · tanh(s_x1 − m)), v the coupling variance and m the
 * middle of both classes, so that it lies within a factor e^slope of √v on either side, and varies within each class.
 * @param first the first coordinate of s_x, on which alone it depends
 */
export function couplingDeviation(
  { couplingVariance, separation, noiseSlope = 0 }: SimulationConfig,
  first: number,
): number {
  return Math.sqrt(couplingVariance) * Math.exp(noiseSlope * Math.tanh(first - separation / 2));
}

/**
 * s_y of s_x and z, s_x + A z + deviation · noise, all row-major `[rows, ·]`.
 * @param coupling A, `[d, dz]`
 * @param noise `[rows, d]`, N(0, I)
 */
export function coupledLatents(
  config: SimulationConfig,
  coupling: Float32Array,
  sx: Float32Array,
  z: Float32Array,
  noise: Float32Array,
): Float32Array {
  const { d, dz } = config;
  return noise.map((e, i) => {
    const row = Math.floor(i / d);
    let mean = sx[i];
    for (let k = 0; k < dz; k++) mean += coupling[(i % d) * dz + k] * z[row * dz + k];
    return mean + couplingDeviation(config, sx[row * d]) * e;
  });
}

function sampleViews(
  key: Key,
  rows: number,
  config: SimulationConfig,
  { coupling, hx, hy }: SimulatedWorld,
): SimulatedViews {
  const { d, dz, separation, observationNoise } = config;
  const labels = Uint8Array.from(uniforms(fold(key, "c"), rows), (u) => (u < 0.5 ? 0 : 1));
  const z = normals(fold(key, "z"), rows * dz);
  const sx = normals(fold(key, "s_x"), rows * d).map((e, i) => separation * labels[Math.floor(i / d)] + e);
  const sy = coupledLatents(config, coupling, sx, z, normals(fold(key, "s_y"), rows * d));
  const observe = (label: string, network: ObservationNetwork, latents: Float32Array) => {
    const signal = network(latents, rows);
    const noise = normals(fold(key, label), signal.length);
    return signal.map((value, i) => value + observationNoise * noise[i]);
  };
  return { rows, labels, z, sx, sy, x: observe("x", hx, sx), y: observe("y", hy, sy) };
}

/** A frozen random Linear–tanh–Linear network. */
function observationNetwork(key: Key, config: SimulationConfig): ObservationNetwork {
  const { d, hidden, dObserved } = config;
  const first = frozenLinear(fold(key, 0), d, hidden, config);
  const second = frozenLinear(fold(key, 1), hidden, dObserved, config);
  return (latents, rows) => second(first(latents, rows).map(Math.tanh), rows);
}

/** Xavier-uniform: Glorot & Bengio 2010, ±√(6 / (inputs + outputs)), no bias. */
function frozenLinear(
  key: Key,
  inputs: number,
  outputs: number,
  { observationWeights }: SimulationConfig,
): ObservationNetwork {
  const xavier = observationWeights === "xavier";
  const bound = xavier ? Math.sqrt(6 / (inputs + outputs)) : 1 / Math.sqrt(inputs);
  const weight = uniformsWithin(key, inputs * outputs, bound);
  const bias = xavier ? new Float32Array(outputs) : uniformsWithin(fold(key, "bias"), outputs, bound);
  return (values, rows) =>
    product(values, weight, rows, inputs, outputs).map((value, i) => value + bias[i % outputs]);
}

/** Row-major matrix product `[rows, inner]` × `[inner, columns]`. */
function product(
  a: Float32Array,
  b: Float32Array,
  rows: number,
  inner: number,
  columns: number,
): Float32Array {
  const out = new Float32Array(rows * columns);
  for (let i = 0; i < rows; i++)
    for (let k = 0; k < inner; k++) {
      const factor = a[i * inner + k];
      for (let j = 0; j < columns; j++) out[i * columns + j] += factor * b[k * columns + j];
    }
  return out;
}
