/** Tables of the study of images: what is made of hidden blocks, and what features are worth. */
import type { Claim } from "../studies/claim.js";
import type { VisionCell, VisionStudy } from "../studies/vision-study.js";
import { meanText } from "./mean-text.js";

type Cells = Pick<VisionStudy, "cells">;
type Row = Record<string, string>;

/** Names in tables, from the model down. */
const densityNames = {
  "Var-I-JEPA": "Var-I-JEPA",
  "ridge, full": "ridge, full covariance",
  "ridge, diagonal": "ridge, a variance per pixel",
  "marginal, full": "marginal, full covariance",
  "marginal, diagonal": "marginal, a variance per pixel",
} as const;

const blockMeasures = [
  ["R²", "r2"],
  ["log p(y|x), nats a pixel", "logLikelihood"],
  ["CRPS", "crps"],
  ["energy score", "energy"],
  ["coverage", "coverage"],
  ["width of intervals", "width"],
] as const;

const featureMeasures = [
  ["probe on the mean of tokens", "accuracyPooled"],
  ["probe on all tokens", "accuracyAll"],
  ["effective rank of the mean", "rankPooled"],
  ["variance between images", "betweenRows"],
] as const;

/** Those of the given names that there are, in this order. */
function rowsOf(
  cells: readonly VisionCell[],
  names: readonly (readonly [of: string, name: string])[],
  measures: readonly (readonly [column: string, measure: string])[],
  first: string,
): Row[] {
  return names
    .filter(([of]) => cells.some((cell) => cell.of === of))
    .map(([of, name]) => ({
      [first]: name,
      ...Object.fromEntries(
        measures.map(([column, measure]) => [
          column,
          meanText(cells.find((cell) => cell.of === of && cell.measure === measure)),
        ]),
      ),
    }));
}

/**
 * A row for every density of one place's hidden pixels, ready for `table`: `mean ± std` over seeds.
 * @throws when there is nothing of that place.
 */
export function blockRows({ cells }: Cells, place: string): Row[] {
  const own = cells.filter((cell) => cell.place === place);
  if (own.length === 0) throw new Error(`cells hold no place "${place}"; run the study of images`);
  return rowsOf(own, Object.entries(densityNames), blockMeasures, "density");
}

/**
 * A row for every model, trained and untrained, and for what stands beside them, ready for `table`: `mean ± std` over seeds.
 * @throws when there are no features.
 */
export function featureRows({ cells }: Cells): Row[] {
  const own = cells.filter(({ place }) => place === undefined);
  if (own.length === 0) throw new Error("cells hold no features; run the study of images");
  const names = [
    ...["Var-I-JEPA", "Var-I-JEPA, untrained", "I-JEPA", "I-JEPA, untrained"],
    ...["principal components", "pixels"],
  ].map((name) => [name, name] as const);
  return rowsOf(own, names, featureMeasures, "features");
}

/** A row for every statement, ready for `table`: whether it holds, and its number with half of its 95 % interval. */
export function claimRows({ claims }: Pick<VisionStudy, "claims">): Row[] {
  return claims.map(({ name, holds, measured }: Claim) => ({
    holds: holds ? "yes" : "NO",
    statement: name,
    measured:
      "value" in measured
        ? `${measured.value.toFixed(3)} ± ${"halfWidth" in measured ? measured.halfWidth.toFixed(3) : "?"}`
        : `${measured.collapsed}`,
    seeds: `${measured.seeds}`,
  }));
}
