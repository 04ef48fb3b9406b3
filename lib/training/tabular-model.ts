/** Trained models of tables as plain data, and their files. */
import { existsSync } from "node:fs";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { brief, checkChoice, checkRecord, checkWhole, isRecord } from "../checks.js";
import { slotCount, type TableSchema } from "../data/tables/preprocess.js";
import { writeWhole } from "../files/whole-file.js";
import type { Weights } from "../layers/weights.js";
import { type TJepaConfig, tJepaLayout } from "../models/t-jepa.js";
import type { VarTJepaConfig } from "../models/var-t-jepa/config.js";
import type { TableShape } from "../models/var-t-jepa/table.js";
import { varTJepaLayout } from "../models/var-t-jepa/var-t-jepa.js";
import { checkHistory, checkTraining } from "./check-history.js";
import { checkSchema } from "./check-schema.js";
import type { TabularTraining } from "./tabular-task.js";
import type { EpochReport } from "./task.js";
import type { VarTJepaTraining } from "./var-t-jepa-task.js";
import { readWeights, writeWeights } from "./weights-file.js";

/** A trained Var-T-JEPA and what it was made from. */
export interface TrainedVarTJepa {
  readonly kind: "var-t-jepa";
  readonly config: VarTJepaConfig;
  /** Brings rows into the model's form and back. */
  readonly schema: TableSchema;
  readonly training: VarTJepaTraining;
  readonly seed: number;
  readonly history: readonly EpochReport[];
  readonly weights: Weights;
}

/** A trained T-JEPA and what it was made from. */
export interface TrainedTJepa {
  readonly kind: "t-jepa";
  readonly config: TJepaConfig;
  /** Brings rows into the model's form and back. */
  readonly schema: TableSchema;
  readonly training: TabularTraining;
  readonly seed: number;
  readonly history: readonly EpochReport[];
  /** What was trained: context encoder and predictor. */
  readonly weights: Weights;
  /** The target encoder, their moving average: what rows are embedded with. */
  readonly target: Weights;
}

export type TabularModel = TrainedVarTJepa | TrainedTJepa;

/** The columns that a model of encoded tables has. */
export function tableShape({ numeric, categorical }: TableSchema): TableShape {
  return { numeric: numeric.length, cardinalities: categorical.map(slotCount) };
}

const WEIGHTS_FILE = "weights.safetensors";
const FORMAT = "var-jepa tabular model 1";
/** Before the names of a T-JEPA's target encoder. */
const TARGET = "target.";

/**
 * Writes a model into a folder: `weights.safetensors`, which holds all of it (everything but the weights as JSON in
 * its metadata) and is whole at any time, and `model.json`, the same JSON for people to read.
 */
export async function saveModel(folder: string, model: TabularModel): Promise<void> {
  const { kind, config, schema, training, seed, history } = model;
  const description = { format: FORMAT, kind, config, schema, training, seed, history };
  const weights = model.kind === "t-jepa" ? joinWeights(model.weights, model.target) : model.weights;
  await writeWeights(path.join(folder, WEIGHTS_FILE), weights, description);
  writeWhole(path.join(folder, "model.json"), `${JSON.stringify(description, null, 1)}\n`);
}

/**
 * Reads a model that `saveModel` wrote, bit for bit. What it says of itself is checked before any weight is read.
 * @throws in one sentence when there is none in the folder, or its file is damaged or holds something else.
 */
export async function loadModel(folder: string): Promise<TabularModel> {
  const file = path.join(folder, WEIGHTS_FILE);
  if (!existsSync(file))
    throw new Error(`${folder} holds no ${WEIGHTS_FILE}; name a folder that train (saveModel) wrote`);
  const { weights, configuration } = await readWeights(file, (description, layout) =>
    checkDescription(file, description, layout),
  );
  const { format: _, ...description } = configuration as { format: string } & TabularModel;
  return withWeights(description as TabularModel, weights);
}

function withWeights(description: TabularModel, stored: Weights): TabularModel {
  if (description.kind !== "t-jepa") return { ...description, weights: stored };
  const [weights, target] = partWeights(stored);
  return { ...description, weights, target };
}

/** Checks that configuration, schema and the weights' layout make sense, each alone and all together. */
function checkDescription(file: string, description: unknown, layout: Weights["layout"]): void {
  if (!isRecord(description) || description.format !== FORMAT)
    throw new Error(
      `${file} holds weights, but not a model of tables ("${FORMAT}"); name a folder that train (saveModel) wrote`,
    );
  const { kind, config, schema, training, seed, history } = description;
  try {
    checkChoice("kind", kind, ["var-t-jepa", "t-jepa"]);
    checkSchema(schema);
    checkRecord("config", config);
    if (!isDeepStrictEqual(config.table, tableShape(schema)))
      throw new Error("its configuration and its schema are of different tables");
    checkTraining("training", training);
    checkWhole("seed", seed, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
    checkHistory("history", history);
    const expected =
      kind === "t-jepa"
        ? bothLayouts(tJepaLayout(config as unknown as TJepaConfig))
        : varTJepaLayout(config as unknown as VarTJepaConfig);
    if (!isDeepStrictEqual(layout, expected))
      throw new Error("its weights do not have its configuration's shapes");
  } catch (error) {
    throw new Error(
      `${file} is not a model that can be used: ${brief((error as Error).message)}; save it anew`,
    );
  }
}

/** Both parts of a T-JEPA in one vector. */
function joinWeights(weights: Weights, target: Weights): Weights {
  const values = new Float32Array(weights.values.length + target.values.length);
  values.set(weights.values);
  values.set(target.values, weights.values.length);
  return { values, layout: bothLayouts(weights.layout) };
}

/** The layout of a T-JEPA's two encoders, of the same names and shapes, from that of the first. */
function bothLayouts(layout: Weights["layout"]): Weights["layout"] {
  const length = layout.reduce((sum, { shape }) => sum + shape.reduce((size, n) => size * n, 1), 0);
  return [
    ...layout,
    ...layout.map(({ name, shape, offset }) => ({
      name: `${TARGET}${name}`,
      shape,
      offset: offset + length,
    })),
  ];
}

function partWeights({ values, layout }: Weights): [Weights, Weights] {
  const online = layout.filter(({ name }) => !name.startsWith(TARGET));
  const target = layout.filter(({ name }) => name.startsWith(TARGET));
  const cut = target[0]?.offset ?? values.length;
  return [
    { values: values.slice(0, cut), layout: online },
    {
      values: values.slice(cut),
      layout: target.map(({ name, shape, offset }) => ({
        name: name.slice(TARGET.length),
        shape,
        offset: offset - cut,
      })),
    },
  ];
}
