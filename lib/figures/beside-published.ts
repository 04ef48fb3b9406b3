/** Our scores beside those that the paper prints: as cells of a table, shaded by how far apart they are. */
import type { DownstreamCell } from "../studies/downstream-tables.js";
import type { MarkedCell } from "./drawing/table.js";

/** Differences of scores up to this are drawn white, … */
const SAME = 0.01;
/** … from this on in full colour. */
const FULL = 0.1;

/** Full colours below and above the paper's score, light enough for dark text; told apart by the colour-blind. */
const below = [240, 160, 90] as const;
const above = [100, 170, 225] as const;

const colour = (rgb: readonly number[]) => `rgb(${rgb.map(Math.round).join(", ")})`;

/** Plotly's heat map of differences from −`limit` to `limit`, in the same colours as `besidePublished`. */
export const differenceColours = {
  limit: FULL,
  colorscale: [
    [0, colour(below)],
    [(FULL - SAME) / FULL / 2, "rgb(255, 255, 255)"],
    [1 - (FULL - SAME) / FULL / 2, "rgb(255, 255, 255)"],
    [1, colour(above)],
  ],
} as const;

/** What the colours say. */
const differenceScale = `Shaded by ours − the paper's: blue above, orange below; white within ${SAME}, full colour from ${FULL} on.`;

/** The colour of a difference, ours − the paper's. */
export function differenceColour(difference: number): string {
  const strength = Math.min(1, Math.max(0, (Math.abs(difference) - SAME) / (FULL - SAME)));
  return colour((difference < 0 ? below : above).map((full) => 255 + strength * (full - 255)));
}

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
    ...(printed ? [`Below in smaller type what the paper prints. ${differenceScale}`] : []),
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
