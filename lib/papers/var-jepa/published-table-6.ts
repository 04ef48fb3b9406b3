/**
 * What Table 6 of Gögl & Yau, "Var-JEPA" (arXiv:2603.20111v1) prints of the seven data sets, and the class shares of
 * the public data, which the paper does not print.
 */
import type { DataSetCode } from "../../data/datasets/data-set.js";

/** Counts as printed. */
export interface PublishedDataSet {
  readonly name: string;
  readonly rows: number;
  readonly features: number;
  readonly numeric: number;
  readonly categorical: number;
  readonly classes: number;
  readonly domain: string;
}

/** Table 6 by data set. */
export const publishedTable6: Record<DataSetCode, PublishedDataSet> = {
  AD: {
    name: "Adult",
    rows: 48842,
    features: 14,
    numeric: 6,
    categorical: 8,
    classes: 2,
    domain: "Census",
  },
  CO: {
    name: "Covertype",
    rows: 10000,
    features: 54,
    numeric: 54,
    categorical: 0,
    classes: 7,
    domain: "Forestry",
  },
  EL: {
    name: "Electricity",
    rows: 45312,
    features: 8,
    numeric: 8,
    categorical: 0,
    classes: 2,
    domain: "Time series",
  },
  CC: {
    name: "Credit Card Default",
    rows: 30000,
    features: 23,
    numeric: 23,
    categorical: 0,
    classes: 2,
    domain: "Finance",
  },
  BM: {
    name: "Bank Marketing",
    rows: 45211,
    features: 16,
    numeric: 16,
    categorical: 0,
    classes: 2,
    domain: "Marketing",
  },
  MNIST: {
    name: "MNIST",
    rows: 10000,
    features: 784,
    numeric: 784,
    categorical: 0,
    classes: 10,
    domain: "Vision",
  },
  SIM: {
    name: "Simulated",
    rows: 10000,
    features: 32,
    numeric: 28,
    categorical: 4,
    classes: 3,
    domain: "Synthetic",
  },
};

/**
 * Rows per class of the whole public data: the donors' counts for AD (`adult.names` gives the shares 76.07 and
 * 23.93 %) and CO (`covtype.info`), the original labels for EL, CC, BM and MNIST. CO and MNIST are random subsets here,
 * whose shares differ by chance.
 */
export const publicClassRows: Record<Exclude<DataSetCode, "SIM">, Readonly<Record<string, number>>> = {
  AD: { "<=50K": 37155, ">50K": 11687 },
  CO: { 1: 211840, 2: 283301, 3: 35754, 4: 2747, 5: 9493, 6: 17367, 7: 20510 },
  EL: { DOWN: 26075, UP: 19237 },
  CC: { 0: 23364, 1: 6636 },
  BM: { no: 39922, yes: 5289 },
  MNIST: {
    0: 6903,
    1: 7877,
    2: 6990,
    3: 7141,
    4: 6824,
    5: 6313,
    6: 6876,
    7: 7293,
    8: 6825,
    9: 6958,
  },
};
