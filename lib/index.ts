/**
 * The public door of the library: what notebooks, users and programs call, in the order in which data flow. Each name is
 * described where it is defined.
 */
import "./node/world.js";

// Engine and randomness: the same seed gives the same numbers on the same backend.

export { describeEngine, startEngine, tf } from "./engine/backend.js";
export { randomNormal } from "./engine/ops/random-normal.js";
export { fold, type Key, normals, seedKey, uniforms, unitVectors } from "./engine/random.js";
export type { Engine } from "./engine/world.js";

// Data: pairs of views.

export { type Digits, type DigitsSplit, halves, loadDigits } from "./data/digits.js";
export { joinHalves, unstack } from "./data/image-rows.js";
export { takeRows } from "./data/rows.js";
export {
  type SimulatedViews,
  type SimulationConfig,
  simulate,
  simulationDefaults,
  type Views,
} from "./data/simulation.js";

// Data: tables, the paper's data sets among them.

export type { DataSet, DataSetCode, PaperDataSet } from "./data/datasets/data-set.js";
export type { DownloadSettings } from "./data/datasets/download.js";
export {
  type DataSetName,
  type DataSetOptions,
  dataSets,
  loadDataset,
  type PaperDataSetName,
  readDataSet,
  withPaperTypes,
} from "./data/datasets/index.js";
export type { OriginalFile } from "./data/datasets/original-file.js";
export type { Originals } from "./data/datasets/original-files.js";
export { type SimTableConfig, simTableDefaults } from "./data/datasets/sim.js";
export { type ColumnDescription, describeTable } from "./data/tables/describe.js";
export { loadTable, type TableOptions } from "./data/tables/load-table.js";
export { noteLines, tableNotes } from "./data/tables/notes.js";
export {
  type CategoricalFeature,
  decodeFeatures,
  describeSchema,
  type EncodedFeatures,
  type EncodedTable,
  encodeTable,
  fitSchema,
  type NumericFeature,
  slotCount,
  type TableSchema,
} from "./data/tables/preprocess.js";
export { type TableRecord, tableRecords } from "./data/tables/records.js";
export { splitTable, type TableSplit } from "./data/tables/split.js";
export {
  type CategoricalColumn,
  type Column,
  categoricalColumns,
  type Labels,
  type NumericColumn,
  numericColumns,
  type Table,
  type TableNote,
  type TableSource,
  takeTableRows,
} from "./data/tables/table.js";

// Layers: distributions and parameters.

export { type DiagonalGaussian, rsample } from "./distributions/diagonal-gaussian.js";
export { movingAverage } from "./engine/adamw.js";
export type { ActivationName } from "./layers/mlp.js";
export {
  type FlatParameters,
  type InitialParameter,
  type Parameters,
  packParameters,
  type Slot,
  unpackParameters,
} from "./layers/parameters.js";
export type { TransformerConfig } from "./layers/transformer.js";

// Models: one pass each, and the parts of the one on tokens.

export type { ImageRows, ImageShape } from "./models/modalities/patches/images.js";
export type { BlockMaskConfig } from "./models/modalities/patches/masks.js";
export { drawMasks, type MaskConfig } from "./models/modalities/tabular/masks.js";
export {
  featureCount,
  selectRows,
  type TableRows,
  type TableShape,
} from "./models/modalities/tabular/table.js";
export { tokenize } from "./models/modalities/tabular/tokenizer.js";
export { initialTJepa, passTJepa, type TJepaConfig, type TJepaPass } from "./models/t-jepa.js";
export { auxiliaryPosterior, poolContext } from "./models/tokens/auxiliary-encoder.js";
export type { TokenModelConfig } from "./models/tokens/config.js";
export { contextPosterior } from "./models/tokens/context-encoder.js";
export type { Masks } from "./models/tokens/masks.js";
export type { TokenPass } from "./models/tokens/pass.js";
export { predictTargets } from "./models/tokens/predictor.js";
export { targetPosterior } from "./models/tokens/target-posterior.js";
export {
  initialVarJepa,
  type LatentNoise,
  latentNoise,
  passVarJepa,
  type VarJepaConfig,
  type VarJepaPass,
  varJepaDefaults,
} from "./models/var-jepa.js";
export {
  initialVarTJepa,
  type PassSource,
  passVarTJepa,
  type VarTJepaConfig,
  type VarTJepaPass,
} from "./models/var-t-jepa.js";

// Losses: terms, and the weights that make an objective of them.

export { elboTerms, elboWeights, tokenElboTerms } from "./losses/elbo.js";
export { splitSyTerm } from "./losses/kl.js";
export { prediction } from "./losses/prediction.js";
export type { SigregForm } from "./losses/sigreg.js";
export {
  risenWeights,
  type Term,
  type TermSource,
  type Terms,
  type TermWeights,
  termValues,
} from "./losses/term.js";

