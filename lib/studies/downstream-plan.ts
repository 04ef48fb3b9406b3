/** The downstream study (Tables 2 and 3, Figure 3) and the sensitivity of Adult (Tables 4 and 5) as data: which cells there are. */

import type { DataSetCode } from "../data/datasets/data-set.js";
import { type PaperDataSetName, paperDataSets } from "../data/datasets/index.js";
import { predictors } from "../evaluation/predictors/all.js";
import { figure3Probe } from "../evaluation/predictors/linear.js";
import type { Aggregation } from "../families/embed-table.js";
import type { table4Settings, table5Settings } from "../papers/var-jepa/published-table-4.js";
import type { DownstreamArm, DownstreamJob } from "./downstream-job.js";
import {
  overEpochs,
  type PublishedModels,
  publishedFamilies,
  type TabularPreset,
  type TabularPresetName,
  tabularPreset,
} from "./tabular-presets.js";

/** What predictors learn from, in the order of the tables. */
export const downstreamInputs = [
  "raw",
  "t-jepa",
  "untrained t-jepa",
  "var-t-jepa",
  "untrained var-t-jepa",
] as const;

/** One of them. */
export type DownstreamInputName = (typeof downstreamInputs)[number];

/** A cell of a plan: a job and what it is called in the tables. */
export interface DownstreamPart {
  readonly dataset: DataSetCode;
  readonly input: DownstreamInputName;
  /** Of the encoder, its rows and the predictor. */
  readonly seed: number;
  /** What is not as the paper prints it, in words. */
  readonly setting?: string;
  readonly job: DownstreamJob;
}

/** How much work the study is. */
export interface DownstreamConfig {
  /** Of the encoders. */
  readonly preset: TabularPresetName | TabularPreset<PublishedModels>;
  readonly datasets: readonly PaperDataSetName[];
  /** One encoder of either family, trained and untrained, for each. */
  readonly seeds: readonly number[];
  /** Seeds of MLP and ResNet on the columns. */
  readonly rawSeeds: readonly number[];
  /** Seeds of other splits that trees are grown on, of the columns. */
  readonly treeSplits: readonly number[];
  /** Only these; all when left out. */
  readonly predictors?: readonly DownstreamArm["predictor"][];
  /**
   * Var-T-JEPAs of seed 1 on these data sets that train so many times as many epochs, to see whether the others were trained long
   * enough.
   */
  readonly longer?: { readonly datasets: readonly PaperDataSetName[]; readonly times: number };
  /** What predictors with attention or cross layers learn from, so many rows at most, for so many epochs; as printed without. */
  readonly brief?: { readonly rows: number; readonly epochs: number; readonly patience: number };
}

/** Meant to fit into 16 processor hours. */
export const downstreamStandard: DownstreamConfig = {
  preset: "medium",
  datasets: paperDataSets.map(({ name }) => name),
  seeds: [1, 2, 3],
  rawSeeds: [1, 2, 3, 4, 5],
  treeSplits: [1, 2, 3, 4, 5],
  longer: { datasets: ["adult", "sim"], times: 3 },
  brief: { rows: 2_000, epochs: 6, patience: 3 },
};

/** A part that takes a minute or two: SIM with fewer rows, small encoders, two predictors. */
export const downstreamQuick: DownstreamConfig = {
  preset: { ...tabularPreset("sim", "quick"), rows: 2_000 },
  datasets: ["sim"],
  seeds: [1],
  rawSeeds: [1],
  treeSplits: [],
  predictors: ["linear", "mlp"],
};

/** The paper's size, for a cluster: Tables 7 and 8 to the letter, five runs, every predictor as printed. */
export const downstreamPaper: DownstreamConfig = {
  ...downstreamStandard,
  preset: "paper",
  seeds: [1, 2, 3, 4, 5],
  longer: undefined,
  brief: undefined,
};

/** Factors on settings of Adult's preset. */
interface Factors {
  readonly kl?: number;
  /** On the weights of reconstruction and generation. */
  readonly likelihood?: number;
  readonly layers?: number;
  readonly width?: number;
  readonly predictorFf?: number;
  readonly learningRate?: number;
  readonly batchSize?: number;
}

/** The control of Tables 4 and 5: encoders that nobody trained. */
const UNTRAINED = "untrained";

/** Columns of ours beside Table 4: no training at all, and larger weights of the KLs than the paper tries. */
export const ownColumns = [UNTRAINED, "KL × 100", "KL × 1,000", "KL × 10,000"] as const;

