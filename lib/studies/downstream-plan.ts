/** The downstream study (Tables 2 and 3, Figure 3) as data: which cells there are. */

import type { DataSetCode } from "../data/datasets/data-set.js";
import { type PaperDataSetName, paperDataSets } from "../data/datasets/index.js";
import { counted } from "../data/tables/quote.js";
import { predictors } from "../evaluation/predictors/all.js";
import { figure3Probe } from "../evaluation/predictors/linear.js";
import type { DownstreamArm, DownstreamJob } from "./downstream-job.js";
import {
  aggregationOf,
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

/** Words of settings that only stand beside the one that is compared: other readings of the paper, other splits, longer training. */
export const beside = {
  averaged: "tokens averaged",
  splits: "five splits",
  atTheStop: "weights at the stop",
  longer: "times as many epochs",
} as const;

/** Whether a setting is one of these. */
export function standsBeside(setting: string | undefined): boolean {
  return Object.values(beside).some((words) => setting?.includes(words));
}

/** What settings say of predictors that cost too much to be trained as printed. */
const CUT_SHORT = "stopped after";

/** Whether a predictor was: it may still be far from what it can tell, on some inputs farther than on others. */
export function isCutShort(setting: string | undefined): boolean {
  return setting?.includes(CUT_SHORT) ?? false;
}

/** What settings say of encoders that saw some rows alone, drawn by their seed, and of what stands beside them. */
const IN_ALL = "in all";

/** Whether runs of different seeds are of different rows. */
export function drawsOwnRows(setting: string | undefined): boolean {
  return setting?.includes(IN_ALL) ?? false;
}

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

/** The seed of the one split into 70/10/20 that all cells but those of `treeSplits` share, that of `studySplit`. */
export const SPLIT = 1;

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
    slow.some((name) => name === arm?.predictor) ? 2 : Number(setting?.includes(beside.longer) ?? false);
  const stage = ({ job: { arm, features } }: DownstreamPart) => (!arm ? 0 : features === "trained" ? 2 : 1);
  return cells.sort((a, b) => turn(a) - turn(b) || a.seed - b.seed || stage(a) - stage(b));
}

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

  const few = preset.rows === undefined ? {} : { note: `${counted(preset.rows, "row")} ${IN_ALL}` };
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
      part("raw", split, { ...printedTrees, setting: beside.splits }, { preset: whole, split }),
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
      note: `${longer.times} ${beside.longer}`,
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
  setting: beside.atTheStop,
};

/** Of the columns, of which there are few, cross layers cost little. */
const crossLayers: NamedArm = { predictor: "dcnV2", settings: predictors.dcnV2.defaults, view: "tokens" };

/** Deeper than printed, beside the printed depth. */
const deepTrees: NamedArm = {
  ...printedTrees,
  settings: { ...predictors.boostedTrees.defaults, maxDepth: 10 },
  setting: `depth 10, ${beside.splits}`,
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
    ...(seed === 1 ? [{ ...printedTrees, view: "mean", setting: beside.averaged } as const] : []),
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
    ...(cut ? [`learnt from ${counted(brief.rows, "row")}`] : []),
    ...(brief ? [`${CUT_SHORT} ${brief.epochs} epochs`] : []),
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
