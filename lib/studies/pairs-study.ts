/** The studies of pairs: their cells, and what is put together from them. */
import { digitPairs } from "../data/digit-pairs.js";
import type { Views } from "../data/simulation.js";
import { startEngine } from "../engine/backend.js";
import { world } from "../engine/world.js";
import { mean, rangeOf } from "../moments.js";
import { figuresFolder } from "../settings.js";
import { engineKind } from "./cell.js";
import type { Claim } from "./claim.js";
import { collapseClaims } from "./collapse-claims.js";
import { digitClaims } from "./digit-claims.js";
import { noiseClaims } from "./noise-claims.js";
import { type PairsCell, type PairsMeasured, pairsCells } from "./pairs-cells.js";
import {
  type ChangedSetting,
  type PairsStudyConfig,
  type PairsStudyName,
  pairsSettingsOf,
} from "./pairs-plan.js";
import type { PairsRunInput, PairsRunResult, SpreadPoint } from "./pairs-run.js";
import { planInPart } from "./plan-in-part.js";
import type { RunsProvenance } from "./provenance.js";
import { removalClaims } from "./removal-claims.js";
import { writeResults } from "./result-files.js";
import { type PlannedCell, type PlanOptions, runWhole, type StudyPlan } from "./run-plan.js";
import { safeguardClaims } from "./safeguard-claims.js";
import type { FinishedCell } from "./store.js";

/** How far s_x spreads over training, the geometric mean over runs, and the least and the most of them. */
export interface SpreadCurve {
  readonly configuration: string;
  readonly setting?: string;
  readonly points: readonly (SpreadPoint & { readonly least: number; readonly most: number })[];
}

/** A study, or what there is of it. */
export interface PairsStudy {
  readonly cells: readonly PairsCell[];
  readonly claims: readonly Claim[];
  readonly curves: readonly SpreadCurve[];
  readonly provenance: RunsProvenance<PairsStudyConfig>;
}

const CONTROLS = "controls";

const claimsOf: Record<
  PairsStudyName,
  (measured: readonly PairsMeasured[], config: PairsStudyConfig) => Claim[]
> = {
  removal: removalClaims,
  safeguards: safeguardClaims,
  collapse: collapseClaims,
  noise: noiseClaims,
  digits: digitClaims,
};

/**
 * A study of pairs as cells, one for every setting, run and configuration, those that are asked for under two names once.
 * @throws when a configuration is not known.
 */
export async function planPairsStudy(
  config: PairsStudyConfig,
): Promise<StudyPlan<PairsRunInput, PairsRunResult, PairsStudy>> {
  const engine = await startEngine();
  const { study, configurations, controlsOf, changed, runs, seed, data, scoring } = config;
  const kind = engineKind(engine);
  const sum = "digits" in data ? viewsSha256(digitPairs(data)) : undefined;
  // Run by run, so that what is stopped midway has the same runs of every configuration.
  const cells = [undefined, ...changed].flatMap((setting) =>
    Array.from({ length: runs }, (_, run) => run).flatMap((run) =>
      [CONTROLS, ...configurations].map((name) => {
        const measured = name === CONTROLS ? "controls" : "trained";
        const settings = pairsSettingsOf(name === CONTROLS ? controlsOf : name, config, setting);
        const drawn = { ...data, ...setting?.data };
        const deciding = { measured, ...settings, seed, data: drawn, scoring } as const;
        return {
          name,
          setting,
          cell: {
            ...{ study, arm: [name, setting?.name ?? ""].join(" ").trim(), seed: run, engine: kind },
            ...{ computations: ["pairs"], configuration: deciding, data: sum, input: { ...deciding, run } },
            stage: measured,
          } satisfies PlannedCell<PairsRunInput>,
        };
      }),
    ),
  );
  const program = new URL("./pairs-run.js", import.meta.url);
  return planInPart<PairsRunInput, PairsRunResult, PairsStudyConfig, PairsStudy>(
    { config, engine, program, cells: cells.map(({ cell }) => cell) },
    (found, provenance) => {
      const measured = found.flatMap((own, i) =>
        Object.entries(own?.result.measures ?? {}).map(
          ([name, measures]): PairsMeasured => ({
            configuration: cells[i].name === CONTROLS ? name : cells[i].name,
            ...named(cells[i].setting),
            run: cells[i].cell.seed,
            measures,
          }),
        ),
      );
      return {
        cells: pairsCells(measured),
        claims: claimsOf[study](measured, config),
        curves: study === "safeguards" ? spreadCurves(cells, found) : [],
        provenance,
      };
    },
  );
}

/** Sum of all that is read. */
function viewsSha256(parts: Readonly<Record<string, Views>>): string {
  const { sha256 } = world();
  return sha256(Object.values(parts).flatMap(({ x, y, labels }) => [x, y, labels]));
}

const named = (setting?: ChangedSetting) => (setting ? { setting: setting.name } : {});

/**
 * Runs what is not on disk yet and puts the study together.
 * @throws when a configuration is not known, or a run fails; finished runs are kept.
 */
export async function runPairsStudy(
  config: PairsStudyConfig,
  { onProgress }: Pick<PlanOptions, "onProgress"> = {},
): Promise<PairsStudy> {
  return runWhole(await planPairsStudy(config), onProgress);
}

function spreadCurves(
  cells: readonly { readonly name: string; readonly setting?: ChangedSetting }[],
  found: readonly (FinishedCell<PairsRunResult> | undefined)[],
): SpreadCurve[] {
  const groups = new Map<
    string,
    { readonly of: Omit<SpreadCurve, "points">; curves: PairsRunResult["curve"][] }
  >();
  cells.forEach(({ name, setting }, i) => {
    const own = found[i];
    if (name === CONTROLS || !own) return;
    const key = JSON.stringify([name, setting?.name]);
    const group = groups.get(key) ?? { of: { configuration: name, ...named(setting) }, curves: [] };
    group.curves.push(own.result.curve);
    groups.set(key, group);
  });
  return [...groups.values()].map(({ of, curves }) => ({
    ...of,
    points: curves[0].map(({ step }, i) => {
      const ratios = curves.map((curve) => curve[i].varianceRatio);
      const [least, most] = rangeOf(ratios);
      return {
        step,
        varianceRatio: Math.exp(mean(ratios.map(Math.log))),
        effectiveRank: mean(curves.map((curve) => curve[i].effectiveRank)),
        least,
        most,
      };
    }),
  }));
}

/**
 * Writes the study's JSON (cells, claims, provenance; the safeguards' curves too) to the figures folder, a line for every cell. A file
 * that holds more is left as it is, which is said.
 * @throws CannotWrite
 */
export function savePairsStudy({ curves, ...table }: PairsStudy): void {
  const { study, preset } = table.provenance.config;
  writeResults(figuresFolder(preset), `${study}.json`, {
    ...table,
    ...(study === "safeguards" && { curves }),
  });
}
