/** The charts of the page: of measures and of terms. */

import type { Palette } from "./canvas.js";
import { type Curve, drawCurves, type Scale } from "./draw-curve.js";
import type { Frame, LatentMeasures, NormalMeasures } from "./frame.js";
import { append, byId, write } from "./page-parts.js";
import { type KnobTerm, knobTerms } from "./settings.js";
import { knobWords, measureWords, short, unpredictedMeaning } from "./words.js";

interface Chart {
  readonly canvas: HTMLCanvasElement;
  readonly values: readonly HTMLElement[];
  readonly name: string;
  readonly curves: readonly Curve[];
  readonly scale: Scale;
  readonly floor?: number;
}

/** The charts of one run. */
export interface Charts {
  add(terms: readonly Readonly<Record<string, number>>[], frame: Frame): void;
  draw(palette: Palette): void;
  /** Writes the last values beside the curves. */
  write(): void;
  /** Lets the charts be read out as they are. */
  describe(): void;
}

const scales = (d: number): Record<keyof LatentMeasures, Scale> => ({
  variance: { logarithmic: true },
  effectiveRank: { holds: [0, d] },
  klAggregate: { logarithmic: true },
  sigreg: { logarithmic: true },
  signal: { holds: [0, 1] },
  classes: { holds: [0, 1] },
});

/** The terms that can be below 0: densities. */
const signed: ReadonlySet<KnobTerm> = new Set(["rec", "gen", "crossEntropySy", "negativeEntropySy"]);

/** Empty charts for a run. @param terms those that can have a value */
export function emptyCharts(
  d: number,
  classes: number,
  floor: NormalMeasures,
  predicts: boolean,
  terms: readonly KnobTerm[],
): Charts {
  const curve = (ink: string): Curve => ({ steps: [], values: [], ink });
  const measures = Object.entries(measureWords).map(([key, [name, meaning]]) => {
    const measure = key as keyof LatentMeasures;
    const level = measure === "classes" ? 1 / classes : measure === "signal" ? undefined : floor[measure];
    const curves = [curve("sx"), curve("sy")];
    return {
      measure,
      chart: chart("measure", name, meaning, curves, scales(d)[measure], level),
    };
  });
  const unpredicted = chart(
    "measure",
    "unpredicted",
    unpredictedMeaning,
    [curve("sy")],
    { holds: [0, 1.2] },
    1,
  );
  const termCharts = new Map(
    terms.map((term) => {
      const [name, meaning] = knobWords[term];
      return [term, chart("term", name, meaning, [curve("term")], signed.has(term) ? {} : { holds: [0] })];
    }),
  );
  const measured = [...measures.map(({ chart }) => chart), ...(predicts ? [unpredicted] : [])];
  byId("play-measure-curves").replaceChildren(...measured.map(({ canvas }) => canvas.parentElement!));
  let shownTerms = "";
  let last = 0;
  const all = () => [
    ...measured,
    ...[...termCharts.values()].filter(({ curves }) => curves[0].values.length > 0),
  ];
  return {
    add(steps, frame) {
      last = frame.step;
      for (const { measure, chart } of measures)
        (["sx", "sy"] as const).forEach((latent, i) => {
          put(chart.curves[i], frame.step, frame.measures[latent][measure]);
        });
      if (frame.measures.unpredicted !== undefined)
        put(unpredicted.curves[0], frame.step, frame.measures.unpredicted);
      steps.forEach((values, i) => {
        for (const [term, value] of Object.entries(values))
          put(termCharts.get(term as KnobTerm)!.curves[0], frame.step - steps.length + i + 1, value);
      });
      const names = knobTerms.filter((term) => (termCharts.get(term)?.curves[0].values.length ?? 0) > 0);
      if (names.join() === shownTerms) return;
      shownTerms = names.join();
      byId("play-term-curves").replaceChildren(
        ...names.map((term) => termCharts.get(term)!.canvas.parentElement!),
      );
    },
    draw(palette) {
      for (const { canvas, curves, scale, floor: level } of all())
        drawCurves(canvas, curves, scale, level, Math.max(50, last), palette);
    },
    write() {
      for (const { values, curves } of all())
        values.forEach((value, i) => {
          write(value, lastOf(curves, i));
        });
    },
    describe() {
      for (const { canvas, name, curves, floor: level } of all())
        canvas.setAttribute(
          "aria-label",
          `${name} after ${last} steps: ${curves.map((_, i) => lastOf(curves, i)).join(", ")}${level === undefined ? "" : `; dashed ${short(level)}`}`,
        );
    },
  };
}

function put({ steps, values }: Curve, step: number, value: number): void {
  steps.push(step);
  values.push(value);
}

/** The last value of a curve, with the name of its latent where there are two. */
function lastOf(curves: readonly Curve[], i: number): string {
  const name = curves.length === 1 ? "" : ["s_x ", "s_y "][i];
  return `${name}${short(curves[i].values.at(-1) ?? Number.NaN)}`;
}

function chart(
  kind: string,
  name: string,
  meaning: string,
  curves: readonly Curve[],
  scale: Scale,
  floor?: number,
): Chart {
  const figure = document.createElement("figure");
  figure.className = "chart";
  figure.title = meaning.replace(/_/g, "");
  const caption = append(figure, "figcaption");
  append(caption, "span", name);
  const values = curves.map(({ ink }) => {
    const value = append(caption, "span");
    value.className = `ink-${ink}`;
    return value;
  });
  const canvas = append(figure, "canvas");
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", name);
  canvas.dataset[kind] = name;
  const holds = [...(scale.holds ?? []), ...(floor === undefined ? [] : [floor])];
  return { canvas, values, name, curves, scale: { ...scale, holds }, floor };
}
