/** Statements about what is left of a Var-JEPA when its terms go, one by one and in two orders. */
import { removalOrders } from "../papers/var-jepa/pair-configurations.js";
import type { Claim } from "./claim.js";
import { collapse, prediction } from "./jepa-claims.js";
import type { PairsMeasured } from "./pairs-cells.js";
import { type Case, checked, each, FALL, KL, lost, R2, renamed, type Statement } from "./pairs-statements.js";

const reconstruction: readonly Statement[] = [
  ...(["no-rec", "G"] as const).flatMap((name) =>
    (["samples", "means"] as const).map(
      (on): Statement => ({
        name: `${name}: ${on} of s_x lose the true s_x`,
        statement: `${name}: R² of ${on} of s_x to the true s_x given the class is less than half of A's`,
        needs: ["A", name],
        measure: each(["A", name], R2, on),
        holds: (r2) => lost(r2[name], r2.A),
      }),
    ),
  ),
  {
    name: "G: samples of s_x tell less than one number of x",
    statement: "R² of G's samples given the class is below that of one principal component of x",
    needs: ["G", "one-component"],
    measure: each(["G", "one-component"], R2, "samples"),
    holds: (r2) => r2.G < r2["one-component"],
  },
  {
    name: "no-gen: s_x keeps the true s_x without a decoder of y",
    statement: "no-gen: R² of samples of s_x given the class is more than half of A's",
    needs: ["A", "no-gen"],
    measure: each(["A", "no-gen"], R2, "samples"),
    holds: (r2) => !lost(r2["no-gen"], r2.A),
  },
  {
    name: "a probe proves nothing",
    statement:
      "one principal component of x and the means of an untrained encoder hold the class for a probe as A's means do, to .05, though each tells less than A's of the true s_x given the class",
    needs: ["A", "untrained", "one-component"],
    measure: (found) => ({
      ...each(["A", "untrained", "one-component"], "probeSx", "means")(found),
      ...renamed(each(["A", "untrained", "one-component"], R2, "means")(found), "R²"),
    }),
    holds: (m) =>
      ["untrained", "one-component"].every((name) => m[name] >= m.A - 0.05 && m[`R² ${name}`] < m["R² A"]),
  },
  ...(["no-rec", "G"] as const).map(
    (name): Statement => ({
      name: `${name}: a probe on means is no evidence`,
      statement: `${name}: a probe finds the class in means as well as in A's, to .05, and no better than chance, to .1, in samples`,
      needs: ["A", name],
      measure: (found) => ({
        ...renamed(each(["A", name], "probeSx", "means")(found), "means"),
        ...renamed(each([name], "probeSx", "samples")(found), "samples"),
      }),
      holds: (probe) => probe[`means ${name}`] >= probe["means A"] - 0.05 && probe[`samples ${name}`] <= 0.6,
    }),
  ),
];

/** The steps of an order that have posteriors: those before points. */
function gaussianSteps(order: keyof typeof removalOrders): readonly string[] {
  const steps: readonly string[] = removalOrders[order];
  return steps.slice(0, steps.indexOf("points"));
}
const orderNames = { decodersFirst: "decoders first", klFirst: "KLs first" } as const;

const orders: readonly Statement[] = (Object.keys(removalOrders) as (keyof typeof removalOrders)[]).flatMap(
  (order) => {
    const steps = gaussianSteps(order);
    const pairs = steps.slice(1).map((name, i) => [steps[i], name] as const);
    return [
      {
        name: `${orderNames[order]}: wherever information falls, KL_agg looks better`,
        statement: `of the steps to ${steps.slice(1).join(", ")}, each at which R² of samples of s_x given the class falls by more than ${FALL} lowers KL_agg too, and there is one`,
        needs: steps,
        measure: (found: Case) => {
          const falls = pairs.filter(
            ([from, to]) => found.read(to, R2, "samples") < found.read(from, R2, "samples") - FALL,
          );
          const better = falls.filter(
            ([from, to]) => found.read(to, KL, "samples") < found.read(from, KL, "samples"),
          );
          return {
            ...{ falls: falls.length, "falls that lower KL_agg": better.length },
            ...renamed(each(steps, R2, "samples")(found), "R²"),
            ...renamed(each(steps, KL, "samples")(found), "KL_agg"),
          };
        },
        holds: ({ falls, "falls that lower KL_agg": better }) => falls > 0 && better === falls,
      } satisfies Statement,
    ];
  },
);

