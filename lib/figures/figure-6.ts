/** The paper's Figure 6: the six components of Var-T-JEPA one by one, with the tokens that each of them reads. */
import type { TransformerConfig } from "../layers/transformer.js";
import { featureCount } from "../models/modalities/tabular/table.js";
import type { VarTJepaConfig } from "../models/var-t-jepa.js";
import { type BoxContent, type Diagram, diagramFigure } from "./drawing/diagram.js";
import { maskTexts, plural } from "./drawing/diagram-parts.js";
import type { Figure } from "./drawing/figure.js";
import { type StepPanel, stepPanels } from "./drawing/step-panels.js";

/** The six components in the order of a pass. Every size is read from the configuration. */
export function figure6(config: VarTJepaConfig): Figure {
  return diagramFigure(componentDiagram(config));
}

/** The diagram of `figure6` as data. */
export function componentDiagram(config: VarTJepaConfig): Diagram {
  return stepPanels(componentsOf(config), 3);
}

function componentsOf(config: VarTJepaConfig): StepPanel[] {
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
