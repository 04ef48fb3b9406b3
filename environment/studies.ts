/** `npm run studies`: runs studies, whole or in parts, and writes their results to `figures/`. */
import "../lib/node/world.js";
import path from "node:path";
import { Argument, Command } from "commander";
import { figuresFolder, type Preset } from "../lib/settings.js";
import type { Cell } from "../lib/studies/cell.js";
import { saveDownstream, saveSensitivity } from "../lib/studies/downstream-files.js";
import {
  type DownstreamConfig,
  downstreamPaper,
  downstreamStandard,
} from "../lib/studies/downstream-plan.js";
import { planDownstream, planSensitivity } from "../lib/studies/downstream-study.js";
import { generationConfig } from "../lib/studies/generation-plan.js";
import { planGeneration, saveGeneration } from "../lib/studies/generation-study.js";
import { type PairsStudyName, pairsStudyConfig, pairsStudyNames } from "../lib/studies/pairs-plan.js";
import { planPairsStudy, savePairsStudy } from "../lib/studies/pairs-study.js";
import {
  type PlanOptions,
  type PlanOutcome,
  runPlan,
  type StageState,
  type StudyPlan,
  stateOf,
} from "../lib/studies/run-plan.js";
import {
  type SensitivityConfig,
  sensitivityPaper,
  sensitivityStandard,
} from "../lib/studies/sensitivity-plan.js";
import { parseBudget, parseShard, type Shard } from "../lib/studies/share.js";
import {
  planSimulationStudy,
  saveSimulationStudy,
  simulationPresets,
} from "../lib/studies/simulation-study.js";
import { planSpread, saveSpread, spreadConfig } from "../lib/studies/spread-study.js";
import { mergeCells, packCells, runsFolder } from "../lib/studies/store.js";
import { resolveRun } from "../lib/studies/tabular-run.js";
import {
  choicesStudy,
  imputationStudies,
  letterStudy,
  longerImputationStudies,
  objectivesStudy,
  quickStudies,
} from "../lib/studies/tabular-studies.js";
import {
  planTabularStudy,
  saveTabularStudies,
  saveTabularStudy,
  type TabularStudyConfig,
} from "../lib/studies/tabular-study.js";
import { visionConfig } from "../lib/studies/vision-plan.js";
import { planVision, saveVision } from "../lib/studies/vision-study.js";
import { clock, progressLine } from "../lib/training/progress.js";

/** What is left of a study, and whether its results could be written. */
interface Part {
  readonly left: PlanOutcome<unknown>["left"];
  readonly written: boolean;
}

/** A study by name. */
interface Runnable {
  /** Runs it, or the part of it that the options say. */
  run(name: string, options: PlanOptions): Promise<Part>;
  /** How far that part is; makes nothing. */
  state(shard?: Shard): Promise<StageState[]>;
  /** Its cells. */
  cells(): Promise<readonly Cell[]>;
}

/**
 * A study of one plan or several, whose results are written when every plan gave some, or one did where each is worth having by
 * itself (`inPart`): all its cells are finished, or it is worth having with some missing. Each plan has a word for its progress line.
 */
function runnable<Input, Result extends { readonly seconds: number }, Study>(
  plans: () => readonly (readonly [word: string, plan: () => Promise<StudyPlan<Input, Result, Study>>])[],
  save: (studies: Study[]) => void | Promise<void>,
  inPart = false,
): Runnable {
  return {
    async run(name, options) {
      const began = performance.now();
      const studies: Study[] = [];
      const left: Part["left"][number][] = [];
      const all = plans();
      for (const [word, plan] of all) {
        const spent = (performance.now() - began) / 1000;
        const outcome = await runPlan(await plan(), {
          ...options,
          budgetSeconds: options.budgetSeconds && options.budgetSeconds - spent,
          onProgress: progressLine(
            [name, word]
              .join(" ")
              .trim()
              .padEnd(word ? 24 : 0),
          ),
        });
        left.push(...outcome.left);
        if (outcome.study) studies.push(outcome.study);
      }
      const written = studies.length === all.length || (inPart && studies.length > 0);
      if (written) await save(studies);
      return { left, written };
    },
    async state(shard) {
      const states: StageState[] = [];
      for (const [, plan] of plans()) states.push(...stateOf((await plan()).cells, shard));
      return states;
    },
    async cells() {
      const cells: Cell[] = [];
      for (const [, plan] of plans()) cells.push(...(await plan()).cells);
      return cells;
    },
  };
}

const tabular = (file: string, configs: () => TabularStudyConfig[]) =>
  runnable(
    () => configs().map((config) => [config.dataset, () => planTabularStudy(config)] as const),
    (studies) =>
      saveTabularStudy(file, studies.length === 1 ? studies[0] : studies, figuresFolder("standard")),
  );