const everyStep = [...new Set([...gaussianSteps("decodersFirst"), ...gaussianSteps("klFirst")])];

/** Steps of both orders at which a measure of samples is less than half of A's. */
const lessThanHalf = ({ read }: Case, measure: string) =>
  everyStep.filter((name) => lost(read(name, measure), read("A", measure)));

const exactly: readonly Statement[] = [
  {
    name: "both orders: the distribution looks better exactly where the information is gone",
    statement:
      "of the steps of both orders, those with a KL_agg of samples of s_x less than half of A's are those with an upper bound of the information less than half of A's, and there is one",
    needs: everyStep,
    measure: (found) => {
      const [better, gone] = [lessThanHalf(found, KL), lessThanHalf(found, "informationUpper")];
      const both = better.filter((name) => gone.includes(name));
      return { "look better": better.length, "information gone": gone.length, both: both.length };
    },
    holds: (m) => m.both > 0 && m["look better"] === m.both && m["information gone"] === m.both,
  },
  {
    name: "both orders: the information goes where x is not decoded and KL_sx is minimised, nowhere else",
    statement:
      "the upper bound of the information is less than half of A's at no-rec and no-rec-gen, and at no other step of either order",
    needs: everyStep,
    measure: (found) => {
      const gone = lessThanHalf(found, "informationUpper");
      const named = gone.filter((name) => ["no-rec", "no-rec-gen"].includes(name));
      return { "information gone": gone.length, "of no-rec and no-rec-gen": named.length };
    },
    holds: (m) => m["information gone"] === 2 && m["of no-rec and no-rec-gen"] === 2,
  },
];

const turned = ["A", "G", "no-rec-gen-klSx"];
const turns: readonly Statement[] = [
  {
    name: "decoders first: all that is measured of the distribution looks better",
    statement:
      "without decoders (G) KL_agg of samples of s_x is lower than A's and their effective rank higher, while R² given the class and the upper bound of the information are less than half of A's",
    needs: ["A", "G"],
    measure: (found) => ({
      ...renamed(each(["A", "G"], KL, "samples")(found), "KL_agg"),
      ...renamed(each(["A", "G"], "effectiveRankSx", "samples")(found), "effective rank"),
      ...renamed(each(["A", "G"], R2, "samples")(found), "R²"),
      ...renamed(each(["A", "G"], "informationUpper", "samples")(found), "information"),
    }),
    holds: (m) =>
      m["KL_agg G"] < m["KL_agg A"] &&
      m["effective rank G"] > m["effective rank A"] &&
      lost(m["R² G"], m["R² A"]) &&
      lost(m["information G"], m["information A"]),
  },
  {
    name: "decoders first: taking KL_sx away brings KL_agg above A's",
    statement: "after the decoders, removing KL_sx brings KL_agg of samples of s_x above A's",
    needs: turned,
    measure: each(turned, KL, "samples"),
    holds: (kl) => kl["no-rec-gen-klSx"] > kl.A,
  },
  {
    name: "decoders first: taking KL_sx away brings information back",
    statement:
      "after the decoders, removing KL_sx brings the lower bound of I(x; s_x) back above half of A's upper bound",
    needs: turned,
    measure: (found) => ({
      ...renamed(each(turned, "informationUpper", "samples")(found), "at most"),
      ...renamed(each(turned, "informationLower", "samples")(found), "at least"),
    }),
    holds: (m) => !lost(m["at least no-rec-gen-klSx"], m["at most A"]),
  },
  ...(["samples", "means"] as const).map(
    (on): Statement => ({
      name: `decoders first: taking KL_sx away brings the true s_x back, in ${on}`,
      statement: `after the decoders, removing KL_sx brings R² of ${on} of s_x given the class back above half of A's`,
      needs: turned,
      measure: each(turned, R2, on),
      holds: (r2) => !lost(r2["no-rec-gen-klSx"], r2.A),
    }),
  ),
  {
    name: "KLs first: without KL_sx the distribution looks worse and the information stays",
    statement:
      "no-klSx: KL_agg of samples of s_x is above A's, R² of samples given the class is not below it by more than .02",
    needs: ["A", "no-klSx"],
    measure: (found) => ({
      ...renamed(each(["A", "no-klSx"], KL, "samples")(found), "KL_agg"),
      ...renamed(each(["A", "no-klSx"], R2, "samples")(found), "R²"),
    }),
    holds: (m) => m["KL_agg no-klSx"] > m["KL_agg A"] && m["R² no-klSx"] >= m["R² A"] - FALL,
  },
  {
    name: "KLs first: the decoder of x is what the information hangs on",
    statement: "of all removals that of the decoder of x lowers R² of samples of s_x given the class most",
    needs: gaussianSteps("klFirst"),
    measure: ({ read }) => {
      const steps = gaussianSteps("klFirst");
      const r2 = steps.map((name) => read(name, R2, "samples"));
      return Object.fromEntries(steps.slice(1).map((name, i) => [`lost at ${name}`, r2[i] - r2[i + 1]]));
    },
    holds: (falls) => Math.max(...Object.values(falls)) === falls["lost at no-rec-klSx-klZ-entropy"],
  },
];

