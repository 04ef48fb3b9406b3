import {
  type Latent,
  simulationVariants,
  type VariantName,
  variantNames,
} from "../papers/var-jepa/simulation-variants.js";
import type { TableCell } from "../studies/simulation-table.js";
import type { Figure } from "./drawing/figure.js";
import { symbols } from "./drawing/theme.js";

const columns = [
  { metric: "accuracy", text: "accuracy", head: "accuracy" },
  { metric: "klAggregate", text: "KL_agg", head: symbols.klAggregate },
  { metric: "sigregMse", text: "SIGReg-MSE", head: "SIGReg-MSE" },
  { metric: "covarianceFrobenius", text: "‖C−I‖_F", head: symbols.covarianceDistance },
  { metric: "meanNorm", text: "‖m‖", head: symbols.meanNorm },
] as const;

/**
 * Table 1 for one latent, ready for `table`: one row per objective, in each cell `ours ± std | paper | log-ratio`
 * (for the accuracy the difference instead of the log-ratio).
 */
export function table1Rows(cells: readonly TableCell[], latent: Latent): Record<string, string>[] {
  return objectivesOf(cells).map((objective) => {
    const row: Record<string, string> = { variant: `${objective} ${simulationVariants[objective].label}` };
    for (const { metric, text } of columns) {
      const { mean, std, published, logRatio } = find(cells, latent, objective, metric);
      const spread = std === null ? "" : ` ± ${short(std)}`;
      const gap = metric === "accuracy" ? mean - (published as number) : (logRatio as number);
      row[text] = `${short(mean)}${spread} | ${short(published as number)} | ${signed(gap)}`;
    }
    return row;
  });
}

/**
 * Table 1 as a picture: every cell holds our mean above the paper's, that of a diagnostic coloured by the
 * log-ratio of the two (blue: ours is smaller, red: larger, white: equal), an accuracy not; s_x on the left, s_y on the right.
 */
export function table1Figure(cells: readonly TableCell[]): Figure {
  const objectives = objectivesOf(cells);
  const heads = (["sx", "sy"] as const).flatMap((latent) => columns.map((column) => ({ latent, ...column })));
  const cellOf = (objective: VariantName, { latent, metric }: (typeof heads)[number]) =>
    find(cells, latent, objective, metric);
  return {
    data: [
      {
        type: "heatmap",
        z: objectives.map((objective) =>
          heads.map((head) => (head.metric === "accuracy" ? null : cellOf(objective, head).logRatio)),
        ),
        hoverongaps: false,
        x: heads.map((_, i) => i),
        y: objectives,
        autocolorscale: false,
        zmin: -1.2,
        zmax: 1.2,
        colorscale: [
          [0, "#2166AC"],
          [0.5, "#F7F7F7"],
          [1, "#B2182B"],
        ],
        xgap: 2,
        ygap: 2,
        colorbar: { title: { text: "log ratio", side: "right" }, thickness: 12 },
      },
    ],
    layout: {
      width: 1160,
      height: 520,
      xaxis: {
        side: "top",
        showgrid: false,
        ticks: "",
        showline: false,
        tickvals: heads.map((_, i) => i),
        ticktext: heads.map(({ latent, head }) => `${head}<br>${symbols[latent]}`),
        tickfont: { size: 13 },
        tickangle: 0,
      },
      yaxis: { autorange: "reversed", showgrid: false, ticks: "", showline: false },
      annotations: objectives.flatMap((objective) =>
        heads.map((head, i) => {
          const { mean, published, logRatio } = cellOf(objective, head);
          return {
            x: i,
            y: objective,
            text: `${short(mean)}<br><span style="font-size:11px">${short(published as number)}</span>`,
            showarrow: false,
            font: { size: 13, color: Math.abs(logRatio as number) > 0.8 ? "white" : "#222222" },
          };
        }),
      ),
    },
  };
}

function objectivesOf(cells: readonly TableCell[]): VariantName[] {
  return variantNames.filter((name) => cells.some(({ variant }) => variant === name));
}

function find(
  cells: readonly TableCell[],
  latent: Latent,
  objective: VariantName,
  metric: TableCell["metric"],
) {
  const found = cells.find(
    (cell) => cell.latent === latent && cell.variant === objective && cell.metric === metric,
  );
  if (!found) throw new Error(`the table has no cell ${latent} ${objective} ${metric}`);
  return found;
}

/** Three significant digits at most; small numbers as 1.6e-4. */
function short(value: number): string {
  if (value !== 0 && Math.abs(value) < 0.001) return value.toExponential(1);
  return String(Number(value.toPrecision(3)));
}

function signed(value: number): string {
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(2)}`;
}