/** One table after the other; those that are finished are written. */
const tables = (file: string, configs: () => TabularStudyConfig[]) =>
  runnable(
    () =>
      configs().map((config) => {
        const { rows } = resolveRun({ ...config, family: config.arms[0].family, seed: 1 });
        const word = rows ? `${config.dataset}, ${rows} rows` : config.dataset;
        return [word, () => planTabularStudy(config)] as const;
      }),
    (studies) => saveTabularStudies(file, configs(), studies, figuresFolder("standard")),
    true,
  );

/** Where results of the paper's size go. */
const paperFolder = path.join(figuresFolder("standard"), "paper");

const downstream = (config: DownstreamConfig, folder: string) =>
  runnable(
    () => [["", () => planDownstream(config)]],
    ([study]) => saveDownstream(study, folder),
  );

const sensitivity = (config: SensitivityConfig, folder: string) =>
  runnable(
    () => [["", () => planSensitivity(config)]],
    ([study]) => saveSensitivity(study, folder),
  );

const pairs = (names: readonly PairsStudyName[], preset: Preset) =>
  runnable(
    () =>
      names.map(
        (name) =>
          [names.length > 1 ? name : "", () => planPairsStudy(pairsStudyConfig(name, preset))] as const,
      ),
    (results) => results.forEach(savePairsStudy),
  );

const generation = (preset: Preset) =>
  runnable(
    () => [["", () => planGeneration(generationConfig(preset))]],
    ([study]) => saveGeneration(study),
  );

const vision = (preset: Preset) =>
  runnable(
    () => [["", () => planVision(visionConfig(preset))]],
    ([study]) => saveVision(study),
  );

const studies: Record<string, Runnable> = {
  simulation: runnable(
    () => [["", () => planSimulationStudy(simulationPresets.standard)]],
    ([study]) => saveSimulationStudy(study),
  ),
  ...Object.fromEntries(pairsStudyNames.map((name) => [name, pairs([name], "standard")])),
  "pairs-quick": pairs(pairsStudyNames, "quick"),
  generation: generation("standard"),
  "generation-quick": generation("quick"),
  vision: vision("standard"),
  "vision-quick": vision("quick"),
  adult: tabular("adult-objectives", () => [objectivesStudy("standard")]),
  letter: tabular("adult-letter", () => [letterStudy()]),
  choices: tabular("adult-choices", () => [choicesStudy()]),
  imputation: tables("imputation", imputationStudies),
  longer: tables("imputation-longer", longerImputationStudies),
  spread: runnable(
    () => [["", () => planSpread(spreadConfig())]],
    ([study]) => saveSpread(study),
  ),
  quick: tabular("tabular-quick", quickStudies),
  downstream: downstream(downstreamStandard, figuresFolder("standard")),
  sensitivity: sensitivity(sensitivityStandard, figuresFolder("standard")),
  "downstream-paper": downstream(downstreamPaper, paperFolder),
  "sensitivity-paper": sensitivity(sensitivityPaper, paperFolder),
};

interface Options {
  readonly shard?: Shard;
  readonly budget?: number;
  readonly dryRun?: boolean;
}

async function runStudies(names: string[], { shard, budget, dryRun }: Options): Promise<void> {
  const began = performance.now();
  for (const name of names) {
    if (dryRun) {
      console.log(stateText(name, await studies[name].state(shard)));
      continue;
    }
    const spent = (performance.now() - began) / 1000;
    const { left, written } = await studies[name].run(name, {
      shard,
      budgetSeconds: budget && budget - spent,
    });
    if (left.length > 0) console.log(`${name}: ${whatIsLeft(left)}`);
    else if (!written)
      console.log(
        `${name}: this part is finished; merge the folders of the others, then run it without --shard to write its results`,
      );
  }
}

/** A line for every stage, and their sum. */
function stateText(name: string, states: readonly StageState[]): string {
  const sum = (of: (state: StageState) => number) => states.reduce((total, state) => total + of(state), 0);
  const total = {
    ...{ study: name, stage: "in all", done: sum(({ done }) => done), left: sum(({ left }) => left) },
    ...{ seconds: sum(({ seconds }) => seconds), unknown: sum(({ unknown }) => unknown) },
  };
  return [...states, total]
    .map(({ study, stage, done, left, seconds, unknown }) => {
      const counts = `${String(done).padStart(5)} done, ${String(left).padStart(5)} left`;
      return `${study.padEnd(24)} ${stage.padEnd(20)} ${counts}${left > 0 ? `: ${time(seconds, left, unknown)}` : ""}`;
    })
    .join("\n");
}

/** What so many cells take, as far as is known. */
function time(seconds: number, cells: number, unknown: number): string {
  const parts = [
    ...(unknown < cells ? [`at most ${clock(seconds)} of one process`] : []),
    ...(unknown > 0 ? [`${unknown} of unknown length`] : []),
  ];
  return parts.join(", and ");
}

