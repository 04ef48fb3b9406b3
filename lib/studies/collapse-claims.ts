/** Statements about the collapse of posteriors: the axis α · σ², learned scales, annealing, free bits, and when z is alive. */
import { stepsPerEpoch } from "../training/schedule.js";
import type { Claim } from "./claim.js";
import type { PairsMeasured } from "./pairs-cells.js";
import type { PairsStudyConfig } from "./pairs-plan.js";
import { collapseScans, fixedScan, learnedScan, sigmaStarts } from "./pairs-scans.js";
import { checked, each, FALL, lost, R2, renamed, type Statement } from "./pairs-statements.js";

const learned = learnedScan.map(({ name }) => name);
const fixed = fixedScan.map(({ byAlpha }) => byAlpha.name);
const twins = fixedScan.filter(({ product }) => product !== 1);
const everywhere = ["A", ...Object.keys(collapseScans), "no-klZ"];

/** By how much a scale may differ and still be the same: a tenth. */
const SAME_SCALE = Math.log(1.1);

const axis: readonly Statement[] = [
  {
    name: "the KLs' weight decides how many units of s_x are active",
    statement:
      "the number of active units of s_x never rises as the KLs' weight α rises, and is lower at the end",
    needs: learned,
    measure: each(learned, "activeUnitsSx", "means"),
    holds: (units) => {
      const along = learned.map((name) => units[name]);
      return !along.some((value, i) => i > 0 && value > along[i - 1]) && along[along.length - 1] < along[0];
    },
  },
  {
    name: "with fixed scales only α · σ² counts",
    statement: `where α · σ² is the same by α (σ = 1) and by σ (α = 1), R² of samples of s_x given the class differs by at most ${FALL}, the number of active units by at most 1`,
    needs: twins.flatMap(({ byAlpha, bySigma }) => [byAlpha.name, bySigma.name]),
    measure: ({ read }) => {
      const largest = (measure: string, on: "means" | "samples") =>
        Math.max(
          ...twins.map(({ byAlpha, bySigma }) =>
            Math.abs(read(byAlpha.name, measure, on) - read(bySigma.name, measure, on)),
          ),
        );
      return { "R²": largest(R2, "samples"), "active units": largest("activeUnitsSx", "means") };
    },
    holds: (m) => m["R²"] <= FALL && m["active units"] <= 1,
  },
  {
    name: "along α · σ² s_x goes from telling to nothing",
    statement: `with fixed scales R² of samples of s_x given the class never rises along α · σ² by more than ${FALL}, and less than half is left at the end`,
    needs: fixed,
    measure: each(fixed, R2, "samples"),
    holds: (r2) => {
      const along = fixed.map((name) => r2[name]);
      return (
        !along.some((v, i) => i > 0 && v > along[i - 1] + FALL) && lost(along[along.length - 1], along[0])
      );
    },
  },
  {
    name: "a scale fixed at 1 tells less than a learned one",
    statement: "R² of samples of s_x given the class is lower with σ = 1 than where σ is learned from 1",
    needs: ["A", "A σ 1"],
    measure: each(["A", "A σ 1"], R2, "samples"),
    holds: (r2) => r2["A σ 1"] < r2.A,
  },
  {
    name: "a small scale does what a small weight of the KLs does",
    statement:
      "A with log σ from −2, so 1/σ² from 55, has an R² of samples of s_x given the class between those of α = 1/4 and α = 1/64",
    needs: ["A log σ -2", "A α 0.25", "A α 0.015625"],
    measure: each(["A", "A log σ -2", "A α 0.25", "A α 0.015625"], R2, "samples"),
    holds: (r2) => r2["A α 0.25"] < r2["A log σ -2"] && r2["A log σ -2"] < r2["A α 0.015625"],
  },
];

const starts = ["A", ...sigmaStarts.map((start) => `A log σ ${start}`)];

/** Steps of training in a setting, times the learning rate: as far as AdamW can move a single parameter, near enough. */
function reach({ data, training, changed }: PairsStudyConfig, setting?: string): number {
  const { epochs, batchSize, learningRate } = {
    ...training,
    ...changed.find(({ name }) => name === setting)?.training,
  };
  return learningRate * epochs * stepsPerEpoch(data.trainRows, batchSize);
}