/** The columns of Tables 4 and 5, as factors on Table 7's line for Adult, and ours. */
export const sensitivityFactors: Readonly<Record<SensitivityColumn, Factors>> = {
  Base: {},
  "Low KL": { kl: 0.1 },
  "High KL": { kl: 10 },
  "Low recon.": { likelihood: 0.1 },
  "High recon.": { likelihood: 10 },
  "High KL + low recon.": { kl: 10, likelihood: 0.1 },
  "Low KL + high recon.": { kl: 0.1, likelihood: 10 },
  Shallow: { layers: 0.5 },
  "Low pred.-FF": { predictorFf: 0.5 },
  Narrow: { width: 0.5, predictorFf: 0.5 },
  "High pred.-FF": { predictorFf: 2 },
  Deep: { layers: 2 },
  "Low LR": { learningRate: 0.5 },
  "Batch size 256": { batchSize: 0.5 },
  [UNTRAINED]: {},
  "KL × 100": { kl: 100 },
  "KL × 1,000": { kl: 1_000 },
  "KL × 10,000": { kl: 10_000 },
};

/** A column of Table 4 or 5, or one of ours. */
export type SensitivityColumn =
  | (typeof table4Settings)[number]
  | (typeof table5Settings)[number]
  | (typeof ownColumns)[number];

/** How much work the sensitivity study is. */
export interface SensitivityConfig {
  readonly preset: TabularPresetName;
  readonly seeds: readonly number[];
  /** MLP and ResNet learn from so many rows at most; from all without. */
  readonly trainRows?: number;
}

/** The quick encoder; the paper's factors then act on two layers, ff 64 and batches of 256. */
export const sensitivityStandard: SensitivityConfig = {
  preset: "quick",
  seeds: [1, 2, 3],
  trainRows: 10_000,
};

/** The paper's size. */
export const sensitivityPaper: SensitivityConfig = { preset: "paper", seeds: [1, 2, 3, 4, 5] };

/** A cell of the sensitivity study; without an arm the encoder alone. */
export interface SensitivityPart extends DownstreamPart {
  readonly column: SensitivityColumn;
}

/** All cells, encoders first. */
export function sensitivityParts({ preset, seeds, trainRows }: SensitivityConfig): SensitivityPart[] {
  const columns = Object.entries(sensitivityFactors) as [SensitivityColumn, Factors][];
  const cells = seeds.flatMap((seed) =>
    columns.flatMap(([column, factors]) =>
      ([...(column === UNTRAINED ? [] : [undefined]), "mlp", "resnet"] as const).map(
        (predictor): SensitivityPart => ({
          dataset: "AD",
          input: column === UNTRAINED ? "untrained var-t-jepa" : "var-t-jepa",
          seed,
          column,
          ...(trainRows && { setting: `${preset} encoder, learnt from ${counted(trainRows)}` }),
          job: {
            features: column === UNTRAINED ? "untrained" : "trained",
            config: {
              dataset: "adult",
              family: "var-t-jepa",
              preset: changed(tabularPreset("adult", preset), factors),
              seed,
            },
            ...(predictor && {
              arm: {
                predictor,
                settings: predictors[predictor].defaults,
                view: "tokens",
                ...(trainRows && { trainRows }),
              },
            }),
            split: SPLIT,
            aggregation: aggregationOf("adult"),
          },
        }),
      ),
    ),
  );
  return cells.sort(
    (a, b) => a.seed - b.seed || Number(a.job.arm !== undefined) - Number(b.job.arm !== undefined),
  );
}

function changed(preset: TabularPreset<PublishedModels>, factors: Factors): TabularPreset<PublishedModels> {
  const {
    kl = 1,
    likelihood = 1,
    layers = 1,
    width = 1,
    predictorFf = 1,
    learningRate = 1,
    batchSize = 1,
  } = factors;
  const { model, objective, training } = preset.models["var-t-jepa"];
  const weights = { klSx: kl, klSy: kl, rec: likelihood, gen: likelihood };
  const scaled = Object.entries(objective).map(([term, weight]) => [
    term,
    weight * (weights[term as keyof typeof weights] ?? 1),
  ]);
  const { encoder, predictor } = model;
  return {
    ...preset,
    models: {
      ...preset.models,
      "var-t-jepa": {
        model: {
          ...model,
          encoder: { ...encoder, layers: layers * encoder.layers, width: width * encoder.width },
          predictor: { ...predictor, ff: predictorFf * predictor.ff },
        },
        objective: Object.fromEntries(scaled),
        training: {
          ...training,
          learningRate: learningRate * training.learningRate,
          batchSize: batchSize * training.batchSize,
        },
      },
    },
  };
}

