/** Var-I-JEPA: the model of `tokens/` on the patches of an image, with the block masks of I-JEPA (Assran et al. 2023). */
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
import type { DecodedPatches } from "./modalities/patches/decoder.js";
import type { ImageRows } from "./modalities/patches/images.js";
import { checkPatches, type PatchesConfig, patches } from "./modalities/patches/patches.js";
import { checkTokenModel, type TokenModelConfig } from "./tokens/config.js";
import { initialTokenModel, type TokenModel, type TokenPass } from "./tokens/pass.js";

/** Sizes and choices of a Var-I-JEPA. */
export interface VarIJepaConfig extends PatchesConfig, TokenModelConfig {}

/** Everything one pass on images computes. */
export type VarIJepaPass = TokenPass<ImageRows, DecodedPatches>;

/**
 * Start weights of a model.
 * @throws naming the field of the configuration that makes no sense.
 */
export function initialVarIJepa(key: Key, config: VarIJepaConfig): FlatParameters {
  return packParameters(initialParameters(key, config));
}

/**
 * Names and shapes of a model's parameters; draws none of them.
 * @throws as `initialVarIJepa` does.
 */
export function varIJepaLayout(config: VarIJepaConfig): Slot[] {
  return layoutOf(initialParameters(seedKey(0), config));
}

function initialParameters(key: Key, config: VarIJepaConfig): Record<string, InitialParameter> {
  checkRecord("the configuration", config);
  checkPatches(config);
  checkTokenModel(config);
  if (config.sigma === "per token")
    throw new Error(
      `sigma is "per token"; a patch that is blank in every image would have a density without bound, use "learned" or "fixed"`,
    );
  return initialTokenModel(key, config, patches(config));
}

/** A Var-I-JEPA as the model of tokens that it is. */
export function varIJepa(
  parameters: Parameters,
  config: VarIJepaConfig,
): TokenModel<ImageRows, DecodedPatches> {
  return { parameters, config, modality: patches(config) };
}