const scale = (config: PairsStudyConfig): readonly Statement[] => [
  {
    name: "the learned scale does not stick where it starts",
    statement: "log σ_x and log σ_y end within log 1.1 of A's from log σ = −2 and 2",
    needs: starts,
    measure: (found) => ({
      ...renamed(each(starts, "logSigmaX")(found), "x"),
      ...renamed(each(starts, "logSigmaY")(found), "y"),
    }),
    holds: (m) =>
      ["x", "y"].every((view) =>
        starts.every((name) => Math.abs(m[`${view} ${name}`] - m[`${view} A`]) <= SAME_SCALE),
      ),
  },
  {
    name: "a learned scale is as slow as the learning rate",
    statement:
      "log σ_x moves no further than learning rate × steps, from −2, 0 and 2, and where that is less than from 2 to A's end it ends above A's by more than log 1.1: the training is over before the scale is there",
    needs: starts,
    measure: (found) => {
      const ends = each(starts, "logSigmaX")(found);
      const moved = starts.map((name, i) => [name, Math.abs(ends[name] - [0, ...sigmaStarts][i])]);
      return {
        ...renamed(Object.fromEntries(moved), "moved"),
        ...{ "at most": reach(config, found.setting), "from 2 to A's end": 2 - ends.A },
      };
    },
    holds: (m) =>
      starts.every((name) => m[`moved ${name}`] <= 1.02 * m["at most"]) &&
      (m["at most"] >= m["from 2 to A's end"] || m["moved A log σ 2"] < m["from 2 to A's end"] - SAME_SCALE),
  },
];

const cures: readonly Statement[] = [
  ...(["annealed", "free bits 0.1"] as const).flatMap((cure): Statement[] => [
    {
      name: `${cure}: keeps units of s_x alive that α = 4 puts to sleep`,
      statement: `more units of s_x are active at α = 4 ${cure} than without`,
      needs: ["A α 4", `A α 4 ${cure}`],
      measure: each(["A α 4", `A α 4 ${cure}`], "activeUnitsSx", "means"),
      holds: (units) => units[`A α 4 ${cure}`] > units["A α 4"],
    },
    ...(["A", "A α 4"] as const).map(
      (base): Statement => ({
        name: `${base} ${cure}: s_x tells more in the end`,
        statement: `R² of samples of s_x given the class is above that of ${base} by more than ${FALL}`,
        needs: [base, `${base} ${cure}`],
        measure: each([base, `${base} ${cure}`], R2, "samples"),
        holds: (r2) => r2[`${base} ${cure}`] > r2[base] + FALL,
      }),
    ),
  ]),
];

const alive: readonly Statement[] = [
  ...(
    [
      ["A", "in Var-JEPA"],
      ["A annealed", "when KLs are annealed"],
      ["no-klZ", "without its KL"],
      ["A free bits 0.1", "when its first bits are free"],
    ] as const
  ).map(
    ([name, where]): Statement => ({
      name: `z is alive ${where}`,
      statement: `${name}: at least one unit of z is active`,
      needs: [name],
      measure: each([name], "activeUnitsZ", "means"),
      holds: (units) => units[name] >= 1,
    }),
  ),
  {
    name: "where z is alive it carries the true z",
    statement: `somewhere a unit of z is active and R² of means of z to the true one given the class is above ${FALL} (it cannot be: q(z|s_x) sees x alone, and the true z is independent of x)`,
    needs: ["A", "no-klZ"],
    measure: ({ configurations, read }) => {
      const living = everywhere.filter(
        (name) => configurations.includes(name) && read(name, "activeUnitsZ", "means") >= 1,
      );
      const r2 = living.map((name) => read(name, "r2ZGivenClass", "means"));
      return { "configurations in which z is alive": living.length, "largest R²": Math.max(0, ...r2) };
    },
    holds: ({ "largest R²": r2 }) => r2 > FALL,
  },
  {
    name: "the true z is in s_y",
    statement: `A: R² of means of s_y to the true z given the class is above ${FALL}`,
    needs: ["A"],
    measure: each(["A"], "r2ZFromSyGivenClass", "means"),
    holds: ({ A }) => A > FALL,
  },
];

/** Statements about the collapse of posteriors, those whose configurations there are. */
export function collapseClaims(measured: readonly PairsMeasured[], config: PairsStudyConfig): Claim[] {
  return checked([...axis, ...scale(config), ...cures, ...alive], measured);
}
