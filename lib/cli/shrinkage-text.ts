/** What is said of the columns that a model tells by little more than their marginals. */

import { featureNames } from "../data/tables/known-cells.js";
import { listed } from "../data/tables/quote.js";
import type { TableModel } from "../training/trained-model.js";

/** Share of the marginal from which on a column is told by little more than it. */
const MOSTLY = 0.5;

/** One line; undefined of a model whose columns are not shrunk towards their marginals. */
export function shrinkageText({
  schema,
  shrinkage,
}: Pick<TableModel, "schema" | "shrinkage">): string | undefined {
  if (!shrinkage) return undefined;
  const names = featureNames(schema);
  const mostly = [...shrinkage.numeric, ...shrinkage.categorical].flatMap(({ share }, j) =>
    share > MOSTLY ? [names[j]] : [],
  );
  const which =
    mostly.length === 0
      ? ""
      : ` (${listed(mostly)}; a number's is a normal distribution, with a peak at every value that a tenth of the rows have)`;
  return `${mostly.length} of ${names.length} columns are told by little more than their marginal${which}, by ${shrinkage.rows} rows set aside to choose on`;
}