// Families of models, and how one is added.

export {
  type Aggregation,
  embedTable,
  embedTJepa,
  type RowUncertainty,
  type TableEmbedding,
} from "./families/embed-table.js";
export type { Family, PassRows, RowEmbedding, Rows } from "./families/family.js";
export type { GeneratedTable } from "./families/generate-features.js";
export type { GeneratedPatches } from "./families/generate-patches.js";
export type { Pooling } from "./families/pooling.js";
export { addFamily, type ConfigOf, type DataOf, type ModelOf } from "./families/registry.js";
export { tableShape } from "./families/table.js";
export type { Pairs } from "./families/var-jepa.js";

// Training and model files.

export { type FitOptions, fit, type ModelSettings } from "./training/fit.js";
export type { TrainingSettings } from "./training/fit-task.js";
export { progressLine } from "./training/progress.js";
export type { EpochReport, StepReport } from "./training/task.js";
export {
  loadModel,
  loadTableModel,
  saveModel,
  type TableModel,
  type TrainedModel,
} from "./training/trained-model.js";

// Inference: embed, generate, impute.

export type { Shrinkage } from "./families/shrinkage.js";
export { chooseShrinkage } from "./inference/choose-shrinkage.js";
export { embeddingColumns, embedEncoded, embedRows, type RowEncoder } from "./inference/embed-rows.js";
export { type EmbeddingFileOptions, writeEmbeddings } from "./inference/embedding-files.js";
export {
  type GeneratedCategories,
  type GeneratedColumn,
  type GeneratedNumbers,
  type GenerateOptions,
  generateColumns,
} from "./inference/generate-columns.js";
export type { GenerateImagesOptions } from "./inference/generate-images.js";
export {
  type DrawnCell,
  type DrawOptions,
  type ImputedCell,
  type ImputedDraws,
  type ImputedTable,
  type ImputeOptions,
  imputeDraws,
  imputeTable,
} from "./inference/impute-table.js";

// Evaluation of pairs of views.

export { type Decoded, generateTargets, reconstructViews } from "./evaluation/decode.js";
export { type ElboSurgery, elboSurgery } from "./evaluation/elbo-surgery.js";
export { type Embedding, type EncodedPairs, embedViews, type PairModel } from "./evaluation/embed.js";
export type { LatentDiagnostics } from "./evaluation/latent-diagnostics.js";
export type { MeasuredPairs, PairMeasure, PairScoring } from "./evaluation/pair-measures.js";
export { pairs } from "./evaluation/pairs.js";
export {
  type LabelledLatents,
  type ProbeConfig,
  probeAccuracy,
  probeDefaults,
} from "./evaluation/predictors/mlp-probe.js";
export { principalPlane } from "./evaluation/principal-plane.js";

// Evaluation of tables: trained models beside controls, downstream predictors, metrics of saved predictions.

export { type ControlRow, controlTable } from "./evaluation/control-table.js";
export {
  type Architecture,
  type ComputedFeatures,
  type ControlLine,
  type ControlScoring,
  compareWithControls,
  type FeatureSource,
  rawSource,
  type SelectiveScores,
  trainedSource,
  type Uncertainty,
  untrainedSources,
} from "./evaluation/controls.js";
export {
  type ColumnImputation,
  type ImputationResult,
  type ImputationSettings,
  imputationScores,
} from "./evaluation/imputation.js";
export { metrics } from "./evaluation/metrics/all.js";
export type { ClassificationScores } from "./evaluation/metrics/classification-scores.js";
export type { RocCurve } from "./evaluation/metrics/roc-curve.js";
export type { RiskCoverage, SelectiveScore } from "./evaluation/metrics/selective.js";
export { predictors } from "./evaluation/predictors/all.js";
export type { AutoIntConfig } from "./evaluation/predictors/autoint.js";
export type { BoostedTreesConfig } from "./evaluation/predictors/boosted-trees.js";
export type { DcnV2Config } from "./evaluation/predictors/dcn-v2.js";
export type { FtTransformerConfig } from "./evaluation/predictors/ft-transformer.js";
export type { LinearProbeConfig } from "./evaluation/predictors/linear.js";
export type { MlpConfig } from "./evaluation/predictors/mlp.js";
export { readPredictions, savePredictions } from "./evaluation/predictors/predictions-file.js";
export type { Features, Predictions, Predictor, PredictorSplit } from "./evaluation/predictors/predictor.js";
export type { ResNetConfig } from "./evaluation/predictors/resnet.js";

// What the paper prints.

export {
  type PairConfiguration,
  pairConfigurations,
  pairSettings,
} from "./papers/var-jepa/pair-configurations.js";
export {
  type PublishedSetting,
  publishedEma,
  publishedModel,
  publishedSettings,
} from "./papers/var-jepa/published.js";
export type {
  Latent,
  Variant,
  VariantName,
} from "./papers/var-jepa/simulation-variants.js";