/** The seed of the one split into 70/10/20 that all cells but those of `treeSplits` share, that of `studySplit`. */
const SPLIT = 1;

/** The paper aggregates deviations by their 90th percentile on MNIST and SIM, by their mean elsewhere. */
export function aggregationOf(dataset: PaperDataSetName): Aggregation {
  return dataset === "mnist" || dataset === "sim" ? "p90" : "mean";
}

/** A predictor as it enters the study. */
interface NamedArm extends DownstreamArm {
  readonly setting?: string;
}

/**
 * All cells, in the order in which they are to be made. Seed by seed encoders, then predictors that see all rows, on every
 * input; after all seeds encoders that train longer, then, in the same order, predictors with attention or cross layers.
 * Stopped anywhere, most of what is there is comparable; cells of one input follow one another.
 */
export function downstreamParts(config: DownstreamConfig): DownstreamPart[] {
  const { datasets, predictors: chosen } = config;
  const cells = datasets
    .flatMap((dataset) => cellsOf(config, dataset))
    .filter(({ job: { arm } }) => !arm || !chosen || chosen.includes(arm.predictor));
  const turn = ({ job: { arm }, setting }: DownstreamPart) =>
    slow.some((name) => name === arm?.predictor) ? 2 : Number(setting?.includes(LONGER) ?? false);
  const stage = ({ job: { arm, features } }: DownstreamPart) => (!arm ? 0 : features === "trained" ? 2 : 1);
  return cells.sort((a, b) => turn(a) - turn(b) || a.seed - b.seed || stage(a) - stage(b));
}

const counted = (rows: number) => `${rows.toLocaleString("en")} rows`;

/** Predictors whose step costs much. */
const slow = ["dcnV2", "autoInt", "ftTransformer"] as const;

function cellsOf(config: DownstreamConfig, name: PaperDataSetName): DownstreamPart[] {
  const { code } = paperDataSets.find((known) => known.name === name)!;
  const preset = typeof config.preset === "string" ? tabularPreset(name, config.preset) : config.preset;
  const part = (
    input: DownstreamInputName,
    seed: number,
    arm: NamedArm | undefined,
    own: { preset?: TabularPreset<PublishedModels>; split?: number; note?: string } = {},
  ): DownstreamPart => {
    const { setting: ofArm, ...plain } = arm ?? {};
    const settings = [ofArm, own.note].filter((words) => words !== undefined);
    return {
      dataset: code,
      input,
      seed,
      ...(settings.length > 0 && { setting: settings.join(", ") }),
      job: {
        features: input === "raw" ? "raw" : input.startsWith("untrained") ? "untrained" : "trained",
        config: {
          dataset: name,
          family: publishedFamilies.find((family) => input.endsWith(family)) ?? publishedFamilies[0],
          preset: own.preset ?? preset,
          seed,
        },
        ...(arm && { arm: plain as DownstreamArm }),
        split: own.split ?? SPLIT,
        aggregation: aggregationOf(name),
      },
    };
  };

  const few = preset.rows === undefined ? {} : { note: `${counted(preset.rows)} in all` };
  const encoded = downstreamInputs.filter((input) => input !== "raw");
  const trained = publishedFamilies.flatMap((family) =>
    config.seeds.map((seed) => part(family, seed, undefined)),
  );
  const onEncoders = encoded.flatMap((input) =>
    config.seeds.flatMap((seed) => [
      ...quickArms(name, seed).map((arm) => part(input, seed, arm, few)),
      ...slowArms(name, config, preset.rows).map((arm) => part(input, seed, arm, few)),
    ]),
  );
  const whole = { ...preset, rows: undefined };
  const [linear, mlp, resnet, trees] = quickArms(name, 1);
  const averagedTrees = trees.view === "tokens" ? [] : [trees];
  const onColumns = [
    part("raw", 1, linear, { preset: whole }),
    ...config.rawSeeds.flatMap((seed) =>
      [mlp, resnet].map((arm) => part("raw", seed, arm, { preset: whole })),
    ),
    ...config.rawSeeds.map((seed) => part("raw", seed, atTheStop, { preset: whole })),
    ...(config.brief ? config.seeds.map((seed) => part("raw", seed, crossLayers, { preset: whole })) : []),
    part("raw", 1, printedTrees, { preset: whole }),
    ...config.treeSplits.flatMap((split) => [
      part("raw", split, { ...printedTrees, setting: "five splits" }, { preset: whole, split }),
      part("raw", split, deepTrees, { preset: whole, split }),
    ]),
    // The columns of the very rows that encoders saw, where those are not all.
    ...(preset.rows === undefined
      ? averagedTrees.map((arm) => part("raw", 1, arm, { preset: whole }))
      : config.seeds.flatMap((seed) => quickArms(name, 0).map((arm) => part("raw", seed, arm, few)))),
    ...config.seeds.flatMap((seed) =>
      slowArms(name, config, preset.rows).map((arm) => part("raw", seed, arm, few)),
    ),
  ];
  const { longer } = config;
  const long =
    longer?.datasets.includes(name) &&
    ({
      preset: overEpochs(preset, longer.times * preset.models["var-t-jepa"].training.epochs),
      note: `${longer.times} ${LONGER}`,
    } as const);
  const trainedLonger = long
    ? [undefined, ...quickArms(name, 0)].map((arm) => part("var-t-jepa", 1, arm, long))
    : [];
  return [...trained, ...onColumns, ...onEncoders, ...trainedLonger];
}

