import type { Figure } from "./drawing/figure.js";
import { seriesStyle } from "./drawing/theme.js";
import { latentScatter } from "./latent-scatter.js";

/** What the points of a plane are coloured by, one entry per point. */
export interface PlaneColour {
  readonly title: string;
  /** Names of classes, or numbers. */
  readonly values: readonly string[] | ArrayLike<number>;
}

/** More classes than this have no colours of their own. */
const MOST_CLASSES = 10;
const xLabel = "first principal direction";
const yLabel = "second principal direction";

/**
 * Embeddings in their principal plane: a colour and marker for each of at most ten classes, else a colour scale if what
 * stands there are numbers, else one colour.
 * @param points `[n, 2]`
 * @throws when there are not as many colours as points.
 */
export function embeddingPlane(points: ArrayLike<number>[], colour?: PlaneColour): Figure {
  const values = colour ? Array.from<string | number>(colour.values) : [];
  if (colour && values.length !== points.length)
    throw new Error(`colour has ${values.length} values; give one for each of the ${points.length} points`);
  const text = values.some((value) => typeof value === "string");
  if (text && new Set(values).size <= MOST_CLASSES)
    return latentScatter(points, values, { xLabel, yLabel, legendTitle: colour?.title });
  const numbers = values.map((value) => (value === "" ? Number.NaN : Number(value)));
  const scale = colour && numbers.some(Number.isFinite) && (!text || mostlyNumbers(numbers));
  return {
    data: [
      {
        type: "scatter",
        mode: "markers",
        x: points.map((point) => point[0]),
        y: points.map((point) => point[1]),
        marker: {
          size: 6,
          opacity: 0.8,
          color: scale ? numbers : seriesStyle(0).color,
          ...(scale
            ? {
                colorscale: "Viridis",
                showscale: true,
                colorbar: { title: { text: colour.title, side: "right" }, thickness: 12 },
              }
            : {}),
        },
      },
    ],
    layout: { xaxis: { title: { text: xLabel } }, yaxis: { title: { text: yLabel } }, showlegend: false },
  };
}

/** At least nine in ten; the others have no colour of the scale. */
function mostlyNumbers(numbers: readonly number[]): boolean {
  return numbers.filter(Number.isFinite).length >= 0.9 * numbers.length;
}
