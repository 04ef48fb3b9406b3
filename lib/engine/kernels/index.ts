/** Every kernel of the fused module. It imports the memory of the TensorFlow.js wasm backend and owns none. */
export { attention, attentionGradient, attentionScratch } from "./attention";
export { crossEntropy, crossEntropyGradient } from "./cross-entropy";
export { dense, denseGradient, denseGradientScratch, denseScratch, geluWithDerivative, multiply } from "./dense";
export {
  isotropicLogProb,
  isotropicLogProbGradient,
  kl,
  klGradient,
  klToStandardNormal,
  klToStandardNormalGradient,
  sample,
  sampleGradient,
  softBound,
  softBoundGradient,
} from "./gaussian";
export { layerNorm, layerNormGradient } from "./layer-norm";
export { adamw, movingAverage } from "./optimiser";
export { multiplyAdd } from "./peak";
export { dropout, normals, uniforms } from "./random";
export { gatherRows, scatterRows } from "./rows";
export { sigreg, sigregScratch } from "./sigreg";
