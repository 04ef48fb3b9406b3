import type { DataSetLine } from "../studies/data-sets.js";
import type { Figure } from "./drawing/figure.js";

/** Share of a bar's length that one character of a label takes. */
const characterShare = 0.0115;
/** From the largest class to the smallest; the last colour serves for all further ones. */
const ranks = ["#0B4F7D", "#2F7FB0", "#6BAAD0", "#A3CBE3", "#CFE4F0", "#E4EFF6"];
const firstDarkText = 2;

/**
 * How even the classes of data sets are: one bar per data set, cut into classes, the largest first. A bar's first
 * piece is what a classifier reaches that always names the largest class.
 * @throws when there is no data set.
 */
export function classShares(lines: readonly Pick<DataSetLine, "code" | "shares">[]): Figure {
  if (lines.length === 0) throw new Error("lines is empty; give at least one data set");
  const sorted = lines.map(({ shares }) => Object.entries(shares).sort(([, a], [, b]) => b - a));
  const most = Math.max(...sorted.map((classes) => classes.length));
  return {
    data: Array.from({ length: most }, (_, rank) => {
      const there = lines.flatMap((line, i) => (sorted[i][rank] ? [{ line, entry: sorted[i][rank] }] : []));
      return {
        type: "bar",
        orientation: "h",
        y: there.map(({ line }) => line.code),
        x: there.map(({ entry: [, share] }) => 100 * share),
        text: there.map(({ entry: [name, share] }) => labelOf(name, share)),
        textposition: "inside",
        insidetextanchor: "middle",
        textangle: 0,
        constraintext: "none",
        textfont: { size: 12, color: rank < firstDarkText ? "#FFFFFF" : "#222222" },
        marker: { color: ranks[Math.min(rank, ranks.length - 1)], line: { color: "#FFFFFF", width: 1 } },
      };
    }),
    layout: {
      width: 720,
      height: 60 + 38 * lines.length,
      margin: { r: 30 },
      barmode: "stack",
      bargap: 0.25,
      showlegend: false,
      xaxis: { title: { text: "share of the rows in %" }, range: [0, 100] },
      yaxis: { autorange: "reversed", showgrid: false, ticks: "" },
    },
  };
}

/** For example `no: 88 %`; the name alone, or nothing, where the piece is too short for more. */
function labelOf(name: string, share: number): string {
  const full = `${name}: ${(100 * share).toFixed(0)} %`;
  const fits = (text: string) => (text.length + 1) * characterShare <= share;
  const label = [full, name].find(fits) ?? "";
  return label.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}
