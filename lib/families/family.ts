/** What a family of models is: all that training, model files, embedding, controls and commands ask of one. */
import type { TableSchema } from "../data/tables/preprocess.js";
import type { Key } from "../engine/random.js";
import type { FlatParameters, Parameters, Slot } from "../layers/parameters.js";
import type { Terms, TermWeights } from "../losses/term.js";
import type { ImageRows } from "../models/modalities/patches/images.js";
import type { TableRows } from "../models/modalities/tabular/table.js";
import type { RowUncertainty } from "./embed-tokens.js";
import type { GeneratedTable } from "./generate-features.js";
import type { GeneratedPatches } from "./generate-patches.js";
import type { Pooling } from "./pooling.js";

/** Data in a model's form: so many rows of it. */
export interface Rows {
  readonly rows: number;
}

/** The rows of one pass: a whole batch or a part of it. */
export interface PassRows {
  /** Which rows of the data. */
  readonly rows: Int32Array;
  /** Where `rows[0]` stands in the whole batch: randomness addressed from here does not see the cut. */
  readonly first: number;
  /** Source of all randomness of this step. */
  readonly key: Key;
}

/** Embeddings of some rows. */
export interface RowEmbedding {
  /** Row-major `[rows, columns]`. */
  readonly values: Float32Array;
  /** How uncertain the encoder is of each row, if it says so. */
  readonly uncertainty?: RowUncertainty;
}

/** How a family embeds rows of its data. */
export interface RowEmbedder<Config, Data extends Rows = Rows> {
  /** Whether it tells how uncertain it is of a row. */
  readonly uncertain: boolean;
  /** Tokens of one row's embedding, and their width. */
  shape(config: Config, pooling: Pooling): readonly [tokens: number, width: number];
  /**
   * Embeds rows in the model's form.
   * @throws when they do not fit the configuration.
   */
  embed(parameters: FlatParameters, config: Config, rows: Data, pooling: Pooling): RowEmbedding;
}

/**
 * A family of models. `Config` fixes one of them, `Model` is what a user writes of it (the columns of a table are read off
 * the data), `Data` is what it is trained on, plain data that can be sent to a thread.
 */
export interface Family<
  Config extends object = object,
  Data extends Rows = Rows,
  Pass = unknown,
  Model extends object = Config,
> {
  readonly name: string;
  /** URL of the built module that exports this family as `family`; threads find one from outside the library by it. */
  readonly module?: string;
  /** Whether one step is work enough to share among threads, as training does then unless it is told otherwise. */
  readonly parallel?: boolean;
  /** What it can minimise. */
  readonly terms: Terms<Pass, Config>;
  /**
   * Whether a model has what an objective asks for; left out, every model has all terms.
   * @throws naming the term that makes no sense, and the fix.
   */
  check?(config: Config, objective: TermWeights): void;
  /** The configuration of a model for data of this schema. */
  config(model: Model, schema: TableSchema | undefined): Config;
  /**
   * Names and shapes of the parameters.
   * @throws naming the field of the configuration that makes no sense.
   */
  layout(config: Config): readonly Slot[];
  /**
   * Start values of the parameters.
   * @throws as `layout` does.
   */
  initial(key: Key, config: Config): FlatParameters;
  /**
   * What training sees of data: features, no labels.
   * @throws when they do not fit the configuration.
   */
  rows(config: Config, data: Data): Data;
  /**
   * One pass over some rows.
   * @param average the moving average of the parameters, nothing without `averageDecay`
   */
  pass(parameters: Parameters, config: Config, data: Data, batch: PassRows, average: Parameters): Pass;
  /**
   * Decay at the first and the last step of training, linear between, of a moving average of the parameters: a target
   * encoder. What is trained is then embedded with the average. A configuration may have none.
   */
  averageDecay?(config: Config): { readonly start: number; readonly end: number } | undefined;
  readonly embedding?: RowEmbedder<Config, Data>;
  /** Generates hidden features of a table's rows from given ones; see `generateFeatures`. */
  generate?(
    parameters: FlatParameters,
    config: Config,
    input: TableRows,
    given: readonly (readonly number[])[],
    hidden: readonly number[],
    samples: number,
    key: Key,
  ): GeneratedTable;
  /** Generates hidden patches of images from visible ones; see `generatePatches`. */
  generatePatches?(
    parameters: FlatParameters,
    config: Config,
    input: ImageRows,
    given: readonly (readonly number[])[],
    hidden: readonly number[],
    samples: number,
    key: Key,
  ): GeneratedPatches;
}
