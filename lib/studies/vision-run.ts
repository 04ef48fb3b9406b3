/** One cell of the study of images: train a model of digits, or read it, and measure it; or measure what stands beside it. Runs in a worker process. */
import { digitPart, type LabelledImages } from "../data/digit-parts.js";
import { describeEngine, startEngine } from "../engine/backend.js";
import { fold, type Key, seedKey } from "../engine/random.js";
import {
  compareWithControls,
  type FeatureSource,
  trainedSource,
  untrainedSources,
} from "../evaluation/controls.js";
import { blockMeasures, explained } from "../evaluation/generation/block-measures.js";
import { flooredMarginal, flooredRegression } from "../evaluation/generation/floored-gaussians.js";
import { blockDensity, blockPairs, type MeanDensity } from "../evaluation/generation/hidden-blocks.js";
import { pixelSource, principalSource } from "../evaluation/image-controls.js";
import { shareBetweenRows } from "../evaluation/share-between-rows.js";
import type { Pairs } from "../families/var-jepa.js";
import { generateImages } from "../inference/generate-images.js";
import type { ImageShape } from "../models/modalities/patches/images.js";
import type { VarIJepaConfig } from "../models/var-i-jepa.js";
import { mean } from "../moments.js";
import type { TrainedModel } from "../training/trained-model.js";
import type { DigitPreset } from "./digit-presets.js";
import { type DigitFamily, trainDigits, trainingDigits } from "./digit-training.js";
import type { VisionScoring } from "./vision-plan.js";

/** What one cell measures: a trained model, or all that nobody trained. */
export type VisionArm = DigitFamily | "controls";

/** Everything that fixes one cell. */
export interface VisionRunInput {
  readonly arm: VisionArm;
  readonly seed: number;
  readonly models: DigitPreset;
  readonly scoring: VisionScoring;
}

/** One number. */
export interface VisionMeasure {
  /** The model, or what stands beside it. */
  readonly of: string;
  /** Where the block was hidden; left out of features. */
  readonly place?: string;
  readonly measure: string;
  readonly value: number;
}

/** What a model makes of a hidden block of some digits, in 255ths of ink as in the files of MNIST, patch by patch as `cutPatches` has them. */
export interface BlockPictures {
  readonly place: string;
  readonly digits: readonly {
    /** Its number in MNIST's test part, from 0. */
    readonly digit: number;
    /** Means and standard deviations of the pixels, and draws of them without σ_y's noise. */
    readonly mean: readonly number[];
    readonly deviation: readonly number[];
    readonly draws: readonly (readonly number[])[];
  }[];
}

