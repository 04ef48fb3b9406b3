/** I-JEPA (Assran et al. 2023), the deterministic twin: the model of `tokens/token-jepa.ts` on the patches of an image. */
import { checkRecord } from "../checks.js";
import { type Key, seedKey } from "../engine/random.js";
import {
  type FlatParameters,
  type InitialParameter,
  layoutOf,
  packParameters,
  type Slot,
} from "../layers/parameters.js";
import type { ImageRows } from "./modalities/patches/images.js";
import { checkPatches, type PatchesConfig, patches } from "./modalities/patches/patches.js";
import {
  checkTokenJepa,
  initialTokenJepa,
  type TokenJepa,
  type TokenJepaConfig,
} from "./tokens/token-jepa.js";

/** Sizes and choices of an I-JEPA. */
export interface IJepaConfig extends PatchesConfig, TokenJepaConfig {}

/**
 * Start weights; the target encoder starts as a copy of them.
 * @throws naming the field of the configuration that makes no sense.
 */
export function initialIJepa(key: Key, config: IJepaConfig): FlatParameters {
  return packParameters(initialParameters(key, config));
}

/**
 * Names and shapes of a model's parameters; draws none of them.
 * @throws as `initialIJepa` does.
 */
export function iJepaLayout(config: IJepaConfig): Slot[] {
  return layoutOf(initialParameters(seedKey(0), config));
}

function initialParameters(key: Key, config: IJepaConfig): Record<string, InitialParameter> {
  checkRecord("the configuration", config);
  checkPatches(config);
  checkTokenJepa(config);
  return initialTokenJepa(key, iJepa(config));
}

/** An I-JEPA as the model of tokens that it is. */
export function iJepa(config: IJepaConfig): TokenJepa<ImageRows> {
  return { config, modality: patches(config) };
}
