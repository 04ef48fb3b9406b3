import { pairsStudyConfig, pairsStudyNames } from "../studies/pairs-plan.js";
import { runPairsStudy, savePairsStudy } from "../studies/pairs-study.js";
import { collapseScan } from "./collapse-scan.js";
import { noiseLevels } from "./noise-levels.js";
import { removalPath } from "./removal-path.js";
import { removalRows } from "./removal-table.js";
import { collapseCurves, safeguardsFigure } from "./safeguards.js";

/** Studies of pairs (terms removed, safeguards, collapse, noise, digits) and what is drawn of them: functions, described where they are defined. */
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
} as const;