const printedTrees: NamedArm = {
  predictor: "boostedTrees",
  settings: predictors.boostedTrees.defaults,
  view: "tokens",
};

/** Which weights of a network tell is not said in the paper; on the columns an MLP shows what it matters. */
const atTheStop: NamedArm = {
  predictor: "mlp",
  settings: { ...predictors.mlp.defaults, keep: "last" },
  view: "tokens",
  setting: "weights at the stop",
};

/** Of the columns, of which there are few, cross layers cost little. */
const crossLayers: NamedArm = { predictor: "dcnV2", settings: predictors.dcnV2.defaults, view: "tokens" };

/** The setting of trees that see an average of tokens. */
export const averaged = "tokens averaged";

/** What settings of encoders that train longer end with. */
const LONGER = "times as many epochs";

/** Whether a setting only stands beside the one that is compared: other readings of the paper, other splits, longer training. */
export function standsBeside(setting: string | undefined): boolean {
  return /averaged|splits|at the stop|times as many epochs/.test(setting ?? "");
}

/** Deeper than printed, beside the printed depth. */
const deepTrees: NamedArm = {
  ...printedTrees,
  settings: { ...predictors.boostedTrees.defaults, maxDepth: 10 },
  setting: "depth 10, five splits",
};

/**
 * Predictors that see all rows. Trees get every number of an embedding as a column, MNIST's 784 tokens as averages of 49
 * blocks. "Does not use embedding flattening" (Appendix D.6.4) may as well mean averaged tokens: these stand beside, for one
 * seed.
 */
function quickArms(name: PaperDataSetName, seed: number): NamedArm[] {
  const asPrinted = (predictor: "mlp" | "resnet"): NamedArm => ({
    predictor,
    settings: predictors[predictor].defaults,
    view: "tokens",
  });
  return [
    { predictor: "linear", settings: figure3Probe, view: "tokens" },
    asPrinted("mlp"),
    asPrinted("resnet"),
    name === "mnist" ? { ...printedTrees, view: "7 × 7", setting: "7 × 7" } : printedTrees,
    ...(seed === 1 ? [{ ...printedTrees, view: "mean", setting: averaged } as const] : []),
  ];
}

/**
 * The slow predictors; MNIST's 784 tokens are averaged to 49 for them.
 * @param rows of the table, where not all
 */
function slowArms(name: PaperDataSetName, { brief }: DownstreamConfig, rows?: number): NamedArm[] {
  const view = name === "mnist" ? "7 × 7" : "tokens";
  const cut = brief && (rows === undefined || brief.rows < rows);
  const words = [
    ...(view === "tokens" ? [] : [view]),
    ...(cut ? [`learnt from ${counted(brief.rows)}`] : []),
    ...(brief ? [`${brief.epochs} epochs`] : []),
  ];
  return slow.map((predictor) => ({
    predictor,
    settings: {
      ...predictors[predictor].defaults,
      ...(brief && { epochs: brief.epochs, patience: brief.patience }),
    },
    view,
    ...(cut && { trainRows: brief.rows }),
    ...(words.length > 0 && { setting: words.join(", ") }),
  }));
}
