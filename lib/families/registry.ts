/** The families by name: those of the library, and those that are added to them. */
import { checkRecord, shown } from "../checks.js";
import type { Family } from "./family.js";
import { iJepa } from "./i-jepa.js";
import { tJepa } from "./t-jepa.js";
import { varIJepa } from "./var-i-jepa.js";
import { varJepa } from "./var-jepa.js";
import { varTJepa } from "./var-t-jepa.js";

/** The library's own. */
export const families = {
  "var-jepa": varJepa,
  "var-t-jepa": varTJepa,
  "t-jepa": tJepa,
  "var-i-jepa": varIJepa,
  "i-jepa": iJepa,
} as const;

/** A family of the library, or any: by its name, or the family itself. */
export type FamilyOf<F> = F extends keyof typeof families
  ? (typeof families)[F]
  : F extends Family
    ? F
    : Family;

/** The configuration of a family. */
export type ConfigOf<F> = ReturnType<FamilyOf<F>["config"]>;
/** What a user writes of a configuration. */
export type ModelOf<F> = Parameters<FamilyOf<F>["config"]>[0];
/** What a family is trained on. */
export type DataOf<F> = Parameters<FamilyOf<F>["rows"]>[1];

const known = new Map<string, Family>(Object.entries(families));

/**
 * Makes a family from outside the library known by its name, to model files, embedding and all others that ask.
 * @throws when it is none, or another one has its name.
 */
export function addFamily(family: Family): void {
  checkRecord("family", family);
  if (typeof family.name !== "string" || typeof family.pass !== "function")
    throw new Error(`family is ${shown(family)}; use an object with a name and all that Family names`);
  const taken = known.get(family.name);
  if (taken && taken !== family)
    throw new Error(`there is a family "${family.name}" already; give this one another name`);
  known.set(family.name, family);
}

/** @throws when there is no such family. */
export function familyNamed(name: string): Family {
  const family = known.get(name);
  if (!family)
    throw new Error(`family is ${shown(name)}; use ${[...known.keys()].join(", ")}, or addFamily first`);
  return family;
}

/** What not every family can do, and what is said of one that cannot. */
const lacking = {
  embedding: "embeds no rows",
  generate: "has no predictive distribution, so it cannot generate or impute",
  generatePatches: "generates no patches of images",
} as const;

/** @throws in a sentence when the family of this name cannot. */
export function capability<Name extends keyof typeof lacking>(
  name: string,
  wanted: Name,
): NonNullable<Family[Name]> {
  const found = familyNamed(name)[wanted];
  if (found) return found as NonNullable<Family[Name]>;
  const able = [...known.values()].filter((family) => family[wanted]).map((family) => family.name);
  throw new Error(`${name} ${lacking[wanted]}; use a ${able.join(" or ")} model`);
}
