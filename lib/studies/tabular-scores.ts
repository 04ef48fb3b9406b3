/** What the models of the tabular study are measured on: while they train, which selects, and at the end. */

import { featureNames } from "../data/tables/known-cells.js";
import type { EncodedTable } from "../data/tables/preprocess.js";
import type { TableSplit } from "../data/tables/split.js";
import { type Table, takeTableRows } from "../data/tables/table.js";
import { fold, seedKey } from "../engine/random.js";
import { type ContextUse, contextUse } from "../evaluation/context-use.js";
import { type ControlLine, compareWithControls, trainedSource } from "../evaluation/controls.js";
import { contextPosteriors, type UnitActivity, unitActivity } from "../evaluation/embedding-diagnostics.js";
import {
  type ImputationResult,
  type ImputationSettings,
  imputationScores,
} from "../evaluation/imputation.js";
import { majorityShare } from "../evaluation/metrics/selective.js";
import { type LinearProbeConfig, onlineProbe, paperProbe } from "../evaluation/predictors/linear.js";
import { type Aggregation, rowPosteriors } from "../families/embed-table.js";
import { tableShape } from "../families/table.js";
import { chooseShrinkage, mostRowsToChooseOn } from "../inference/choose-shrinkage.js";
import { canGenerate } from "../inference/generate-columns.js";
import { selectRows } from "../models/modalities/tabular/table.js";
import type { VarTJepaConfig } from "../models/var-t-jepa.js";
import { mean } from "../moments.js";
import type { TableModel } from "../training/trained-model.js";
import { studySplit } from "./study-split.js";
import type { OnProbe, TabularData } from "./tabular-selection.js";

/** How models are measured, as plain data. */
export interface TabularScoring {
  /** Which of a row's two uncertainties drops it. */
  readonly aggregation: Aggregation;
  /** The probe during training, and the most rows that it learns from and is scored on. */
  readonly online: {
    readonly probe: LinearProbeConfig;
    readonly trainRows: number;
    readonly validationRows: number;
  };
  /** The probe at the end: all training rows, all test rows. */
  readonly probe: LinearProbeConfig;
  /**
   * Imputation at the end, once for every number of visible columns, on so many test rows at most; what it is compared
   * with learns from so many training rows, and is chosen on as many validation rows as there are test rows.
   */
  readonly imputation: Omit<ImputationSettings, "visible"> & {
    readonly visible: readonly number[];
    readonly testRows: number;
    readonly trainRows: number;
  };
}

/** Which checkpoint of a training is kept. */
export type Keep = "best probe" | "last";

/** Both probes of the paper, on as many rows as take minutes; `visible` columns are a matter of the table. */
export const scoringDefaults = {
  aggregation: "mean",
  online: { probe: onlineProbe, trainRows: 8_000, validationRows: 5_000 },
  probe: paperProbe,
  imputation: { sets: 2, samples: 32, testRows: 1_500, trainRows: 20_000 },
} as const;

/** How many units of a posterior carry information, of how many. */
export interface ActiveUnits extends Pick<UnitActivity, "activeByKl" | "activeByVariance"> {
  readonly units: number;
  /** Mean over units of KL(q ‖ N(0, 1)) in nats. */
  readonly meanKl: number;
}

/** What a finished model is scored on. */
export interface TabularScores {
  /** Linear probe on the test rows, whole and selectively, and the spread of the embedding. */
  readonly line: ControlLine;
  /** Of Var-T-JEPA: units of q(s_w|s_x,z,w) and q(s_x|x). */
  readonly active?: { readonly sw: ActiveUnits; readonly sx: ActiveUnits };
  /** Of Var-T-JEPA: what its predictor makes of the context. */
  readonly contextUse?: ContextUse;
  /** Of Var-T-JEPA, one result for every number of visible columns. */
  readonly imputation?: readonly ImputationResult[];
}

/**
 * Measures checkpoints by a linear probe on validation rows: accuracy, the same without the most uncertain rows with
 * the share of the largest class among the rows kept, and how the embedding spreads. The largest `selection` is kept:
 * for Var-T-JEPA the accuracy without the 20 % most uncertain rows, for T-JEPA the accuracy, as in the paper, and where
 * a probe is not what the model is for, the last.
 */
export function onlineScores({ aggregation, online }: TabularScoring, keep: Keep = "best probe"): OnProbe {
  return async (epoch, model, { table, encoded }) => {
    const split = studySplit(table);
    const train = evenly(split.train, online.trainRows);
    const validation = evenly(split.validation, online.validationRows);
    const part = partOf(encoded, [...train, ...validation]);
    const places = Int32Array.from({ length: part.rows }, (_, i) => i);
    const [line] = await compareWithControls(
      fold(seedKey(1), "online probe"),
      part,
      [trainedSource(model, part)],
      { train: places.subarray(0, train.length), test: places.subarray(train.length) },
      { probe: online.probe, aggregation },
    );
    const figures = figuresOf(line);
    const best = figures["posterior: accuracy without 20 %"] ?? figures.accuracy;
    const selection = keep === "last" ? epoch : best;
    if (!canGenerate(model)) return { selection, ...figures };
    const { sw, sx } = activeUnits(model, partOf(encoded, [...validation]));
    return {
      selection,
      ...figures,
      "active units of s_w": sw.activeByKl,
      "active units of s_x": sx.activeByKl,
    };
  };
}

