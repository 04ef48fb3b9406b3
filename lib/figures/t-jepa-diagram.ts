import { featureCount } from "../models/modalities/tabular/table.js";
import type { TJepaConfig } from "../models/t-jepa.js";
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
} from "./drawing/diagram.js";
import {
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
 * T-JEPA drawn on the plan of Figure 4: what takes the place of each part of Var-T-JEPA, and, dashed, what has no
 * counterpart. Every size in it is read from the configuration.
 */
export function tJepaDiagram(config: TJepaConfig): Figure {
  return diagramFigure(tJepaArchitecture(config));
}

/** The diagram of `tJepaDiagram` as data. */
export function tJepaArchitecture(config: TJepaConfig): Diagram {
  const cells = tJepaCells(config);
  const grid = placeGrid(cells, { column: 30, lane: 26 });
  const { boxes: b, below } = grid;
  const arrows: Arrow[] = [
    ...inputArrows(grid, b.targetEncoder),
    around(side(b.sx, "bottom"), below(1), side(b.predictor, "top")),
    dashed(flow(side(b.contextEncoder, "bottom"), side(b.average, "top"))),
    dashed(flow(side(b.average, "bottom"), side(b.targetEncoder, "top"))),
    flow(side(b.auxiliary, "right"), side(b.predictor, "left")),
    flow(side(b.predictor, "right"), side(b.error, "left")),
    flow(side(b.targetEncoder, "right"), side(b.sw, "left")),
    ...throughMask(b.sw, b.stopGradient, b.error).map(dashed),
  ];
  return gridDiagram(
    cells,
    grid,
    arrows,
    [],
    [
      ["data", "data"],
      ["network", "network"],
      ["latent", "a point per token"],
      ["loss", "loss"],
      ["absent", "in Var-T-JEPA only"],
      ["context", "features in the context x"],
      ["target", "features in a target y<sub>k</sub>"],
    ],
  );
}

function dashed({ points }: Arrow): Arrow {
  return { look: "dashed", points };
}

/** The boxes, in the places of their counterparts in Figure 4. */
function tJepaCells(config: TJepaConfig) {
  const { table, masks, encoder, predictor, clsTokens, auxiliaryTokens, ema } = config;
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
      lines: [`${clsTokens} CLS + ${sizes.context} of x`, ...stackTexts(encoder), "Linear, norm"],
    },
    average: {
      column: 1,
      lane: 3,
      look: "plain",
      lines: ["moving average of the", `weights, ${ema.start} → ${ema.end}`],
    },
    targetEncoder: {
      column: 1,
      lane: 5,
      look: "network",
      title: "Target encoder",
      lines: [`${clsTokens} CLS + ${features} of w`, ...stackTexts(encoder), "Linear, norm"],
    },
    klSx: { column: 2, lane: 0, look: "absent", title: "KL<sub>sx</sub>" },
    sx: {
      column: 2,
      lane: 1,
      look: "latent",
      title: "s<sub>x</sub>",
      lines: ["one point", `${sizes.contextTokens} × ${d}`],
    },
    klZ: { column: 2, lane: 2, look: "absent", title: "z and KL<sub>z</sub>" },
    auxiliary: {
      column: 2,
      lane: 3,
      look: "network",
      title: plural(auxiliaryTokens, "auxiliary token"),
      lines: ["learned,", "alike for all rows"],
    },
    sw: {
      column: 2,
      lane: 5,
      look: "latent",
      title: "s<sub>w</sub>",
      lines: ["one point", `${features} × ${d}`],
    },
    contextDecoder: { column: 3, lane: 1, look: "absent", title: "Context decoder" },
    predictor: {
      column: 3,
      lane: 3,
      look: "network",
      title: "Predictor",
      lines: [
        `K = ${masks.targetViews} sequences of`,
        `${sizes.contextTokens} s<sub>x</sub> + ${auxiliaryTokens} auxiliary +`,
        `${sizes.target} mask tokens`,
        ...stackTexts(predictor),
      ],
      strips: [targetStrip(config)],
    },
    stopGradient: {
      column: 3,
      lane: 4,
      look: "target",
      lines: ["s<sub>w</sub> at the features in y<sub>k</sub>,", "stop gradient"],
      strips: [targetStrip(config)],
    },
    targetDecoder: { column: 3, lane: 5, look: "absent", title: "Target decoder" },
    rec: { column: 4, lane: 1, look: "absent", title: "L<sub>rec</sub>" },
    error: {
      column: 4,
      lane: 3,
      look: "loss",
      title: "Squared error",
      lines: [`mean over K = ${masks.targetViews}`, `× ${sizes.target} tokens`],
    },
    gen: { column: 4, lane: 5, look: "absent", title: "L<sub>gen</sub>" },
  } satisfies Record<string, GridCell>;
}
