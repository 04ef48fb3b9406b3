import {
  type Derivatives,
  type Grow,
  LEAST_GAIN,
  LEAST_WEIGHT,
  leafValue,
  nodeScore,
  type Split,
  splitGain,
  type TreeNode,
} from "./tree.js";

/** A node under growth. */
interface Open {
  readonly first: number;
  readonly second: number;
}

/**
 * Trees whose thresholds are the midpoints between any two neighbouring values of a node's rows. Every level is one
 * pass through each column in descending order.
 * @param values row-major `[n, columns]`
 * @param rows rows to learn from; derivatives are given in their order
 */
export function exactGrower(values: Float32Array, columns: number, rows: Int32Array): Grow {
  const count = rows.length;
  const byColumn = Array.from({ length: columns }, (_, j) =>
    Float32Array.from(rows, (row) => values[row * columns + j]),
  );
  const orders = byColumn.map((own) => Int32Array.from(own.keys()).sort((a, b) => own[b] - own[a] || a - b));

  return (derivatives, growth) => {
    const places = new Int32Array(count);
    const level = (nodes: readonly Open[], depth: number): TreeNode[] => {
      const best =
        depth < growth.maxDepth
          ? bestSplits(byColumn, orders, derivatives, places, nodes)
          : nodes.map(() => undefined);
      // Places of the children of every node that is split, two each; rows of leaves have none.
      const children: Open[] = [];
      const firstChild = best.map((split, i) => {
        if (!split) return -1;
        children.push(
          { first: split.first, second: split.second },
          { first: nodes[i].first - split.first, second: nodes[i].second - split.second },
        );
        return children.length - 2;
      });
      for (let i = 0; i < count; i++) {
        const split = places[i] < 0 ? undefined : best[places[i]];
        if (split) places[i] = firstChild[places[i]] + Number(byColumn[split.column][i] >= split.threshold);
        else places[i] = -1;
      }
      const grown = children.length > 0 ? level(children, depth + 1) : [];
      return nodes.map(({ first, second }, i) => {
        const value = leafValue(first, second, growth.learningRate);
        const split = best[i];
        if (!split) return { value };
        const { column, threshold } = split;
        return {
          value,
          split: { column, threshold, below: grown[firstChild[i]], above: grown[firstChild[i] + 1] },
        };
      });
    };
    const sum = (of: Float32Array) => of.reduce((total, v) => total + v, 0);
    return level([{ first: sum(derivatives.first), second: sum(derivatives.second) }], 0)[0];
  };
}

/**
 * The best split of each node, if any gains something. Of equal gains the lower column and then the larger threshold wins.
 * @param orders rows of every column by descending value
 * @param places the node of each row, −1 for rows that are in none of them
 */
function bestSplits(
  byColumn: readonly Float32Array[],
  orders: readonly Int32Array[],
  { first, second }: Derivatives,
  places: Int32Array,
  nodes: readonly Open[],
): (Split | undefined)[] {
  const best = nodes.map((): Split | undefined => undefined);
  const scores = nodes.map((node) => nodeScore(node.first, node.second));
  byColumn.forEach((values, column) => {
    const above = { first: new Float64Array(nodes.length), second: new Float64Array(nodes.length) };
    const last = new Float32Array(nodes.length).fill(Number.NaN);
    for (const row of orders[column]) {
      const at = places[row];
      if (at < 0) continue;
      const value = values[row];
      const node = nodes[at];
      if (
        value < last[at] &&
        above.second[at] >= LEAST_WEIGHT &&
        node.second - above.second[at] >= LEAST_WEIGHT
      ) {
        const gain = splitGain(above.first[at], above.second[at], node.first, node.second, scores[at]);
        if (gain > (best[at]?.gain ?? LEAST_GAIN)) {
          const middle = Math.fround(Math.fround(value + last[at]) * 0.5);
          best[at] = {
            column,
            threshold: middle === value ? last[at] : middle,
            gain,
            first: node.first - above.first[at],
            second: node.second - above.second[at],
          };
        }
      }
      above.first[at] += first[row];
      above.second[at] += second[row];
      last[at] = value;
    }
  });
  return best;
}