/** One line as numbers by name. */
function figuresOf(line: ControlLine): Record<string, number> {
  const { accuracy, balancedAccuracy, macroF1, effectiveRank, medianDeviation, deadShare } = line;
  const selective = line.selective.flatMap(({ by, scores }) =>
    scores.flatMap((score) => {
      const share = `without ${Math.round(100 * score.dropped)} %`;
      return [
        [`${by}: accuracy ${share}`, score.accuracy],
        [`${by}: same mix ${share}`, score.sameMixAccuracy],
        [`${by}: largest class ${share}`, majorityShare(score)],
      ];
    }),
  );
  return {
    accuracy,
    "balanced accuracy": balancedAccuracy,
    "macro F1": macroF1,
    "effective rank": effectiveRank,
    "median deviation": medianDeviation,
    "dead share": deadShare,
    ...Object.fromEntries(selective),
  };
}

/**
 * Scores a finished model on the test rows of `studySplit`.
 * @param shrink whether what it says of columns is shrunk before imputation, as the validation rows say, which it must not have seen
 * @throws when the table has no labels.
 */
export async function finalScores(
  model: TableModel,
  { table, encoded }: TabularData,
  scoring: TabularScoring,
  shrink = false,
): Promise<TabularScores> {
  const split = studySplit(table);
  const source = trainedSource(model, encoded);
  const [line] = await compareWithControls(probeKey, encoded, [source], split, scoring);
  if (!canGenerate(model)) return { line };
  const { visible: sizes, testRows, trainRows, ...settings } = scoring.imputation;
  const rows = imputationRows(split, { testRows, trainRows });
  const test = partOf(encoded, [...rows.test]);
  const said = shrink ? await withShrinkage(model, table, split) : model;
  const imputation: ImputationResult[] = [];
  for (const visible of sizes) {
    const key = fold(fold(seedKey(1), "imputation"), visible);
    imputation.push(await imputationScores(said, table, rows, key, { ...settings, visible }));
  }
  const { parameters, config } = model;
  const use = contextUse(parameters, config, test, fold(seedKey(1), "context use"));
  return { line, active: activeUnits(model, test), contextUse: use, imputation };
}

async function withShrinkage(
  model: TableModel<VarTJepaConfig>,
  table: Table,
  { train, validation }: TableSplit,
): Promise<TableModel<VarTJepaConfig>> {
  const choosing = evenly(validation, mostRowsToChooseOn(featureNames(model.schema).length));
  const shrinkage = await chooseShrinkage(model, takeTableRows(table, train), takeTableRows(table, choosing));
  return { ...model, shrinkage };
}

/** Source of the final probe's start weights and batches, the same for every model and control. */
export const probeKey = fold(seedKey(1), "probe");

function activeUnits(
  { parameters, config }: TableModel<VarTJepaConfig>,
  rows: EncodedTable,
): { sw: ActiveUnits; sx: ActiveUnits } {
  const summary = ({ kl, activeByKl, activeByVariance }: UnitActivity): ActiveUnits => ({
    units: kl.length,
    activeByKl,
    activeByVariance,
    meanKl: mean(kl),
  });
  return {
    sw: summary(unitActivity(rowPosteriors(parameters, config, rows))),
    sx: summary(unitActivity(contextPosteriors(parameters, config, rows))),
  };
}

/** The rows that imputation is scored on, and those that what it is compared with learns from and is chosen on. */
export function imputationRows(
  { train, validation, test }: TableSplit,
  { testRows, trainRows }: Pick<TabularScoring["imputation"], "testRows" | "trainRows">,
): TableSplit {
  return {
    train: evenly(train, trainRows),
    validation: evenly(validation, testRows),
    test: evenly(test, testRows),
  };
}

/** At most `count` of the given rows, evenly spaced. */
export function evenly(rows: Int32Array, count: number): Int32Array {
  if (rows.length <= count) return rows;
  return Int32Array.from({ length: count }, (_, i) => rows[Math.floor((i * rows.length) / count)]);
}

/** Some rows of an encoded table, labels included. */
function partOf(encoded: EncodedTable, rows: readonly number[]): EncodedTable {
  return {
    ...selectRows(tableShape(encoded.schema), encoded, rows),
    labels: encoded.labels && Int32Array.from(rows, (row) => encoded.labels![row]),
    schema: encoded.schema,
  };
}
