/** The library, in the order in which data flows: data → model → loss → training → evaluation → figure. */
import "./node/world.js";

export * from "./data/corruption.js";
export { cacheFolder } from "./data/datasets/cache-folder.js";
export type { DataSet, DataSetCode, DataSetName } from "./data/datasets/data-set.js";
export * from "./data/datasets/index.js";
export { corruptedDigits } from "./data/datasets/mnist.js";
export { withNumericColumns } from "./data/datasets/numeric-columns.js";
export { type SimTableConfig, simTableDefaults, simulateTable } from "./data/datasets/sim.js";
export * from "./data/digits.js";
export * from "./data/image-rows.js";
export * from "./data/rows.js";
export * from "./data/simulation.js";
export { type ColumnDescription, countMissing, describeTable } from "./data/tables/describe.js";
export { missingCells } from "./data/tables/infer.js";
export { loadTable, parseTable, type TableOptions } from "./data/tables/load-table.js";
export * from "./data/tables/notes.js";
export * from "./data/tables/preprocess.js";
export {
  type CellChange,
  type CsvCells,
  cellText,
  columnTexts,
  withChanges,
} from "./data/tables/read-csv.js";
export * from "./data/tables/records.js";
export * from "./data/tables/sample.js";
export * from "./data/tables/split.js";
export * from "./data/tables/table.js";
export { mostProbable } from "./distributions/categorical.js";
export * from "./distributions/diagonal-gaussian.js";
export * from "./engine/adamw.js";
export { describeEngine, type Engine, startEngine, tf } from "./engine/backend.js";
export { dense } from "./engine/ops/dense.js";
export { gelu } from "./engine/ops/gelu.js";
export { randomNormal } from "./engine/ops/random-normal.js";
export * from "./engine/random.js";
export { runTeam, solo, type Team, TeamBroken, type TeamModule, type TeamOptions } from "./engine/team.js";
export * from "./evaluation/context-use.js";
export * from "./evaluation/control-table.js";
export * from "./evaluation/controls.js";
export * from "./evaluation/decode.js";
export * from "./evaluation/elbo-surgery.js";
export * from "./evaluation/embed.js";
export * from "./evaluation/embedding-diagnostics.js";
export * from "./evaluation/imputation.js";
export * from "./evaluation/latent-diagnostics.js";
export * from "./evaluation/metrics/calibration.js";
export {
  type ClassificationScores,
  classificationScores,
  recallPerClass,
} from "./evaluation/metrics/classification-scores.js";
export * from "./evaluation/metrics/ranks.js";
export * from "./evaluation/metrics/roc-curve.js";
export * from "./evaluation/metrics/selective.js";
export * from "./evaluation/posterior-decoding.js";
export { predictors } from "./evaluation/predictors/all.js";
export { type LinearProbeConfig, paperProbe, probeOfRows } from "./evaluation/predictors/linear.js";
export * from "./evaluation/predictors/mlp-probe.js";
export * from "./evaluation/predictors/predictions-file.js";
export type { Features, Predictions, Predictor, PredictorSplit } from "./evaluation/predictors/predictor.js";
export * from "./evaluation/principal-plane.js";
export * from "./evaluation/raw-features.js";

