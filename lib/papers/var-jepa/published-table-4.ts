/**
 * Tables 4 and 5 of Gögl & Yau, "Var-JEPA" (arXiv:2603.20111v1): accuracy of MLP and ResNet on Adult when settings of
 * Var-T-JEPA change. Mean and standard deviation over five downstream runs.
 */
import type { PublishedScore } from "./published-table-2.js";

/** A line: predictor, discarded share, one score for every setting in the order of the columns. */
export type SensitivityScores = readonly [
  predictor: "MLP" | "ResNet",
  discard: number,
  scores: readonly PublishedScore[],
];

/** The columns of Table 4, which changes weights. */
export const table4Settings = [
  "Base",
  "Low KL",
  "High KL",
  "Low recon.",
  "High recon.",
  "High KL + low recon.",
  "Low KL + high recon.",
] as const;

/** Table 4. */
// biome-ignore format: a line of the table is a line here
export const publishedTable4: readonly SensitivityScores[] = [
  ["MLP", 0, [[0.852, 0.0021], [0.85, 0.0012], [0.826, 0.0027], [0.834, 0.0027], [0.852, 0.0023], [0.849, 0.0011], [0.851, 0.0012]]],
  ["MLP", 0.1, [[0.865, 0.002], [0.864, 0.00096], [0.839, 0.0026], [0.85, 0.002], [0.868, 0.0017], [0.863, 0.0013], [0.86, 0.0011]]],
  ["MLP", 0.2, [[0.883, 0.0017], [0.88, 0.0014], [0.852, 0.0024], [0.868, 0.0022], [0.879, 0.0019], [0.873, 0.0012], [0.878, 0.00085]]],
  ["MLP", 0.5, [[0.921, 0.0021], [0.92, 0.00087], [0.89, 0.0028], [0.888, 0.003], [0.906, 0.0025], [0.888, 0.0014], [0.928, 0.00079]]],
  ["ResNet", 0, [[0.854, 0.0014], [0.852, 0.0018], [0.827, 0.00085], [0.836, 0.0031], [0.852, 0.0011], [0.853, 0.0016], [0.853, 0.0014]]],
  ["ResNet", 0.1, [[0.868, 0.00092], [0.867, 0.0014], [0.839, 0.0013], [0.851, 0.0031], [0.868, 0.0011], [0.867, 0.0018], [0.863, 0.0016]]],
  ["ResNet", 0.2, [[0.886, 0.00082], [0.883, 0.0019], [0.852, 0.0015], [0.869, 0.0032], [0.878, 0.0013], [0.876, 0.0011], [0.881, 0.0011]]],
  ["ResNet", 0.5, [[0.924, 0.00066], [0.921, 0.00086], [0.89, 0.0025], [0.888, 0.0043], [0.906, 0.0013], [0.891, 0.0014], [0.929, 0.0014]]],
];

/** The columns of Table 5, which changes sizes and the optimiser. */
export const table5Settings = [
  "Shallow",
  "Low pred.-FF",
  "Narrow",
  "High pred.-FF",
  "Deep",
  "Low LR",
  "Batch size 256",
] as const;

/** Table 5. Low pred.-FF and High pred.-FF print the numbers of Table 4's Base in every line. */
// biome-ignore format: a line of the table is a line here
export const publishedTable5: readonly SensitivityScores[] = [
  ["MLP", 0, [[0.85, 0.0021], [0.852, 0.0021], [0.85, 0.0016], [0.852, 0.0021], [0.832, 0.0017], [0.849, 0.0032], [0.851, 0.0027]]],
  ["MLP", 0.1, [[0.864, 0.0011], [0.865, 0.002], [0.867, 0.0016], [0.865, 0.002], [0.843, 0.0017], [0.866, 0.0036], [0.854, 0.0029]]],
  ["MLP", 0.2, [[0.877, 0.00083], [0.883, 0.0017], [0.883, 0.0014], [0.883, 0.0017], [0.864, 0.0015], [0.881, 0.0037], [0.856, 0.0029]]],
  ["MLP", 0.5, [[0.905, 0.0011], [0.921, 0.0021], [0.902, 0.00096], [0.921, 0.0021], [0.908, 0.0015], [0.907, 0.0037], [0.871, 0.003]]],
  ["ResNet", 0, [[0.852, 0.0012], [0.854, 0.0014], [0.851, 0.00065], [0.854, 0.0014], [0.833, 0.0015], [0.853, 0.00087], [0.852, 0.002]]],
  ["ResNet", 0.1, [[0.864, 0.0011], [0.868, 0.00092], [0.87, 0.00094], [0.868, 0.00092], [0.845, 0.0011], [0.869, 0.0011], [0.856, 0.0019]]],
  ["ResNet", 0.2, [[0.877, 0.0014], [0.886, 0.00082], [0.885, 0.00099], [0.886, 0.00082], [0.865, 0.0012], [0.884, 0.002], [0.858, 0.0016]]],
  ["ResNet", 0.5, [[0.904, 0.0016], [0.924, 0.00066], [0.9, 0.0017], [0.924, 0.00066], [0.909, 0.0019], [0.907, 0.0024], [0.873, 0.0015]]],
];
