/** A small table with missing cells and units, and untrained models of it, for tests of what models say about tables. */
import { simTableDefaults, simulateTable } from "../data/datasets/sim.js";
import { fitSchema } from "../data/tables/preprocess.js";
import type { Column, Table } from "../data/tables/table.js";
import { fold, seedKey, uniforms } from "../engine/random.js";
import { tableShape } from "../families/table.js";
import { initialTJepa, type TJepaConfig } from "../models/t-jepa.js";
import { initialVarTJepa, type VarTJepaConfig } from "../models/var-t-jepa.js";
import { smallTJepa, smallVarTJepa } from "../training/tabular.test-table.js";
import type { TableModel } from "../training/trained-model.js";

/** 60 rows of 4 numbers (around 100) and 2 categories, a sixth of the cells missing, none in the first column. */
export function messyTable(): Table {
  const sizes = { rows: 60, numericFeatures: 4, categoricalFeatures: 2, informativeFeatures: 2, bins: 3 };
  const simulated = simulateTable(seedKey(7), { ...simTableDefaults, ...sizes });
  const columns = simulated.columns.map((column, j): Column => {
    const drop = uniforms(fold(seedKey(8), j), 60).map((u) => Number(j > 0 && u < 1 / 6));
    return column.kind === "numeric"
      ? { ...column, values: column.values.map((v, i) => (drop[i] ? Number.NaN : 100 + 20 * v)) }
      : { ...column, codes: column.codes.map((code, i) => (drop[i] ? -1 : code)) };
  });
  return { ...simulated, name: "messy", columns, source: { title: "messy", files: [], notes: [] } };
}

const common = (table: Table) => {
  const schema = fitSchema(table);
  return { schema, seed: 4, history: [] };
};

export function untrainedVarTJepa(table: Table): TableModel<VarTJepaConfig> {
  const made = common(table);
  const config = { ...smallVarTJepa.model, table: tableShape(made.schema) };
  const parameters = initialVarTJepa(seedKey(1), config);
  return {
    ...made,
    family: "var-t-jepa",
    config,
    objective: smallVarTJepa.objective,
    training: smallVarTJepa.training,
    parameters,
  };
}

export function untrainedTJepa(table: Table): TableModel<TJepaConfig> {
  const made = common(table);
  const config = { ...smallTJepa.model, table: tableShape(made.schema) };
  const [parameters, average] = [1, 2].map((seed) => initialTJepa(seedKey(seed), config));
  return {
    ...made,
    family: "t-jepa",
    config,
    objective: smallTJepa.objective,
    training: smallTJepa.training,
    parameters,
    average,
  };
}
