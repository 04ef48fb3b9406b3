/** Several panels in one figure: plotly's names for their axes, and where they lie. */

type Axis = Readonly<Record<string, unknown>>;

/** Where panel `index` of `count` lies between 0 and 1, with `gap` between neighbours. */
export function panelSpan(index: number, count: number, gap: number): [number, number] {
  const size = (1 - gap * (count - 1)) / count;
  const from = index * (size + gap);
  return [from, from + size];
}

/** The axes of panel number `panel` (from 0) as its traces name them: x and y, then x2 and y2, … */
export function panelPlace(panel: number): { readonly xaxis: string; readonly yaxis: string } {
  const number = panel === 0 ? "" : String(panel + 1);
  return { xaxis: `x${number}`, yaxis: `y${number}` };
}

/** The layout's two axes of panel number `panel`, each standing at the other one; a `domain` is kept in front. */
export function panelAxes(panel: number, x: Axis, y: Axis): Record<string, Axis> {
  const { xaxis, yaxis } = panelPlace(panel);
  const number = xaxis.slice(1);
  return { [`xaxis${number}`]: standing(x, yaxis), [`yaxis${number}`]: standing(y, xaxis) };
}

function standing({ domain, ...axis }: Axis, anchor: string): Axis {
  return { ...(domain ? { domain } : {}), anchor, ...axis };
}
