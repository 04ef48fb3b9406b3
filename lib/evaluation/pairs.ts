import { encodePairs } from "./embed.js";
import { featureMeasures } from "./feature-measures.js";
import { pairControls, untrainedPairs } from "./pair-controls.js";
import { listPairMeasures, measurePairs } from "./pair-measures.js";
import { predictionError } from "./prediction-error.js";
import { spread } from "./spread.js";

/** What is told of models of pairs and of their latents: functions, described where they are defined. */
export const pairs = {
  encode: encodePairs,
  features: featureMeasures,
  spread,
  predictionError,
  measure: measurePairs,
  list: listPairMeasures,
  untrained: untrainedPairs,
  controls: pairControls,
} as const;
