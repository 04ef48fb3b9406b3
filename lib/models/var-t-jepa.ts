/** Var-T-JEPA (Section 5): the model of `tokens/` on the features of a table. */
import { checkRecord } from "../checks.js";
import { type Key, seedKey } from "../engine/random.js";
import {
  type FlatParameters,
  layoutOf,
  type Parameters,
  packParameters,
  type Slot,
} from "../layers/parameters.js";
import type { Decoded } from "./modalities/tabular/decoders.js";
import type { TableRows } from "./modalities/tabular/table.js";
import { checkTabular, type TabularConfig, tabular } from "./modalities/tabular/tabular.js";
import { checkTokenModel, type TokenModelConfig } from "./tokens/config.js";
import type { Masks } from "./tokens/masks.js";
import {
  initialTokenModel,
  type PassSource,
  type TokenModel,
  type TokenPass,
  trainingPass,
} from "./tokens/pass.js";

/** Sizes and choices of a Var-T-JEPA. */
export interface VarTJepaConfig extends TabularConfig, TokenModelConfig {}

/** Choices the paper leaves open. */
export const varTJepaDefaults: Omit<VarTJepaConfig, "table" | "masks" | "encoder" | "predictor"> = {
  clsTokens: 1,
  poolTokens: 4,
  auxiliaryLayers: 2,
  targetSamples: 4,
  sigma: "learned",
  initialLogSigma: 0,
  logVarianceBound: 16,
};

/** Everything one pass on rows of a table computes. */
export type VarTJepaPass = TokenPass<TableRows, Decoded>;

export type { PassSource } from "./tokens/pass.js";

/** @throws naming the field that makes no sense. */
export function checkVarTJepa(config: VarTJepaConfig): void {
  checkRecord("the configuration", config);
  checkTabular(config);
  checkTokenModel(config);
}

/**
 * Start weights of a model.
 * @throws naming the field of the configuration that makes no sense.
 */
export function initialVarTJepa(key: Key, config: VarTJepaConfig): FlatParameters {
  checkVarTJepa(config);
  return packParameters(initialTokenModel(key, config, tabular(config)));
}

/**
 * Names and shapes of a model's parameters; draws none of them.
 * @throws as `initialVarTJepa` does.
 */
export function varTJepaLayout(config: VarTJepaConfig): Slot[] {
  checkVarTJepa(config);
  return layoutOf(initialTokenModel(seedKey(0), config, tabular(config)));
}

/** A Var-T-JEPA as the model of tokens that it is. */
export function varTJepa(parameters: Parameters, config: VarTJepaConfig): TokenModel<TableRows, Decoded> {
  return { parameters, config, modality: tabular(config) };
}

/** One pass of training, all of it (Algorithm 1): noise and dropout are drawn from the source. */
export function passVarTJepa(
  parameters: Parameters,
  config: VarTJepaConfig,
  input: TableRows,
  masks: Masks,
  source: PassSource,
): VarTJepaPass {
  return trainingPass(varTJepa(parameters, config), input, masks, source);
}