export * from "./evaluation/uncertainty-vs-ambiguity.js";
export {
  type Aggregation,
  embedTable,
  embedTJepa,
  type RowPosteriors,
  type RowUncertainty,
  readPosterior,
  rowPosteriors,
  type TableEmbedding,
} from "./families/embed-table.js";
export type { Family, RowEmbedding } from "./families/family.js";
export * from "./families/generate-features.js";
export type { Pooling } from "./families/pooling.js";
export { addFamily, familyNamed } from "./families/registry.js";
export { tableShape } from "./families/table.js";
export * from "./figures/ambiguity-scatter.js";
export * from "./figures/class-shares.js";
export * from "./figures/decile-curves.js";
export type { Figure, Layout, Trace } from "./figures/drawing/figure.js";
export { figureToSvg, svgToPng } from "./figures/drawing/render.js";
export * from "./figures/drawing/show.js";
export * from "./figures/drawing/table.js";
export { seriesStyle, symbols, themed } from "./figures/drawing/theme.js";
export { embeddingPlane, type PlaneColour } from "./figures/embedding-plane.js";
export { featureShares, featureUse, type UseSeries } from "./figures/feature-use.js";
export * from "./figures/figure-2.js";
export { figure4 } from "./figures/figure-4.js";
export * from "./figures/figure-5.js";
export { figure6 } from "./figures/figure-6.js";
export * from "./figures/images.js";
export * from "./figures/imputation-gains.js";
export * from "./figures/latent-scatter.js";
export * from "./figures/loss-curves.js";
export * from "./figures/mask-grid.js";
export * from "./figures/study-tables.js";
export { tJepaDiagram } from "./figures/t-jepa-diagram.js";
export * from "./figures/table-1.js";
export * from "./figures/table-6.js";
export * from "./figures/trade-off.js";
export * from "./inference/embed-rows.js";
export { type EmbeddingFileOptions, type TextColumn, writeEmbeddings } from "./inference/embedding-files.js";
export {
  type GeneratedCategories,
  type GeneratedColumn,
  type GeneratedNumbers,
  type GenerateOptions,
  generateColumns,
} from "./inference/generate-columns.js";
export { type ImputedCell, type ImputedTable, imputeTable } from "./inference/impute-table.js";
export { type ModelTable, type ModelTableOptions, readModelTable } from "./inference/model-table.js";
export * from "./layers/mlp.js";
export type { TransformerConfig } from "./layers/transformer.js";
export * from "./layers/weights.js";
export * from "./losses/elbo.js";
export { splitSyTerm } from "./losses/kl.js";
export { prediction } from "./losses/prediction.js";
export * from "./losses/sigreg.js";
export { type SigregForm, type SigregFormName, sigreg, sigregForms, sigregValue } from "./losses/sigreg.js";
export { meanTerm, risenWeights, type Term, type TermWeights, termValues } from "./losses/term.js";
export { drawMasks, type MaskConfig } from "./models/modalities/tabular/masks.js";
export {
  featureCount,
  selectRows,
  type TableRows,
  type TableShape,
} from "./models/modalities/tabular/table.js";
export { tokenize } from "./models/modalities/tabular/tokenizer.js";
export * from "./models/t-jepa.js";
export { auxiliaryPosterior, poolContext } from "./models/tokens/auxiliary-encoder.js";
export { contextPosterior } from "./models/tokens/context-encoder.js";
export type { Masks } from "./models/tokens/masks.js";
export { predictTargets } from "./models/tokens/predictor.js";
export { targetPosterior } from "./models/tokens/target-posterior.js";
export * from "./models/var-jepa.js";
export * from "./models/var-t-jepa.js";
export * from "./papers/var-jepa/published.js";
export * from "./papers/var-jepa/published-table-1.js";
export * from "./papers/var-jepa/published-table-6.js";
export * from "./papers/var-jepa/simulation-variants.js";
export * from "./settings.js";
export * from "./studies/data-sets.js";
export * from "./studies/imputation-preset.js";
export * from "./studies/open-choices.js";
export type { Claim } from "./studies/simulation-claims.js";
export { simulationClaims } from "./studies/simulation-claims.js";
export * from "./studies/simulation-study.js";
export * from "./studies/simulation-table.js";
export * from "./studies/tabular-presets.js";
export * from "./studies/tabular-run.js";
export * from "./studies/tabular-scores.js";
export * from "./studies/tabular-selection.js";
export * from "./studies/tabular-studies.js";
export * from "./studies/tabular-study.js";
export { checkpointLog } from "./training/checkpoint-log.js";
export { type FitOptions, fit, type ModelSettings } from "./training/fit.js";
export type { TrainingSettings } from "./training/fit-task.js";
export * from "./training/gradient.js";
export * from "./training/progress.js";
export * from "./training/schedule.js";
export * from "./training/train.js";
export * from "./training/train-in-team.js";
export {
  loadModel,
  loadTableModel,
  saveModel,
  type TableModel,
  type TrainedModel,
} from "./training/trained-model.js";
export * from "./training/weights-file.js";
