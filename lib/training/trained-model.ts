/** Trained models of any family as plain data, and their files. */
import { brief, checkRecord, checkWhole, isRecord, sameData } from "../checks.js";
import type { TableSchema } from "../data/tables/preprocess.js";
import type { Key } from "../engine/random.js";
import { sizeOf } from "../engine/shape.js";
import { world } from "../engine/world.js";
import { familyNamed } from "../families/registry.js";
import type { Shrinkage } from "../families/shrinkage.js";
import { tableShape } from "../families/table.js";
import type { FlatParameters } from "../layers/parameters.js";
import { checkWeights, type TermWeights } from "../losses/term.js";
import { checkHistory, checkTraining } from "./check-history.js";
import { checkSchema } from "./check-schema.js";
import { checkShrinkage } from "./check-shrinkage.js";
import type { TrainingSettings } from "./fit-task.js";
import { readParameters, writeParameters } from "./parameters-file.js";
import type { EpochReport } from "./task.js";

/** A trained model and what it was made from. */
export interface TrainedModel<Config extends object = object> {
  readonly family: string;
  readonly config: Config;
  /** Of a model of tables: brings rows into its form and back. */
  readonly schema?: TableSchema;
  /** Of a model of tables that generates: how what it says of its columns is shrunk towards their marginals, if it is. */
  readonly shrinkage?: Shrinkage;
  readonly objective: TermWeights;
  readonly training: TrainingSettings;
  readonly seed: number | Key;
  readonly history: readonly EpochReport[];
  readonly parameters: FlatParameters;
  /** The moving average of the weights, if the family has one: what rows are embedded with. */
  readonly average?: FlatParameters;
}

/** A model of tables. */
export interface TableModel<Config extends object = object> extends TrainedModel<Config> {
  readonly schema: TableSchema;
}

const WEIGHTS_FILE = "weights.safetensors";
const FORMAT = "var-jepa model 2";
/** Before the names of the moving average. */
const AVERAGE = "target.";

/**
 * Writes a model into a folder: `weights.safetensors`, which holds all of it (everything but the weights as JSON in
 * its metadata) and is whole at any time, and `model.json`, the same JSON for people to read.
 */
export async function saveModel(folder: string, model: TrainedModel): Promise<void> {
  const { parameters, average, ...made } = model;
  const description = { format: FORMAT, ...made };
  await writeParameters(
    inFolder(folder, WEIGHTS_FILE),
    average ? joined(parameters, average) : parameters,
    description,
  );
  world().files.write(inFolder(folder, "model.json"), `${JSON.stringify(description, null, 1)}\n`);
}

/**
 * Reads a model that `saveModel` wrote, bit for bit. What it says of itself is checked before any weight is read.
 * @throws in one sentence when there is none in the folder, or its file is damaged or holds something else.
 */
export async function loadModel(folder: string): Promise<TrainedModel> {
  const file = inFolder(folder, WEIGHTS_FILE);
  if (!world().files.exists(file))
    throw new Error(`${folder} holds no ${WEIGHTS_FILE}; name a folder that train (saveModel) wrote`);
  let made: Omit<TrainedModel, "parameters" | "average"> | undefined;
  const { parameters } = await readParameters(file, (description, layout) => {
    made = checkedDescription(file, description, layout);
  });
  return { ...made!, ...parted(parameters) };
}

/**
 * Reads a model of tables.
 * @throws as `loadModel` does, and when the model is of something else.
 */
export async function loadTableModel(folder: string): Promise<TableModel> {
  const { schema, ...model } = await loadModel(folder);
  if (!schema)
    throw new Error(`${folder} holds a ${model.family} model, which is of no table; use loadModel`);
  return { ...model, schema };
}

/** A file of a folder, which may be named with a slash at its end. */
function inFolder(folder: string, file: string): string {
  return `${folder.replace(/(.)\/+$/, "$1")}/${file}`;
}

/** Checks that configuration, schema and the weights' layout make sense, each alone and all together. */
function checkedDescription(
  file: string,
  found: unknown,
  layout: FlatParameters["layout"],
): Omit<TrainedModel, "parameters" | "average"> {
  const description = isRecord(found) && found.format === BEFORE ? upgraded(found) : found;
  if (!isRecord(description) || description.format !== FORMAT)
    throw new Error(
      `${file} holds weights, but not a model ("${FORMAT}"); name a folder that train (saveModel) wrote`,
    );
  const { format: _, ...made } = description;
  const { family: name, config, schema, shrinkage, objective, training, seed, history } = made;
  try {
    const family = familyNamed(name as string);
    checkRecord("config", config);
    if (schema !== undefined) checkSchema(schema);
    else if ("table" in config) throw new Error("schema is missing");
    if (schema !== undefined && !sameData(config.table, tableShape(schema)))
      throw new Error("its configuration and its schema are of different tables");
    if (shrinkage !== undefined) checkShrinkage(shrinkage, schema);
    checkRecord("objective", objective);
    checkWeights(objective as TermWeights, Object.keys(family.terms));
    checkTraining("training", training);
    const { k0, k1 } = isRecord(seed) ? seed : { k0: seed, k1: 0 };
    for (const part of [k0, k1]) checkWhole("seed", part, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
    checkHistory("history", history);
    const own = family.layout(config);
    family.check?.(config, objective as TermWeights);
    if (!sameData(layout, family.averageDecay?.(config) ? bothLayouts(own) : own))
      throw new Error("its weights do not have its configuration's shapes");
  } catch (error) {
    throw new Error(
      `${file} is not a model that can be used: ${brief((error as Error).message)}; save it anew`,
    );
  }
  return made as unknown as TrainedModel;
}

/** The format before this one, of tables only, and its names of the terms' weights. */
const BEFORE = "var-jepa tabular model 1";
const namesBefore = {
  rec: "alphaRec",
  gen: "alphaGen",
  klSx: "alphaKlSx",
  klZ: "alphaKlZ",
  klSy: "alphaKlSy",
};

/** The same in today's form: a training without weights had the one term `prediction`. */
function upgraded({ kind, training, ...rest }: Record<string, unknown>): Record<string, unknown> {
  const { weights, ...settings } = isRecord(training) ? training : { weights: undefined };
  const objective = isRecord(weights)
    ? Object.fromEntries(Object.entries(namesBefore).map(([name, before]) => [name, weights[before]]))
    : { prediction: 1 };
  return {
    ...rest,
    format: FORMAT,
    family: kind,
    objective,
    training: isRecord(training) ? settings : training,
  };
}

/** Weights and their moving average in one vector. */
function joined(parameters: FlatParameters, average: FlatParameters): FlatParameters {
  const values = new Float32Array(parameters.values.length + average.values.length);
  values.set(parameters.values);
  values.set(average.values, parameters.values.length);
  return { values, layout: bothLayouts(parameters.layout) };
}

/** The layout of weights and average, of the same names and shapes, from that of the first. */
function bothLayouts(layout: FlatParameters["layout"]): FlatParameters["layout"] {
  const length = layout.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  return [
    ...layout,
    ...layout.map(({ name, shape, offset }) => ({
      name: `${AVERAGE}${name}`,
      shape,
      offset: offset + length,
    })),
  ];
}

function parted({ values, layout }: FlatParameters): Pick<TrainedModel, "parameters" | "average"> {
  const average = layout.filter(({ name }) => name.startsWith(AVERAGE));
  if (average.length === 0) return { parameters: { values, layout } };
  const online = layout.slice(0, layout.length - average.length);
  return {
    parameters: { values: values.slice(0, average[0].offset), layout: online },
    average: { values: values.slice(average[0].offset), layout: online },
  };
}
