/** Diagrams of several panels, each with its steps one below the other. */
import type { Box } from "./box.js";
import {
  type Arrow,
  type BoxContent,
  boxSize,
  type Diagram,
  flow,
  lineWidth,
  placeBox,
  side,
  textAt,
  titleSize,
} from "./diagram.js";

/** A titled panel: steps from input to output, each a row of boxes side by side. */
export interface StepPanel {
  readonly title: string;
  readonly steps: readonly (readonly BoxContent[])[];
}

const gap = { panel: 14, step: 24, token: 6 };
const panelPadding = 12;
const titleHeight = 26;

/** Panels of one width, `columns` beside each other, with arrows from every step to the next. */
export function stepPanels(panels: readonly StepPanel[], columns: number): Diagram {
  const sizes = panels.map(panelSize);
  const width = Math.max(...sizes.map((size) => size.width));
  const bands = Array.from({ length: Math.ceil(panels.length / columns) }, (_, band) =>
    Math.max(...sizes.slice(band * columns, (band + 1) * columns).map((size) => size.height)),
  );
  const parts = panels.map((panel, i) => {
    const band = Math.floor(i / columns);
    const above = bands.slice(0, band).reduce((sum, height) => sum + height + gap.panel, 0);
    return placePanel(panel, {
      x: 10 + (i % columns) * (width + gap.panel),
      y: 10 + above,
      width,
      height: bands[band],
    });
  });
  return {
    width: 20 + columns * (width + gap.panel) - gap.panel,
    height: 20 + bands.reduce((sum, height) => sum + height + gap.panel, -gap.panel),
    regions: parts.flatMap(({ regions }) => regions),
    arrows: parts.flatMap(({ arrows }) => arrows),
    texts: parts.flatMap(({ texts }) => texts),
  };
}

/** Where the boxes of a step begin and how wide they are: equal shares, or by need when a text asks for more. */
function shares(step: readonly BoxContent[], width: number): number[] {
  const needed = step.map((content) => boxSize(content).width);
  const free = width - (step.length - 1) * gap.token;
  const spare = free - needed.reduce((sum, own) => sum + own, 0);
  const fits = needed.every((own) => own <= free / step.length);
  return needed.map((own) => (fits ? free / step.length : own + spare / step.length));
}

function panelSize({ title, steps }: StepPanel): { width: number; height: number } {
  const widths = steps.map((step) =>
    step.reduce((sum, content) => sum + boxSize(content).width + gap.token, -gap.token),
  );
  return {
    width: Math.max(lineWidth(`<b>${title}</b>`, titleSize), ...widths) + 2 * panelPadding,
    height:
      steps.reduce((sum, step) => sum + stepHeight(step) + gap.step, -gap.step) +
      titleHeight +
      2 * panelPadding,
  };
}

function stepHeight(step: readonly BoxContent[]): number {
  return Math.max(...step.map((content) => boxSize(content).height));
}

/** A panel with its steps spread over its height. */
function placePanel({ title, steps }: StepPanel, panel: Box): Pick<Diagram, "regions" | "arrows" | "texts"> {
  const left = panel.x + panelPadding;
  const width = panel.width - 2 * panelPadding;
  const heights = steps.map(stepHeight);
  const free = panel.height - titleHeight - 2 * panelPadding - heights.reduce((sum, own) => sum + own, 0);
  const between = free / (steps.length - 1);
  let y = panel.y + panelPadding + titleHeight;
  const rows = steps.map((step, i) => {
    let x = left;
    const boxes = shares(step, width).map((own): Box => {
      x += own + gap.token;
      return { x: x - own - gap.token, y, width: own, height: heights[i] };
    });
    y += heights[i] + between;
    return boxes;
  });
  const parts = steps.flatMap((step, i) => step.map((content, j) => placeBox(content, rows[i][j])));
  const heading = `<b>${title}</b>`;
  const middle = { x: left + lineWidth(heading, titleSize) / 2, y: panel.y + panelPadding + 8 };
  return {
    regions: [{ ...panel, look: "panel", full: false }, ...parts.flatMap(({ regions }) => regions)],
    arrows: rows.slice(1).flatMap((row, i) => arrowsBetween(rows[i], row)),
    texts: [textAt(heading, middle, titleSize, "#222222"), ...parts.flatMap(({ texts }) => texts)],
  };
}

/** Straight down from every box of the step with more of them. */
function arrowsBetween(from: readonly Box[], to: readonly Box[]): Arrow[] {
  const more = from.length >= to.length ? from : to;
  return more.map((box) => {
    const { x } = side(box, "top");
    return flow({ x, y: from[0].y + from[0].height }, { x, y: to[0].y });
  });
}
