import { autoInt } from "./autoint.js";
import { boostedTrees } from "./boosted-trees.js";
import { dcnV2 } from "./dcn-v2.js";
import { ftTransformer } from "./ft-transformer.js";
import { linear } from "./linear.js";
import { mlp } from "./mlp.js";
import { resnet } from "./resnet.js";

/** The downstream predictors: a linear probe, then those of Tables 2 and 3 in their order. */
export const predictors = { linear, mlp, dcnV2, resnet, autoInt, ftTransformer, boostedTrees } as const;
