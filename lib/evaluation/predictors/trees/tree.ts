/** Regression trees on gradients, as XGBoost grows them (Chen & Guestrin, XGBoost: A Scalable Tree Boosting System, 2016). */

/** A node: a leaf's value, or a question with the two nodes that it leads to. */
export interface TreeNode {
  /** What the node adds to the margin of its rows, times the learning rate; of a split node, if it were a leaf. */
  readonly value: number;
  readonly split?: {
    readonly column: number;
    /** Rows with a smaller number go to `below`, all others to `above`. */
    readonly threshold: number;
    /** Of a column of codes: rows with another code than `threshold` go to `below`. */
    readonly isCode?: boolean;
    readonly below: TreeNode;
    readonly above: TreeNode;
  };
}

/** First and second derivatives of the loss by the margin, `[rows]` each. */
export interface Derivatives {
  readonly first: Float32Array;
  readonly second: Float32Array;
}

/** How far a tree grows. */
export interface Growth {
  readonly maxDepth: number;
  readonly learningRate: number;
}

/** Grows one tree on derivatives of the rows that it was made for. */
export type Grow = (derivatives: Derivatives, growth: Growth) => TreeNode;

/** A split of a node and what it gains. */
export interface Split {
  readonly column: number;
  readonly threshold: number;
  readonly isCode?: boolean;
  /** Reduction of the loss, in single precision, on which ties depend. */
  readonly gain: number;
  /** Sums of the derivatives of the rows that go below. */
  readonly first: number;
  readonly second: number;
}

/** λ, the penalty of a leaf's squared value. */
const LAMBDA = 1;
/** The least sum of second derivatives of a leaf. */
export const LEAST_WEIGHT = 1;
/** The gain that a split must exceed: γ = 0, and room for rounding. */
export const LEAST_GAIN = 1e-6;

const { fround } = Math;

/** G² / (H + λ), in single precision. */
export function nodeScore(first: number, second: number): number {
  return fround((first * first) / (second + LAMBDA));
}

/** Gain of a split by the sums on one side and of the whole node, Equation 7 of the article without the factor ½. */
export function splitGain(
  first: number,
  second: number,
  wholeFirst: number,
  wholeSecond: number,
  wholeScore: number,
): number {
  const both = fround(nodeScore(first, second) + nodeScore(wholeFirst - first, wholeSecond - second));
  return fround(both - wholeScore);
}

/** −G / (H + λ) times the learning rate; 0 where H is below the least weight. */
export function leafValue(first: number, second: number, learningRate: number): number {
  if (second < LEAST_WEIGHT) return 0;
  return fround(fround(-first / (second + LAMBDA)) * fround(learningRate));
}

/** Value of the leaf that a row comes to. @param at place of the row's first number in `values` */
export function leafOf(tree: TreeNode, values: Float32Array, at: number): number {
  let node = tree;
  while (node.split) {
    const { column, threshold, isCode, below, above } = node.split;
    const value = values[at + column];
    node = (isCode ? value !== threshold : value < threshold) ? below : above;
  }
  return node.value;
}
