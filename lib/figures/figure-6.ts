/** The paper's Figure 6: the six components of Var-T-JEPA one by one, with the tokens that each of them reads. */
import type { TransformerConfig } from "../layers/transformer.js";
import { featureCount } from "../models/modalities/tabular/table.js";
import type { VarTJepaConfig } from "../models/var-t-jepa.js";
import type { Box } from "./drawing/box.js";
import {
  type Arrow,
  type BoxContent,
  boxSize,
  type Diagram,
  diagramFigure,
  flow,
  lineWidth,
  placeBox,
  side,
  textAt,
  titleSize,
} from "./drawing/diagram.js";
import { maskTexts, plural } from "./drawing/diagram-parts.js";
import type { Figure } from "./drawing/figure.js";

/** One component: its steps from input to output, each a row of boxes side by side. */
interface Component {
  readonly title: string;
  readonly steps: readonly (readonly BoxContent[])[];
}

const columns = 3;
const gap = { panel: 14, step: 24, token: 6 };
const panelPadding = 12;
const titleHeight = 26;

/** The six components in the order of a pass. Every size is read from the configuration. */
export function figure6(config: VarTJepaConfig): Figure {
  return diagramFigure(componentDiagram(config));
}

/** The diagram of `figure6` as data. */
export function componentDiagram(config: VarTJepaConfig): Diagram {
  const components = componentsOf(config);
  const sizes = components.map(componentSize);
  const width = Math.max(...sizes.map((size) => size.width));
  const bands = Array.from({ length: Math.ceil(components.length / columns) }, (_, band) =>
    Math.max(...sizes.slice(band * columns, (band + 1) * columns).map((size) => size.height)),
  );
  const parts = components.map((component, i) => {
    const band = Math.floor(i / columns);
    const above = bands.slice(0, band).reduce((sum, height) => sum + height + gap.panel, 0);
    return placeComponent(component, {
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

function componentsOf(config: VarTJepaConfig): Component[] {
  const { table, masks, encoder, predictor, clsTokens, poolTokens, auxiliaryLayers } = config;
  const { numeric, cardinalities } = table;
  const d = encoder.width;
  const features = featureCount(table);
  const sizes = maskTexts(masks, features, clsTokens);
  const kinds = (name: string, look: BoxContent["look"]): BoxContent[] => [
    ...(numeric > 0 ? [box(look, `${numeric} numeric`, name)] : []),
    ...(categorical > 0 ? [box(look, `${categorical} categorical`, name)] : []),
  ];
  const heads = (inputs: number) => box("network", `Linear μ, Linear log σ²: ${inputs} → ${d} each`);
  const categorical = cardinalities.length;
  const slots = [...new Set([Math.min(...cardinalities), Math.max(...cardinalities)])].join("–");
  const outputs = (path: string) => [
    ...(numeric > 0 ? [`N(mean, σ<sub>${path}</sub><sup>2</sup>)`] : []),
    ...(categorical > 0 ? ["softmax(logits)"] : []),
  ];
  return [
    {
      title: "1. Tokenizer",
      steps: [
        kinds("x<sub>j</sub>", "data"),
        [
          ...(numeric > 0
            ? [box("network", "W<sub>num</sub> x<sub>j</sub> + b<sub>j</sub>", "+ e<sub>type</sub>(num)")]
            : []),
          ...(categorical > 0
            ? [box("network", "Embed<sub>j</sub>(x<sub>j</sub>)", "+ e<sub>type</sub>(cat)")]
            : []),
        ],
        [box("network", "+ e<sub>pos</sub>(j), sinusoidal")],
        [box("data", `${features} tokens t<sub>j</sub> of d = ${d}`)],
      ],
    },
    {
      title: "2. Context encoder q(s<sub>x</sub> | x)",
      steps: [
        [
          box("data", `${clsTokens} CLS`),
          box("data", `${sizes.context} t<sub>j</sub>, j in the context mask`),
        ],
        [transformer(encoder)],
        [heads(d)],
        [box("latent", `${clsTokens} CLS`), box("latent", `${sizes.context} s<sub>x</sub> = μ + σ ⊙ ε`)],
      ],
    },
    {
      title: "3. Auxiliary encoder q(z | s<sub>x</sub>)",
      steps: [
        [box("latent", `${sizes.contextTokens} s<sub>x</sub>`)],
        [box("network", `Attention pool, ${plural(poolTokens, "token")}`)],
        [box("latent", `${poolTokens} pooled s<sub>x</sub>, side by side: ${poolTokens * d}`)],
        [box("network", `${auxiliaryLayers} × (Linear, LayerNorm, GELU) → ${d}`)],
        [heads(d)],
        [box("latent", "z = μ + σ ⊙ ε")],
      ],
    },
    {
      title: "4. Target posterior q(s<sub>w</sub> | s<sub>x</sub>, z, w)",
      steps: [
        [
          box("data", `${clsTokens} CLS`, "learned"),
          box("latent", `${poolTokens} s<sub>x</sub>`, "Linear"),
          box("latent", "1 z", "Linear"),
          box("data", `${features} t<sub>j</sub>`, "all of w"),
        ],
        [transformer(encoder)],
        [heads(d)],
        [box("latent", `${features} s<sub>w</sub> = μ + σ ⊙ ε`)],
        [
          box(
            "target",
            `at y<sub>k</sub>: ${sizes.target} of q(s<sub>yk</sub> | s<sub>x</sub>, z, y<sub>k</sub>)`,
          ),
        ],
      ],
    },
    {
      title: `5. Predictor p(s<sub>yk</sub> | s<sub>x</sub>, z), k = 1 … ${masks.targetViews}`,
      steps: [
        [
          box(
            "latent",
            `${sizes.contextTokens} context`,
            "Linear(s<sub>x</sub>)",
            "+ Linear(z)",
            "+ e<sub>pos</sub>",
          ),
          box("target", `${sizes.target} targets`, "MaskToken", "+ Linear(z)", "+ e<sub>pos</sub>(j)"),
        ],
        [transformer(predictor)],
        [heads(predictor.width)],
        [box("target", `at the mask tokens: ${sizes.target} of p(s<sub>yk</sub> | s<sub>x</sub>, z)`)],
      ],
    },
    {
      title: "6. Decoders p(x | s<sub>x</sub>), p(w | s<sub>w</sub>)",
      steps: [
        [box("latent", `${sizes.context} s<sub>x</sub>`), box("latent", `${features} s<sub>w</sub>`)],
        [
          {
            look: "network",
            title: "A head per feature and path",
            lines: [
              ...(numeric > 0 ? [`${numeric} numeric: Linear ${d} → 1, mean`] : []),
              ...(categorical > 0 ? [`${categorical} categorical: Linear ${d} → ${slots}, logits`] : []),
              ...(numeric > 0 ? [`one σ<sub>x</sub>, one σ<sub>y</sub>: ${config.sigma}`] : []),
            ],
          },
        ],
        [
          box("data", "p(x<sub>j</sub> | s<sub>x</sub>)", ...outputs("x")),
          box("data", "p(w<sub>j</sub> | s<sub>w</sub>)", ...outputs("y")),
        ],
      ],
    },
  ];
}

function box(look: BoxContent["look"], ...lines: string[]): BoxContent {
  return { look, lines };
}

function transformer({ layers, heads, width, ff, norm }: TransformerConfig): BoxContent {
  return {
    look: "network",
    title: "Transformer",
    lines: [
      `${plural(layers, "layer")}, ${plural(heads, "head")}, ${norm}-norm`,
      `width ${width}, hidden ${ff}`,
    ],
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

function componentSize({ title, steps }: Component): { width: number; height: number } {
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

/** A panel with the component's steps spread over its height. */
function placeComponent(
  { title, steps }: Component,
  panel: Box,
): Pick<Diagram, "regions" | "arrows" | "texts"> {
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
