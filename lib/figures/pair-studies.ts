import { generationConfig } from "../studies/generation-plan.js";
import { runGeneration, saveGeneration } from "../studies/generation-study.js";
import { pairsStudyConfig, pairsStudyNames } from "../studies/pairs-plan.js";
import { runPairsStudy, savePairsStudy } from "../studies/pairs-study.js";
import { collapseScan } from "./collapse-scan.js";
import { generationBounds } from "./generation-bounds.js";
import { boundRows, densityRows, sampleRows } from "./generation-tables.js";
import { noiseLevels } from "./noise-levels.js";
import { removalPath } from "./removal-path.js";
import { removalRows } from "./removal-table.js";
import { collapseCurves, safeguardsFigure } from "./safeguards.js";

/** Studies of pairs (terms removed, safeguards, collapse, noise, digits; generation) and what is drawn of them: functions, described where they are defined. */
export const pairStudies = {
  names: pairsStudyNames,
  config: pairsStudyConfig,
  run: runPairsStudy,
  save: savePairsStudy,
  removalPath,
  removalRows,
  safeguardsFigure,
  collapseCurves,
  collapseScan,
  noiseLevels,
  generation: {
    config: generationConfig,
    run: runGeneration,
    save: saveGeneration,
    bounds: generationBounds,
    densityRows,
    boundRows,
    sampleRows,
  },
} as const;
