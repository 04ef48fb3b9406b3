import { checkList, checkNumber, checkRecord, checkWhole, shown } from "../checks.js";
import type { TableSchema } from "../data/tables/preprocess.js";

/** Largest size of a mean; beyond it nothing can be standardised in double precision. */
const LARGEST = 1e300;

/**
 * Whether a schema that comes from a file can encode rows and bring them back.
 * @throws naming the field, its value and what it must be.
 */
export function checkSchema(schema: unknown): asserts schema is TableSchema {
  checkRecord("schema", schema);
  const names = new Set<string>();
  const checkFeature = (field: string, feature: unknown): Record<string, unknown> => {
    checkRecord(field, feature);
    checkName(`${field}.name`, feature.name, names);
    checkWhole(`${field}.missing`, feature.missing, 0, Number.MAX_SAFE_INTEGER);
    return feature;
  };
  checkList("schema.numeric", schema.numeric);
  schema.numeric.forEach((entry, j) => {
    const field = `schema.numeric[${j}]`;
    const { mean, std, range, whole } = checkFeature(field, entry);
    checkNumber(`${field}.mean`, mean, -LARGEST, LARGEST);
    checkNumber(`${field}.std`, std, Number.MIN_VALUE, LARGEST);
    if (range !== undefined) checkRange(`${field}.range`, range);
    if (whole !== undefined && typeof whole !== "boolean")
      throw new Error(`${field}.whole is ${shown(whole)}; use true or false`);
  });
  checkList("schema.categorical", schema.categorical);
  schema.categorical.forEach((entry, j) => {
    const field = `schema.categorical[${j}]`;
    checkNames(`${field}.categories`, checkFeature(field, entry).categories);
  });
  if (schema.labels === undefined) return;
  checkRecord("schema.labels", schema.labels);
  checkName("schema.labels.name", schema.labels.name, names);
  checkNames("schema.labels.classes", schema.labels.classes);
}

/** The smallest and the largest number fitted on. */
function checkRange(field: string, range: unknown): void {
  checkList(field, range);
  if (range.length !== 2) throw new Error(`${field} is ${shown(range)}; use a list of two numbers`);
  checkNumber(`${field}[0]`, range[0], -LARGEST, LARGEST);
  checkNumber(`${field}[1]`, range[1], range[0] as number, LARGEST);
}

function checkNames(field: string, names: unknown): void {
  checkList(field, names);
  const taken = new Set<string>();
  names.forEach((name, i) => {
    checkName(`${field}[${i}]`, name, taken);
  });
}

/** A text that was not there before; it is taken from now on. */
function checkName(field: string, name: unknown, taken: Set<string>): void {
  if (typeof name !== "string") throw new Error(`${field} is ${shown(name)}; use a text`);
  if (taken.has(name)) throw new Error(`${field} is ${shown(name)}, which is there twice; use another text`);
  taken.add(name);
}