/** Cells that are named when a budget ends; more are counted. */
const MOST_NAMES = 20;

function whatIsLeft(left: Part["left"]): string {
  const known = left.flatMap(({ seconds }) => seconds ?? []);
  const seconds = known.reduce((total, seconds) => total + seconds, 0);
  const shown = left.slice(0, MOST_NAMES).map(({ name }) => `  ${name}`);
  const names = [
    ...shown,
    ...(left.length > shown.length
      ? [`  and ${left.length - shown.length} more (--dry-run counts them)`]
      : []),
  ].join("\n");
  return `${left.length} cells do not fit into the budget, ${time(seconds, left.length, left.length - known.length)}; the same command goes on:\n${names}`;
}

const program = new Command("studies").description(
  "Runs studies (simulation, pairs, tables, downstream, sensitivity, the latter two at the paper's size too) and writes their results to figures/. Finished cells are kept in runs/ (VARJEPA_RUNS), a training even after every epoch, so a study can be killed and goes on; several processes can " +
    "work in one folder, and folders of several machines can be merged.",
);
program
  .command("run", { isDefault: true })
  .description(
    "Runs: simulation (Table 1, Figure 2, standard preset), removal, safeguards, collapse, noise and digits (from Var-JEPA to a JEPA term by term, what keeps a JEPA from collapse, when a posterior collapses, whether uncertainty follows noise, and every configuration on digits, standard preset), pairs-quick (these five, quick preset), generation (y drawn given x, on simulated pairs, halves and corrupted digits, beside regressions and the truth, standard preset), generation-quick (the same, quick preset), vision (Var-I-JEPA and its deterministic twin on patches of digits: blocks that are hidden, features, beside what nobody trained, three seeds, standard preset), vision-quick (the same, quick preset), adult (three seeds, standard preset), letter (Adult with Table 7 to the letter, one seed), choices (what lets a predictor learn, " +
      "one choice taken back at a time), imputation (hidden columns of three tables and of 1,000 rows of each, three seeds), longer (Adult and Bank for imputation with three times as many updates, one seed), spread (what linear models and boosted trees gain on these by a deviation that follows the row), quick (all seven data sets), downstream (Tables 2 and 3, Figure 3, medium preset), sensitivity (Tables 4 and 5, quick preset), downstream-paper and " +
      "sensitivity-paper (the same at the paper's size, to figures/paper; environment/cluster has files for Slurm and Kubernetes). Data come from VARJEPA_DATA, the cache or a download. Result files are written once no cell is missing, those of imputation and longer table by table, those of pairs, generation, vision, spread, downstream and sensitivity " +
      "whatever is missing in them, unless there is a file that holds more; of a shard none.",
  )
  .addArgument(new Argument("<study...>", "which ones").choices(Object.keys(studies)))
  .option("--shard <i/n>", "only the i-th of n parts, e.g. 1/3 on the first of three machines", parseShard)
  .option(
    "--budget <time>",
    "begin no cell that would not be finished in this time, e.g. 3h or 1h30m, as far as is known from cells like it",
    parseBudget,
  )
  .option(
    "--dry-run",
    "compute nothing; say what is finished, what is left and, from finished cells, how long that takes",
  )
  .action(runStudies);
program
  .command("merge")
  .description(
    "Copies finished cells of other folders into runs/ (VARJEPA_RUNS), trainings with their models, or those of a file that pack wrote. Afterwards `run` goes on from there and writes the result files.",
  )
  .argument("<from...>", "the runs/ of other machines, or files such as figures/cells/downstream.jsonl")
  .action((sources: string[]) => {
    for (const source of sources) {
      const { copied, known } = mergeCells(source);
      console.log(
        copied + known === 0
          ? `${source} holds no finished cell`
          : `${source}: ${copied} cells copied, ${known} were in ${runsFolder()} already`,
      );
    }
  });
program
  .command("pack")
  .description(
    "Writes the finished cells of studies to figures/cells/<study>.jsonl, without models, so that another machine goes on from there: `merge` takes such a file. Cells of the study that it holds already are kept; others, of an earlier plan, are dropped, which is said.",
  )
  .addArgument(new Argument("<study...>", "which ones").choices(Object.keys(studies)))
  .action(async (names: string[]) => {
    for (const name of names) {
      const file = path.join(figuresFolder("standard"), "cells", `${name}.jsonl`);
      const cells = await studies[name].cells();
      const { held, dropped } = packCells(cells, file);
      const others = dropped > 0 ? `; ${dropped} that the study no longer asks for are dropped` : "";
      console.log(`${file}: ${held} finished cells${others}`);
    }
  });

await program.parseAsync().catch((error: Error) => program.error(`error: ${error.message}`));
