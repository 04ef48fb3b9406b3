/** The paper's Figure 4: how the components of Var-T-JEPA feed each other, with the sizes of one configuration. */

import { featureCount } from "../models/modalities/tabular/table.js";
import type { VarTJepaConfig } from "../models/var-t-jepa.js";
import {
  type Arrow,
  around,
  type Diagram,
  diagramFigure,
  flow,
  type GridCell,
  gridDiagram,
  placeGrid,
  side,
  textAt,
} from "./drawing/diagram.js";
import {
  headTexts,
  inputArrows,
  inputCells,
  maskTexts,
  plural,
  stackTexts,
  targetStrip,
  throughMask,
} from "./drawing/diagram-parts.js";
import type { Figure } from "./drawing/figure.js";

/**
 * The architecture of Var-T-JEPA: what is computed from what, and where the five loss terms arise. Every size in it
 * is read from the configuration; the masks are one draw of its shares.
 */
export function figure4(config: VarTJepaConfig): Figure {
  return diagramFigure(architecture(config));
}

/** The diagram of `figure4` as data. */
export function architecture(config: VarTJepaConfig): Diagram {
  const cells = architectureCells(config);
  const grid = placeGrid(cells, { column: 30, lane: 26 });
  const { boxes: b, below } = grid;
  const pooled = side(b.auxiliary, "bottom", 0.45);
  const arrows: Arrow[] = [
    ...inputArrows(grid, b.targetPosterior),
    flow(side(b.sx, "right"), side(b.contextDecoder, "left")),
    flow(side(b.contextDecoder, "right"), side(b.rec, "left")),
    around(side(b.sx, "bottom"), below(1), side(b.auxiliary, "top")),
    around(side(b.sx, "bottom"), below(1), side(b.predictor, "top")),
    flow(side(b.auxiliary, "right"), side(b.z, "left")),
    flow(side(b.z, "right"), side(b.predictor, "left")),
    flow(side(b.predictor, "right"), side(b.klSy, "left")),
    flow(pooled, { x: pooled.x, y: b.targetPosterior.y }),
    around(side(b.z, "bottom", 0.3), below(4), side(b.targetPosterior, "top", 0.85)),
    flow(side(b.targetPosterior, "right"), side(b.sw, "left")),
    flow(side(b.sw, "right"), side(b.targetDecoder, "left")),
    flow(side(b.targetDecoder, "right"), side(b.gen, "left")),
    ...throughMask(b.sw, b.inTarget, b.klSy),
    { look: "loss", points: [side(b.klSx, "bottom"), side(b.sx, "top")] },
    { look: "loss", points: [side(b.klZ, "bottom"), side(b.z, "top")] },
  ];
  const note = textAt(`${config.poolTokens} pooled s<sub>x</sub>`, { x: pooled.x, y: below(3) });
  return gridDiagram(
    cells,
    grid,
    arrows,
    [{ ...note, x: pooled.x - 7 - note.width / 2 }],
    [
      ["data", "data"],
      ["network", "network"],
      ["latent", "latent: a sample of a Gaussian per token"],
      ["loss", "loss term"],
      ["context", "features in the context x"],
      ["target", "features in a target y<sub>k</sub>"],
    ],
  );
}

/** The boxes, left to right: input, encoders, latents, predictor and decoders, loss. */
function architectureCells(config: VarTJepaConfig) {
  const { table, masks, encoder, predictor, clsTokens, poolTokens, auxiliaryLayers, targetSamples } = config;
  const d = encoder.width;
  const features = featureCount(table);
  const sizes = maskTexts(masks, features, clsTokens);
  return {
    ...inputCells(config),
    contextEncoder: {
      column: 1,
      lane: 1,
      look: "network",
      title: "Context encoder",
      lines: [`${clsTokens} CLS + ${sizes.context} of x`, ...stackTexts(encoder), "heads μ, log σ²"],
    },
    auxiliary: {
      column: 1,
      lane: 3,
      look: "network",
      title: "Auxiliary encoder",
      lines: [
        `attention pool to ${plural(poolTokens, "token")}`,
        `${auxiliaryLayers} × Linear, norm, GELU`,
        "heads μ, log σ²",
      ],
    },
    targetPosterior: {
      column: 1,
      lane: 5,
      look: "network",
      title: "Target posterior",
      lines: [
        `${clsTokens} CLS + ${poolTokens} s<sub>x</sub> + 1 z + ${features} of w`,
        ...stackTexts(encoder),
        "heads μ, log σ²",
      ],
    },
    klSx: { column: 2, lane: 0, look: "loss", title: "KL<sub>sx</sub>", lines: ["to N(0, I), over x"] },
    sx: {
      column: 2,
      lane: 1,
      look: "latent",
      title: "s<sub>x</sub>",
      lines: ["∼ q(s<sub>x</sub> | x)", `${sizes.contextTokens} × ${d}`],
    },
    klZ: { column: 2, lane: 2, look: "loss", title: "KL<sub>z</sub>", lines: ["to N(0, I)"] },
    z: { column: 2, lane: 3, look: "latent", title: "z", lines: ["∼ q(z | s<sub>x</sub>)", `1 × ${d}`] },
    sw: {
      column: 2,
      lane: 5,
      look: "latent",
      title: "s<sub>w</sub>",
      lines: [
        "∼ q(s<sub>w</sub> | s<sub>x</sub>, z, w)",
        `${features} × ${d}`,
        plural(targetSamples, "sample"),
      ],
    },
    contextDecoder: {
      column: 3,
      lane: 1,
      look: "network",
      title: "Context decoder",
      lines: ["a head per feature", ...headTexts(table, "σ<sub>x</sub>")],
    },
    predictor: {
      column: 3,
      lane: 3,
      look: "network",
      title: "Predictor",
      lines: [
        `K = ${masks.targetViews} sequences of`,
        `${sizes.contextTokens} s<sub>x</sub> + ${sizes.target} mask tokens,`,
        "z added to each",
        ...stackTexts(predictor),
        "p(s<sub>yk</sub> | s<sub>x</sub>, z): μ, log σ²",
      ],
      strips: [targetStrip(config)],
    },
    inTarget: {
      column: 3,
      lane: 4,
      look: "target",
      lines: ["q(s<sub>w</sub> | …) at the features in y<sub>k</sub>"],
      strips: [targetStrip(config)],
    },
    targetDecoder: {
      column: 3,
      lane: 5,
      look: "network",
      title: "Target decoder",
      lines: ["a head per feature", ...headTexts(table, "σ<sub>y</sub>")],
    },
    rec: {
      column: 4,
      lane: 1,
      look: "loss",
      title: "L<sub>rec</sub>",
      lines: ["−log p(x | s<sub>x</sub>)", "mean over x"],
    },
    klSy: {
      column: 4,
      lane: 3,
      look: "loss",
      title: "KL<sub>sy</sub>",
      lines: ["KL(q ‖ p)", `mean over K = ${masks.targetViews}`, `× ${sizes.target} tokens`],
    },
    gen: {
      column: 4,
      lane: 5,
      look: "loss",
      title: "L<sub>gen</sub>",
      lines: ["−log p(w | s<sub>w</sub>)", `mean over ${features}`],
    },
  } satisfies Record<string, GridCell>;
}
