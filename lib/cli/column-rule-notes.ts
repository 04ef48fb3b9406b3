/** What a command says of numbers that it brought to what their columns are. */
import type { TableSchema } from "../data/tables/preprocess.js";
import { counted, listed, shown } from "../data/tables/quote.js";
import { columnsWithoutRule } from "../inference/column-rule.js";

/** How `--raw-numbers` is explained. */
export const rawNumbersHelp =
  "write numbers as the model says them: not rounded in columns of whole numbers, nor moved into the range trained on";

/**
 * How many of so many numbers were moved into the range, by column, and which columns have no rule, since the model does not say what they
 * were.
 * @param columns what is written, numeric or not
 */
export function columnRuleNotes(
  schema: TableSchema,
  columns: readonly string[],
  numbers: number,
  moved: readonly { readonly column: string; readonly numbers: number }[],
  rawNumbers: boolean,
): string[] {
  if (rawNumbers) return [];
  const all = moved.reduce((sum, own) => sum + own.numbers, 0);
  const by = moved.map(({ column, numbers }) => `${shown(column)} ${numbers}`).join(", ");
  const without = columnsWithoutRule(schema, columns);
  return [
    ...(all > 0
      ? [
          `${all} of ${counted(numbers, "number")} lay beyond what the model was trained on and ${all === 1 ? "was" : "were"} moved to the end of that range (${by}); --raw-numbers leaves them where they are`,
        ]
      : []),
    ...(without.length > 0
      ? [
          `${listed(without)}: the model, made by an earlier version, does not say whether these were whole numbers, or in which range, so that is not kept to; train it anew to have it`,
        ]
      : []),
  ];
}
