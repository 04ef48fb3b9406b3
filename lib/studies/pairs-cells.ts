/** What the studies of pairs measure, and the table of it. */
import type { PairMeasure } from "../evaluation/pair-measures.js";
import { mean, variance } from "../moments.js";

/** What was measured of one configuration in one run; a control is a configuration of its own. */
export interface PairsMeasured {
  readonly configuration: string;
  /** Of the changed setting; left out where nothing is changed. */
  readonly setting?: string;
  readonly run: number;
  readonly measures: readonly PairMeasure[];
}

/** One number of the table: mean and sample standard deviation over the runs that have it. */
export interface PairsCell {
  readonly configuration: string;
  readonly measure: string;
  readonly on: PairMeasure["on"];
  readonly mean: number;
  /** `null` with a single run. */
  readonly std: number | null;
  readonly runs: number;
  readonly setting?: string;
}

/** Every measure of every configuration, in the order of the runs. */
export function pairsCells(measured: readonly PairsMeasured[]): PairsCell[] {
  const groups = new Map<
    string,
    { readonly cell: Omit<PairsCell, "mean" | "std" | "runs">; values: number[] }
  >();
  for (const { configuration, setting, measures } of measured)
    for (const { measure, on, value } of measures) {
      const name = JSON.stringify([configuration, setting, measure, on]);
      const cell = { configuration, measure, on, ...(setting !== undefined && { setting }) };
      const group = groups.get(name) ?? { cell, values: [] };
      group.values.push(value);
      groups.set(name, group);
    }
  return [...groups.values()].map(({ cell, values }) => ({
    ...cell,
    mean: mean(values),
    std: values.length > 1 ? Math.sqrt(variance(values)) : null,
    runs: values.length,
  }));
}