/** What the KL of s_y and its entropy do. */
export const entropy: readonly Statement[] = [
  {
    name: "without all of KL_sy the predictor learns nothing",
    statement:
      "no-klSy: the predicted s_y is no nearer to the posterior's means than their own mean is (error / variance at least 1)",
    needs: ["no-klSy"],
    measure: each(["A", "no-klSy"], "predictionErrorRatio", "means"),
    holds: (ratio) => ratio["no-klSy"] >= 1,
  },
  {
    name: "without the entropy alone the predictor learns",
    statement: "no-entropy: the predicted s_y is nearer than their mean (error / variance below 1)",
    needs: ["no-entropy"],
    measure: each(["A", "no-entropy"], "predictionErrorRatio", "means"),
    holds: (ratio) => ratio["no-entropy"] < 1,
  },
  {
    name: "the entropy alone keeps the posterior of s_y from a point",
    statement:
      "no-entropy: the mean log variance of q(s_y|s_x,z,y) is below A's by more than log 100 (a tenth of the deviation)",
    needs: ["A", "no-entropy"],
    measure: each(["A", "no-entropy"], "logVarianceSy", "samples"),
    holds: (width) => width["no-entropy"] < width.A - Math.log(100),
  },
];

/** The VAEs without a predictor that are closest. */
const relatives: readonly Statement[] = [
  ...(["vae", "coupled-vae"] as const).map(
    (name): Statement => ({
      name: `predicting y adds to what s_x tells: A above ${name}`,
      statement: `R² of samples of s_x given the class is higher for A than for ${name}, which has no predictor`,
      needs: ["A", name],
      measure: each(["A", name], R2, "samples"),
      holds: (r2) => r2.A > r2[name],
    }),
  ),
  {
    name: "without KL_sy s_x is that of a lone VAE",
    statement: `no-klSy: R² of samples of s_x given the class is within ${FALL} of that of a VAE of x that knows no y`,
    needs: ["no-klSy", "vae"],
    measure: each(["no-klSy", "vae"], R2, "samples"),
    holds: (r2) => Math.abs(r2["no-klSy"] - r2.vae) <= FALL,
  },
  {
    name: "an autoencoder tells more than the ELBO",
    statement: "R² of s_x given the class is higher for two autoencoders than for means of A",
    needs: ["A", "ae"],
    measure: each(["A", "ae"], R2, "means"),
    holds: (r2) => r2.ae > r2.A,
  },
];

/** Statements about the removal of terms, those whose configurations there are. */
export function removalClaims(measured: readonly PairsMeasured[]): Claim[] {
  return checked(
    [
      ...reconstruction,
      ...orders,
      ...exactly,
      ...turns,
      ...relatives,
      ...collapse,
      ...prediction,
      ...entropy,
    ],
    measured,
  );
}
