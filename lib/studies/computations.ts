/**
 * The version of every computation whose results are kept. Raise the number when results change beyond rounding: another
 * order of random draws, another formula, another default that no configuration says. Leave it when only speed, names,
 * comments, figures or tables change. Every finished cell of that computation is then made anew, of no other.
 * `computations.test.ts` makes a tiny cell of each and fails when it comes out otherwise than with the version before.
 */
export const computationVersions = {
  /** World, training, diagnostics and probes of one run of the simulation study. */
  simulation: 1,
  /** World, training, measures and spread over training of one configuration of pairs, and of what stands beside them. */
  pairs: 1,
  /** Pairs, fit and measures of densities of y given x. */
  generation: 1,
  /** Reading, encoding and training of a Var-T-JEPA. */
  "var-t-jepa": 1,
  /** Reading, encoding and training of a T-JEPA. */
  "t-jepa": 1,
  /** Training of a Var-I-JEPA on digits. */
  "var-i-jepa": 1,
  /** Training of an I-JEPA on digits. */
  "i-jepa": 1,
  /** What models of digits, untrained encoders, pixels and regressions are measured by. Raised alone, no model is trained anew. */
  vision: 1,
  /** What checkpoints are selected by; part of a training that probes. */
  "online probe": 1,
  /** What finished models, untrained encoders and raw columns are scored by. Raised alone, no model is trained anew. */
  scores: 1,
  /** What hidden columns are scored by, shrinkage included; of finished models that are measured so. Raised alone, no model is trained anew. */
  imputation: 1,
  /** What linear models and trees say of hidden numbers, with a deviation for all rows and one for each. */
  spread: 1,
  /** What one of the downstream predictors tells of the test rows; of which view of how many rows says the configuration. */
  linear: 1,
  mlp: 1,
  dcnV2: 1,
  resnet: 1,
  autoInt: 1,
  ftTransformer: 1,
  boostedTrees: 1,
  /** What downstream predictions are scored by. Raised alone, no predictor is trained anew. */
  "downstream scores": 2,
} as const satisfies Readonly<Record<string, number>>;

/** A computation whose results are kept. */
export type Computation = keyof typeof computationVersions;