/** What one cell measures. */
export interface VisionRunResult {
  readonly measures: readonly VisionMeasure[];
  readonly pictures?: readonly BlockPictures[];
  readonly engine: string;
  /** Wall-clock and processor time, those of the training in all its sittings among them. */
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/** Names of models and controls. */
export const visionNames = { "var-i-jepa": "Var-I-JEPA", "i-jepa": "I-JEPA" } as const;
export const untrainedName = (family: DigitFamily) => `${visionNames[family]}, untrained`;

/** A trained encoder whose tokens differ between images by less than this share of what they do untrained has collapsed to places. */
const COLLAPSED = 0.1;

/** Makes one cell; `report` gets the share of a training that is made. */
export async function run(input: VisionRunInput, report: (share: number) => void): Promise<VisionRunResult> {
  const engine = describeEngine({ ...(await startEngine()), workers: 1 });
  const { arm, seed, models } = input;
  const trained =
    arm === "controls"
      ? undefined
      : await trainDigits({ family: arm, settings: models.models[arm], digits: models.digits }, seed, report);
  const began = performance.now();
  const cpuBefore = process.cpuUsage();
  const bench = benchOf(input);
  const own = trained ? await ofModel(bench, trained.model) : { measures: await ofControls(bench) };
  const cpu = process.cpuUsage(cpuBefore);
  return {
    ...{ ...own, engine },
    seconds: (trained?.seconds ?? 0) + (performance.now() - began) / 1000,
    cpuSeconds: (trained?.cpuSeconds ?? 0) + (cpu.user + cpu.system) / 1e6,
  };
}

/** Digits to learn from and to measure on. */
interface Bench extends VisionRunInput {
  readonly key: Key;
  readonly train: LabelledImages;
  readonly test: LabelledImages;
  /** The first digits of `test`, of which a block is hidden. */
  readonly shown: LabelledImages;
  /** Digits that a probe learns from, then those that it is scored on. */
  readonly probed: LabelledImages;
}

function benchOf(input: VisionRunInput): Bench {
  const { seed, models, scoring } = input;
  const train = trainingDigits(models.digits, seed);
  const test = digitPart("test", (seed - 1) * scoring.testDigits, scoring.testDigits);
  const learned = firstOf(train, scoring.probe.digits);
  const probed = {
    ...test,
    rows: learned.rows + test.rows,
    images: Float32Array.from([...learned.images, ...test.images]),
    labels: Uint8Array.from([...learned.labels, ...test.labels]),
  };
  const shown = firstOf(test, scoring.blocks.digits);
  return { ...input, key: fold(seedKey(seed), "vision"), train, test, shown, probed };
}

function firstOf(digits: LabelledImages, rows: number): LabelledImages {
  const { height, width, images, labels } = digits;
  return {
    ...digits,
    rows,
    images: images.subarray(0, rows * height * width),
    labels: labels.subarray(0, rows),
  };
}

/** What a trained model is worth. */
async function ofModel(
  bench: Bench,
  model: TrainedModel,
): Promise<Pick<VisionRunResult, "measures" | "pictures">> {
  const family = model.family as DigitFamily;
  const { probed, seed, scoring } = bench;
  const features = await encoderMeasures(bench, (pooling) => trainedSource(model, probed, pooling));
  const [untrained] = untrainedSources(model, probed, [seed]);
  const collapsed = Number(features.betweenRows < COLLAPSED * shareBetweenRows(untrained.compute()));
  const ofFeatures = named({ ...features, collapsed }, visionNames[family]);
  if (family === "i-jepa") return { measures: ofFeatures };
  const own = model as TrainedModel<VarIJepaConfig>;
  const { places, samples } = scoring.blocks;
  const ofBlocks = Object.entries(places).flatMap(([place, hidden]) => {
    const block = blockOf(bench, own.config.image, hidden);
    const density = (count: number) => blockDensity(own, hidden, count, fold(bench.key, "samples"));
    const half = density(Math.ceil(samples / 2));
    const ofHalf = {
      r2Half: explained(half.mean(block.shown), block.shown.y, block.average),
      logLikelihoodHalf: mean(half.logLikelihood(block.shown)) / block.average.length,
    };
    return named({ ...measuresOf(bench, density(samples), block), ...ofHalf }, visionNames[family], place);
  });
  return {
    measures: [...ofFeatures, ...ofBlocks],
    ...(seed === 1 && { pictures: picturesOf(bench, own) }),
  };
}

/** What is worth how much without training: encoders at their start, pixels, principal components, Gaussians. */
async function ofControls(bench: Bench): Promise<VisionMeasure[]> {
  const { probed, seed, models, scoring } = bench;
  const measures: VisionMeasure[] = [];
  for (const family of ["var-i-jepa", "i-jepa"] as const) {
    const encoder = { family, config: models.models[family].model };
    const features = await encoderMeasures(
      bench,
      (pooling) => untrainedSources(encoder, probed, [seed], pooling)[0],
    );
    measures.push(...named({ ...features }, untrainedName(family)));
  }
  const { image, encoder, initialLogSigma } = models.models["var-i-jepa"].model;
  const learned = Int32Array.from({ length: scoring.probe.digits }, (_, i) => i);
  const [pixels, components] = await probeLines(bench, [
    pixelSource(probed, learned),
    principalSource(probed, encoder.width, learned),
  ]);
  measures.push(
    ...named({ accuracyAll: pixels.accuracy }, "pixels"),
    ...named({ accuracyPooled: components.accuracy }, "principal components"),
  );
  for (const [place, hidden] of Object.entries(scoring.blocks.places)) {
    const block = blockOf(bench, image, hidden);
    const least = Math.exp(2 * initialLogSigma);
    const [ridge, marginal] = [flooredRegression, flooredMarginal].map((fitted) =>
      fitted(block.train, least),
    );
    for (const form of ["full", "diagonal"] as const)
      measures.push(
        ...named({ ...measuresOf(bench, ridge[form], block) }, `ridge, ${form}`, place),
        ...named({ ...measuresOf(bench, marginal[form], block) }, `marginal, ${form}`, place),
      );
  }
  return measures;
}

/** Measures under their names. */
const named = (values: Readonly<Record<string, number>>, of: string, place?: string): VisionMeasure[] =>
  Object.entries(values).map(([measure, value]) => ({ of, ...(place && { place }), measure, value }));

/** A probe's accuracy on the mean of the tokens and on all of them, how many directions the mean uses, and how much tokens tell of their image. */
async function encoderMeasures(bench: Bench, source: (pooling: "mean" | "none") => FeatureSource) {
  const [pooled, all] = await probeLines(bench, [source("mean"), source("none")]);
  return {
    ...{ accuracyPooled: pooled.accuracy, accuracyAll: all.accuracy, rankPooled: pooled.effectiveRank },
    betweenRows: shareBetweenRows(source("none").compute()),
  };
}

function probeLines({ key, probed, scoring }: Bench, sources: readonly FeatureSource[]) {
  const { digits, ...probe } = scoring.probe;
  const all = Int32Array.from({ length: probed.rows }, (_, i) => i);
  const split = { train: all.subarray(0, digits), test: all.subarray(digits) };
  return compareWithControls(fold(key, "probe"), probed, sources, split, { probe });
}

/** A hidden block as pairs of pixels. */
interface Block {
  readonly train: Pairs;
  readonly shown: Pairs;
  /** The mean of its pixels over the digits learned from. */
  readonly average: Float64Array;
}

function blockOf({ train, shown }: Bench, image: ImageShape, hidden: readonly number[]): Block {
  const pairs = blockPairs(image, train, hidden);
  const average = new Float64Array(pairs.y.length / pairs.rows);
  pairs.y.forEach((ink, i) => {
    average[i % average.length] += ink / pairs.rows;
  });
  return { train: pairs, shown: blockPairs(image, shown, hidden), average };
}

const measuresOf = ({ key, scoring }: Bench, density: MeanDensity, { shown, average }: Block) =>
  blockMeasures(density, shown, average, fold(key, "draws"), scoring.blocks.draws);

/** What the model makes of every block of the first digits. */
function picturesOf({ key, test, scoring }: Bench, model: TrainedModel<VarIJepaConfig>): BlockPictures[] {
  const { digits, draws: count } = scoring.pictures;
  const { places, samples } = scoring.blocks;
  const some = firstOf(test, digits);
  const size = some.height * some.width;
  return Object.entries(places).map(([place, hidden]) => {
    const generated = generateImages(model, some, { hidden, samples, seed: fold(key, "pictures") });
    const grey = (images: Float32Array, row: number) => {
      const one = { ...some, rows: 1, images: images.subarray(row * size, (row + 1) * size) };
      return Array.from(blockPairs(model.config.image, one, hidden).y, (ink) => Math.round(255 * ink));
    };
    return {
      place,
      digits: Array.from({ length: digits }, (_, row) => ({
        digit: row,
        mean: grey(generated.mean, row),
        deviation: grey(generated.deviation, row),
        draws: Array.from({ length: count }, (_, draw) => grey(generated.draws, draw * digits + row)),
      })),
    };
  });
}
