/** T-JEPA (Thimonier et al. 2024), the deterministic baseline: the model of `tokens/token-jepa.ts` on the features of a table. */
import { checkRecord } from "../checks.js";
import { type Key, seedKey } from "../engine/random.js";
import {
  type FlatParameters,
  type InitialParameter,
  layoutOf,
  type Parameters,
  packParameters,
  type Slot,
} from "../layers/parameters.js";
import type { TableRows } from "./modalities/tabular/table.js";
import { checkTabular, type TabularConfig, tabular } from "./modalities/tabular/tabular.js";
import type { Masks } from "./tokens/masks.js";
import type { PassSource } from "./tokens/pass.js";
import {
  checkTokenJepa,
  initialTokenJepa,
  passTokenJepa,
  type TokenJepa,
  type TokenJepaConfig,
  type TokenJepaPass,
} from "./tokens/token-jepa.js";

/** Sizes and choices of a T-JEPA. */
export interface TJepaConfig extends TabularConfig, TokenJepaConfig {}

/** What one pass of training computes. */
export type TJepaPass = TokenJepaPass;

/** @throws naming the field that makes no sense. */
export function checkTJepa(config: TJepaConfig): void {
  checkRecord("the configuration", config);
  checkTabular(config);
  checkTokenJepa(config);
}

/**
 * Start weights; the target encoder starts as a copy of them.
 * @throws naming the field of the configuration that makes no sense.
 */
export function initialTJepa(key: Key, config: TJepaConfig): FlatParameters {
  return packParameters(initialParameters(key, config));
}

/**
 * Names and shapes of a model's parameters; draws none of them.
 * @throws as `initialTJepa` does.
 */
export function tJepaLayout(config: TJepaConfig): Slot[] {
  return layoutOf(initialParameters(seedKey(0), config));
}

function initialParameters(key: Key, config: TJepaConfig): Record<string, InitialParameter> {
  checkTJepa(config);
  return initialTokenJepa(key, tJepa(config));
}

/** A T-JEPA as the model of tokens that it is. */
export function tJepa(config: TJepaConfig): TokenJepa<TableRows> {
  return { config, modality: tabular(config) };
}

/**
 * One pass: predict the target features' tokens, and have the target encoder say what they are.
 * @param parameters what is trained
 * @param target the target encoder's weights, of the same names; no gradient reaches them and nothing is dropped there
 */
export function passTJepa(
  parameters: Parameters,
  target: Parameters,
  config: TJepaConfig,
  input: TableRows,
  masks: Masks,
  source: PassSource,
): TJepaPass {
  return passTokenJepa(parameters, target, tJepa(config), input, masks, source);
}
