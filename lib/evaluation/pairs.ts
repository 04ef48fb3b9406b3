import { encodePairs } from "./embed.js";
import { featureMeasures } from "./feature-measures.js";
import { scoreDraws } from "./generation/conditional-density.js";
import { corruptedDensity } from "./generation/corrupted-density.js";
import { fitGaussianMarginal, fitGaussianRegression } from "./generation/gaussian-baselines.js";
import { importanceBound } from "./generation/importance-bound.js";
import { importanceWeights } from "./generation/importance-weights.js";
import {
  drawLinearGaussian,
  exactConditional,
  linearGaussianParameters,
  simulateLinearGaussian,
} from "./generation/linear-gaussian.js";
import { varJepaDensity } from "./generation/var-jepa-density.js";
import { latentDiagnostics } from "./latent-diagnostics.js";
import { pairControls, untrainedPairs } from "./pair-controls.js";
import { listPairMeasures, measurePairs } from "./pair-measures.js";
import { predictionError } from "./prediction-error.js";
import { spread } from "./spread.js";

/** What is told of models of pairs, of their latents and of what they generate: functions, described where they are defined. */
export const pairs = {
  encode: encodePairs,
  features: featureMeasures,
  spread,
  latentDiagnostics,
  predictionError,
  measure: measurePairs,
  list: listPairMeasures,
  untrained: untrainedPairs,
  controls: pairControls,
  generation: {
    density: varJepaDensity,
    regression: fitGaussianRegression,
    marginal: fitGaussianMarginal,
    corrupted: corruptedDensity,
    scores: scoreDraws,
    weights: importanceWeights,
    bound: importanceBound,
    linearGaussian: {
      draw: drawLinearGaussian,
      simulate: simulateLinearGaussian,
      exact: exactConditional,
      parameters: linearGaussianParameters,
    },
  },
} as const;
