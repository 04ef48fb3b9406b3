/** Statements about models of digits, each on the mean over seeds with its 95 % interval by Student's t: it holds if all of the interval does. */
import type { Claim } from "./claim.js";
import { ownDifference } from "./interval.js";
import { SAME_COVERAGE } from "./pairs-statements.js";
import type { VisionMeasure } from "./vision-run.js";

/** What one seed measures. */
export interface VisionMeasured extends VisionMeasure {
  readonly seed: number;
}

/** Twice the samples are taken to change nothing if they change less, in nats a pixel and in R². */
const SAME = 0.01;

const MODEL = "Var-I-JEPA";
const TWIN = "I-JEPA";

type Place = string | undefined;

/** Statements about whatever was measured; `places` are those where blocks were hidden. */
export function visionClaims(
  measured: readonly VisionMeasured[],
  places: readonly string[],
  level: number,
): Claim[] {
  const seeds = [...new Set(measured.map(({ seed }) => seed))];
  const found = new Map(
    measured.map(({ of, place, measure, seed, value }) => [
      JSON.stringify([of, place, measure, seed]),
      value,
    ]),
  );
  const read = (of: string, measure: string, place?: Place) =>
    seeds.map((seed) => found.get(JSON.stringify([of, place, measure, seed])) ?? Number.NaN);

  /** `values`, one a seed, lie above `least` and below `most`; seeds that lack one are left out. */
  const within = (
    name: string,
    statement: string,
    values: readonly number[],
    [least, most]: readonly [number, number],
    beside: Readonly<Record<string, readonly number[]>> = {},
  ): Claim[] => {
    const there = values.filter(Number.isFinite);
    if (there.length === 0) return [];
    const { value, halfWidth } = ownDifference(there);
    const means = Object.entries(beside).map(([of, own]) => [
      of,
      ownDifference(own.filter(Number.isFinite)).value,
    ]);
    return [
      {
        ...{ name, statement },
        holds: halfWidth !== null && value - halfWidth > least && value + halfWidth < most,
        measured: {
          ...Object.fromEntries(means),
          ...{ value, ...(halfWidth !== null && { halfWidth }), seeds: there.length },
        },
      },
    ];
  };

  const above = (a: string, b: string, measure: string, words: string, place?: Place): Claim[] => {
    const [own, other] = [read(a, measure, place), read(b, measure, place)];
    const at = place === undefined ? "" : `${place}: `;
    return within(
      `${at}${words} of ${a} above that of ${b}`,
      `${at}the mean over seeds of ${words} of ${a} less that of ${b} is above 0, with its 95 % interval`,
      own.map((value, i) => value - other[i]),
      [0, Number.POSITIVE_INFINITY],
      { [a]: own, [b]: other },
    );
  };
  const between = (
    name: string,
    values: readonly number[],
    bounds: readonly [number, number],
    words: string,
  ) =>
    within(
      name,
      `the mean over seeds of ${words} is between ${bounds[0]} and ${bounds[1]}, with its 95 % interval`,
      values,
      bounds,
    );

  const rivals = ["ridge, diagonal", "ridge, full", "marginal, diagonal", "marginal, full"];
  const ofPlaces = places.flatMap((place) => {
    const [all, half] = ["logLikelihood", "logLikelihoodHalf"].map((measure) => read(MODEL, measure, place));
    const [r2, r2Half] = ["r2", "r2Half"].map((measure) => read(MODEL, measure, place));
    const coverage: [number, number] = [level - SAME_COVERAGE, level + SAME_COVERAGE].map((v) =>
      Number(v.toFixed(4)),
    ) as [number, number];
    return [
      ...above(MODEL, "ridge, full", "r2", "R²", place),
      ...rivals.flatMap((rival) => above(MODEL, rival, "logLikelihood", "the log-likelihood", place)),
      ...above("ridge, full", MODEL, "crps", "the CRPS", place),
      ...between(
        `${place}: ${Math.round(100 * level)} % intervals hold as much`,
        read(MODEL, "coverage", place),
        coverage,
        `${place}: coverage of ${MODEL}`,
      ),
      ...between(
        `${place}: half of the samples give the same`,
        all.map((value, i) => Math.max(Math.abs(value - half[i]), Math.abs(r2[i] - r2Half[i]))),
        [-SAME, SAME],
        `${place}: what twice the samples change, of R² or of nats a pixel, whichever is more,`,
      ),
    ];
  });
  const features = (["accuracyPooled", "accuracyAll"] as const).flatMap((measure) => {
    const words =
      measure === "accuracyPooled" ? "a probe on the mean of the tokens" : "a probe on all tokens";
    const accuracy = `the accuracy of ${words}`;
    return [
      ...above(MODEL, `${MODEL}, untrained`, measure, accuracy),
      ...above(TWIN, `${TWIN}, untrained`, measure, accuracy),
      ...above(MODEL, TWIN, measure, accuracy),
      ...above(MODEL, measure === "accuracyPooled" ? "principal components" : "pixels", measure, accuracy),
    ];
  });
  const collapses = [MODEL, TWIN].flatMap((name) => {
    const collapsed = read(name, "collapsed").filter(Number.isFinite);
    const count = collapsed.reduce((sum, value) => sum + value, 0);
    return collapsed.length === 0
      ? []
      : [
          {
            name: `${name} does not collapse to places`,
            statement: `${name}: in no seed do its tokens vary between images by less than a tenth of what they do untrained`,
            holds: count === 0,
            measured: { collapsed: count, seeds: collapsed.length },
          },
        ];
  });
  return [...ofPlaces, ...features, ...collapses];
}
