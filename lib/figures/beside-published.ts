/** Our scores beside those that the paper prints: as cells of a table, shaded by how far apart they are. */
import type { DownstreamCell } from "../studies/downstream-tables.js";
import type { MarkedCell } from "./drawing/table.js";

/** Differences of scores up to the first are white, up to the next ones light and darker, above the last in full colour. */
const steps = [0.01, 0.025, 0.05] as const;

/** Share of the full colour on each step. Few and flat, so that a picture of 256 colours keeps them apart. */
const strengths = [0, 0.3, 0.6, 1] as const;

/** Full colours below and above the paper's score, light enough for dark text; told apart by the colour-blind. */
const below = [240, 160, 90] as const;
const above = [100, 170, 225] as const;

/** A score of .86 less one of .85 is .01, whatever the last bits say. */
const ROUNDING = 1e-6;

/** Whether two scores count as equal, that is, are drawn white. */
export function isWhite(difference: number): boolean {
  return stepOf(difference) === 0;
}

/** The colour of a difference, ours − the paper's. */
export function differenceColour(difference: number): string {
  const step = stepOf(difference);
  const mixed = (difference < 0 ? below : above).map((full) => 255 + strengths[step] * (full - 255));
  return `rgb(${mixed.map(Math.round).join(", ")})`;
}

function stepOf(difference: number): number {
  return steps.filter((edge) => Math.abs(difference) > edge + ROUNDING).length;
}

/** Limits of a heat map, beyond the last step. */
const LIMIT = 0.075;
const inner = [...steps.map((edge) => -edge - ROUNDING).reverse(), ...steps.map((edge) => edge + ROUNDING)];
const edges = [-LIMIT, ...inner, LIMIT];

/** Plotly's attributes of a heat map of differences in the colours of `differenceColour`. */
export const differenceScale = {
  zmin: -LIMIT,
  zmax: LIMIT,
  autocolorscale: false,
  colorscale: edges.slice(1).flatMap((to, i) => {
    const colour = differenceColour((edges[i] + to) / 2);
    return [edges[i], to].map((edge) => [(edge + LIMIT) / (2 * LIMIT), colour]);
  }),
  colorbar: {
    title: { text: "ours − paper", side: "right" },
    thickness: 12,
    tickvals: inner.map((edge) => Number(edge.toFixed(3))),
  },
} as const;

/** What the colours say. */
const scaleInWords = `Shaded by ours − the paper's: blue above, orange below; white within ${steps[0]}, darker beyond ${steps[1]} and ${steps[2]}.`;

/** `mean ± std` with the paper's value under it, shaded by their difference; a letter tells the setting. */
export function besidePublished(cell: DownstreamCell, letters: Letters): MarkedCell {
  const { published, setting } = cell;
  return {
    text: scoreText(cell),
    ...(setting !== undefined && { letter: letters.of(setting) }),
    ...(published !== null && {
      under: published.toFixed(3),
      background: differenceColour(cell.mean - published),
    }),
  };
}

/** What stands below a table of such cells. @param printed whether the paper prints any of them. */
export function besideNotes(letters: Letters, printed: boolean): string[] {
  return [
    "Mean ± sample deviation over runs, each with an encoder, where there is one, and a predictor of its own; a cell is empty where no run produced one.",
    ...(printed ? [`Below in smaller type what the paper prints. ${scaleInWords}`] : []),
    ...letters.notes(),
  ];
}

/** For example `0.852 ± 0.002`; of one run without deviation. */
export function scoreText({ mean, std }: Pick<DownstreamCell, "mean" | "std">): string {
  return `${mean.toFixed(3)}${std === null ? "" : ` ± ${std.toFixed(3)}`}`;
}

/** For example `3`, or `1–3`. */
export function runsText(cells: readonly DownstreamCell[]): string {
  const runs = cells.map((cell) => cell.runs);
  const [least, most] = [Math.min(...runs), Math.max(...runs)];
  return runs.length === 0 ? "" : least === most ? String(most) : `${least}–${most}`;
}

/** Letters of footnotes. */
export interface Letters {
  /** The letter of a setting, the same for the same one, in the order in which settings are met: a, b, … z, aa. */
  readonly of: (setting: string) => string;
  /** One line for each, for example `a: five splits`. */
  readonly notes: () => string[];
}

/** Letters, none given yet. */
export function newLetters(): Letters {
  const settings: string[] = [];
  const of = (setting: string) => {
    if (!settings.includes(setting)) settings.push(setting);
    const place = settings.indexOf(setting);
    return String.fromCharCode(97 + (place % 26)).repeat(1 + Math.floor(place / 26));
  };
  return { of, notes: () => settings.map((setting) => `${of(setting)}: ${setting}`) };
}
