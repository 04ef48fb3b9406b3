/** Names of curves in the margin to the right of a panel, each at the height at which its curve ends. */
import type { LabelPanel, NamedCurve } from "./direct-labels.js";

/** Pixels between a panel and a name, and heights of lines of text between two names. */
const GAP = 8;
const LINE = 1.2;

/**
 * Plotly annotations of the names, those that there are, moved up and down no further than it takes to keep them apart and inside the panel.
 * @param panel what fits beneath each other: no more names than the panel has lines of text
 */
export function endLabels(curves: readonly NamedCurve[], panel: LabelPanel): object[] {
  const { xaxis, yaxis, yRange, height, size } = panel;
  const step = ((LINE * size) / height) * (yRange[1] - yRange[0]);
  const ends = curves
    .filter(({ name }) => name !== "")
    .map(({ name, color, y }) => ({ name, color, y: y[y.length - 1] }))
    .sort((a, b) => a.y - b.y);
  const places = apart(
    ends.map(({ y }) => y),
    step,
    yRange,
  );
  return ends.map(({ name, color }, i) => ({
    ...{ text: name, x: 1, xref: `${xaxis} domain`, xanchor: "left", xshift: GAP },
    ...{ y: places[i], yref: yaxis, yanchor: "middle", showarrow: false, font: { size, color } },
  }));
}

/** Ascending places at least `step` apart within a range, as near to where they are wanted as groups that touch allow. */
export function apart(
  wanted: readonly number[],
  step: number,
  [from, to]: readonly [number, number],
): number[] {
  const groups: { count: number; sum: number }[] = [];
  // A group's places are its middle and what lies a step apart around it; its sum is of what they are wanted at, less their order.
  const middle = ({ count, sum }: (typeof groups)[number]) => {
    const half = ((count - 1) * step) / 2;
    return Math.min(Math.max(sum / count, from + half + step / 2), to - half - step / 2);
  };
  for (const place of wanted) {
    groups.push({ count: 1, sum: place });
    for (;;) {
      const [before, last] = groups.slice(-2);
      if (!last || middle(last) - middle(before) >= ((last.count + before.count) * step) / 2) break;
      groups.splice(-2, 2, { count: before.count + last.count, sum: before.sum + last.sum });
    }
  }
  return groups.flatMap((group) =>
    Array.from({ length: group.count }, (_, i) => middle(group) + (i - (group.count - 1) / 2) * step),
  );
}