// Settings and studies: cells as plain data, made once, put together.

export { currentPreset, type Preset, projectFolder } from "./settings.js";
export { type DataSetLine, type DataSetTable, dataSetLine } from "./studies/data-sets.js";
export type { DigitPreset } from "./studies/digit-presets.js";
export { type DownstreamConfig, downstreamQuick } from "./studies/downstream-plan.js";
export type { DownstreamScores } from "./studies/downstream-scores.js";
export { type DownstreamRun, type DownstreamStudy, runDownstream } from "./studies/downstream-study.js";
export type { DownstreamCell } from "./studies/downstream-tables.js";
export { forImputation } from "./studies/imputation-preset.js";
export type { PairsCell } from "./studies/pairs-cells.js";
export type { PairsStudyConfig, PairsStudyName } from "./studies/pairs-plan.js";
export type { PairsStudy } from "./studies/pairs-study.js";
export {
  type HistoryPoint,
  runSimulationStudy,
  type SimulationStudy,
  type SimulationStudyConfig,
  type StudyOptions,
  saveSimulationStudy,
  simulationPresets,
  simulationTraining,
} from "./studies/simulation-study.js";
export { agreement, type TableCell } from "./studies/simulation-table.js";
export type { SpreadStudy } from "./studies/spread-study.js";
export {
  type FamilySettings,
  overEpochs,
  ownTablePreset,
  type ProbePlan,
  type PublishedModels,
  type TabularPreset,
  type TabularPresetName,
  tabularPreset,
} from "./studies/tabular-presets.js";
export {
  resolveRun,
  runTabular,
  type TabularRun,
  type TabularRunConfig,
  type TabularRunOptions,
} from "./studies/tabular-run.js";
export type { TabularScores, TabularScoring } from "./studies/tabular-scores.js";
export type { EpochRecord, TabularRecipe } from "./studies/tabular-selection.js";
export { asChosen, objectivesStudy, studyArms } from "./studies/tabular-studies.js";
export {
  runTabularStudy,
  saveTabularStudy,
  type TabularArm,
  type TabularStudy,
  type TabularStudyConfig,
  type TabularStudyOptions,
  type TabularStudyRun,
} from "./studies/tabular-study.js";
export type { VisionStudyConfig } from "./studies/vision-plan.js";
export type { VisionStudy } from "./studies/vision-study.js";

// Figures and tables: from a result to what is shown.

export { type AmbiguityScatterRows, ambiguityScatter } from "./figures/ambiguity-scatter.js";
export { classShares } from "./figures/class-shares.js";
export {
  type DecileCurvesOptions,
  type DecilePoint,
  type DecileSeries,
  decileCurves,
  decileMeans,
  decileRows,
} from "./figures/decile-curves.js";
export { downstreamFigure, downstreamTable, type NotedTable } from "./figures/downstream-table.js";
export type { Figure, Layout, Trace } from "./figures/drawing/figure.js";
export { figureToSvg } from "./figures/drawing/render.js";
export { type ShowOptions, show } from "./figures/drawing/show.js";
export { type DataFrameLike, table } from "./figures/drawing/table.js";
export { featureShares, featureUse, type UseSeries } from "./figures/feature-use.js";
export { figure2 } from "./figures/figure-2.js";
export { type Figure3Results, figure3 } from "./figures/figure-3.js";
export { figure4 } from "./figures/figure-4.js";
export { figure5, figure5Levels } from "./figures/figure-5.js";
export { figure6 } from "./figures/figure-6.js";
export { images } from "./figures/image-studies.js";
export { type ImageGridOptions, imageGrid } from "./figures/images.js";
export { type GainSeries, imputationGains } from "./figures/imputation-gains.js";
export { type LatentPanel, type LatentPanelsOptions, latentPanels } from "./figures/latent-panels.js";
export { type LatentScatterOptions, latentScatter } from "./figures/latent-scatter.js";
export { type CurveSeries, type LossCurvesOptions, lossCurves } from "./figures/loss-curves.js";
export { type MaskPanel, maskGrid } from "./figures/mask-grid.js";
export { pairStudies } from "./figures/pair-studies.js";
export { sensitivityFigure, sensitivityTable } from "./figures/sensitivity.js";
export { type ColumnsWon, studyTables } from "./figures/study-tables.js";
export { tJepaDiagram } from "./figures/t-jepa-diagram.js";
export { table1Figure, table1Rows } from "./figures/table-1.js";
export { table6Rows } from "./figures/table-6.js";
export { type Comparison, droppingGains, inputComparison, winsFigure } from "./figures/wins.js";
export type { Pair } from "./studies/downstream-pairs.js";
