/** `npm run studies`: runs studies, whole or in parts, and writes their results to `figures/`. */
import "../lib/node/world.js";
import path from "node:path";
import { Argument, Command } from "commander";
import { figuresFolder } from "../lib/settings.js";
import { saveDownstream, saveSensitivity } from "../lib/studies/downstream-files.js";
import type { DownstreamJob, DownstreamResult } from "../lib/studies/downstream-job.js";
import {
  type DownstreamConfig,
  downstreamPaper,
  downstreamStandard,
  type SensitivityConfig,
  sensitivityPaper,
  sensitivityStandard,
} from "../lib/studies/downstream-plan.js";
import { planDownstream, planSensitivity } from "../lib/studies/downstream-study.js";
import { type PlanOptions, type PlanOutcome, runPlan, type StudyPlan } from "../lib/studies/run-plan.js";
import { parseBudget, parseShard } from "../lib/studies/share.js";
import {
  planSimulationStudy,
  saveSimulationStudy,
  simulationPresets,
} from "../lib/studies/simulation-study.js";
import { mergeCells, runsFolder } from "../lib/studies/store.js";
import { choicesStudy, letterStudy, objectivesStudy, quickStudies } from "../lib/studies/tabular-studies.js";
import {
  planTabularStudy,
  saveTabularStudy,
  type TabularStudy,
  type TabularStudyConfig,
} from "../lib/studies/tabular-study.js";
import { clock, progressLine } from "../lib/training/progress.js";

/** Runs a study, or the part of it that the options say. */
type Run = (options: PlanOptions) => Promise<Part>;

/** What is left of that part, and whether the results could be written. */
interface Part {
  readonly left: PlanOutcome<unknown>["left"];
  readonly written: boolean;
}

/** Runs a study of some data sets; its result file is written when nothing of it is left. */
const tabular =
  (name: string, file: string, configs: () => TabularStudyConfig[]): Run =>
  async (options) => {
    const began = performance.now();
    const done: TabularStudy[] = [];
    const left: Part["left"][number][] = [];
    const all = configs();
    for (const config of all) {
      const spent = (performance.now() - began) / 1000;
      const outcome = await runPlan(await planTabularStudy(config), {
        ...options,
        budgetSeconds: options.budgetSeconds && options.budgetSeconds - spent,
        onProgress: progressLine(`${name} ${config.dataset}`.padEnd(24)),
      });
      left.push(...outcome.left);
      if (outcome.study) done.push(outcome.study);
    }
    const written = done.length === all.length;
    if (written) await saveTabularStudy(file, done.length === 1 ? done[0] : done, figuresFolder("standard"));
    return { left, written };
  };

/** Where results of the paper's size go. */
const paperFolder = path.join(figuresFolder("standard"), "paper");

/** Runs a study whose results are written whatever is left of it: what no run has produced is missing in them. */
const inParts =
  <Study>(
    name: string,
    plan: () => Promise<StudyPlan<DownstreamJob, DownstreamResult, Study>>,
    save: (study: Study) => void,
  ): Run =>
  async (options) => {
    const { study, left } = await runPlan(await plan(), { ...options, onProgress: progressLine(name) });
    if (study) save(study);
    return { left, written: study !== undefined };
  };

const downstream = (name: string, config: DownstreamConfig, folder: string): Run =>
  inParts(
    name,
    () => planDownstream(config),
    (study) => saveDownstream(study, folder),
  );

const sensitivity = (name: string, config: SensitivityConfig, folder: string): Run =>
  inParts(
    name,
    () => planSensitivity(config),
    (study) => saveSensitivity(study, folder),
  );

const studies: Record<string, Run> = {
  simulation: async (options) => {
    const plan = await planSimulationStudy(simulationPresets.standard);
    const { study, left } = await runPlan(plan, { ...options, onProgress: progressLine("simulation") });
    if (study) await saveSimulationStudy(study);
    return { left, written: study !== undefined };
  },
  adult: tabular("adult", "adult-objectives", () => [objectivesStudy("standard")]),
  letter: tabular("letter", "adult-letter", () => [letterStudy()]),
  choices: tabular("choices", "adult-choices", () => [choicesStudy()]),
  quick: tabular("quick", "tabular-quick", quickStudies),
  downstream: downstream("downstream", downstreamStandard, figuresFolder("standard")),
  sensitivity: sensitivity("sensitivity", sensitivityStandard, figuresFolder("standard")),
  "downstream-paper": downstream("downstream-paper", downstreamPaper, paperFolder),
  "sensitivity-paper": sensitivity("sensitivity-paper", sensitivityPaper, paperFolder),
};

interface Options {
  readonly shard?: PlanOptions["shard"];
  readonly budget?: number;
}

async function runStudies(names: string[], { shard, budget }: Options): Promise<void> {
  const began = performance.now();
  for (const name of names) {
    const spent = (performance.now() - began) / 1000;
    const { left, written } = await studies[name]({ shard, budgetSeconds: budget && budget - spent });
    if (left.length > 0) console.log(`${name}: ${whatIsLeft(left)}`);
    else if (!written)
      console.log(
        `${name}: this part is finished; merge the folders of the others, then run it without --shard to write its results`,
      );
  }
}

function whatIsLeft(left: Part["left"]): string {
  const known = left.flatMap(({ seconds }) => seconds ?? []);
  const parts = [
    ...(known.length > 0
      ? [`${clock(known.reduce((total, seconds) => total + seconds, 0))} of one process`]
      : []),
    ...(known.length < left.length ? [`${left.length - known.length} of unknown length`] : []),
  ];
  const names = left.map(({ name }) => `  ${name}`).join("\n");
  return `${left.length} cells do not fit into the budget, ${parts.join(", and ")}; the same command goes on:\n${names}`;
}

const program = new Command("studies").description(
  "Runs studies and writes their results to figures/. Finished cells are kept in runs/ (VARJEPA_RUNS), a training even after every epoch, so a study can be killed and goes on; several processes can " +
    "work in one folder, and folders of several machines can be merged.",
);
program
  .command("run", { isDefault: true })
  .description(
    "Runs: simulation (Table 1, Figure 2, standard preset), adult (three seeds, standard preset), letter (Adult with Table 7 to the letter, one seed), choices (what lets a predictor learn, " +
      "one choice taken back at a time), quick (all seven data sets). Data come from VARJEPA_DATA, the cache or a download. Result files are written once no cell is missing.",
  )
  .addArgument(new Argument("<study...>", "which ones").choices(Object.keys(studies)))
  .option("--shard <i/n>", "only the i-th of n parts, e.g. 1/3 on the first of three machines", parseShard)
  .option(
    "--budget <time>",
    "begin no cell that would not be finished in this time, e.g. 3h or 1h30m, as far as is known from cells like it",
    parseBudget,
  )
  .action(runStudies);
program
  .command("merge")
  .description(
    "Copies finished cells of other folders into runs/ (VARJEPA_RUNS), trainings with their models. Afterwards `run` writes the result files.",
  )
  .argument("<folder...>", "the runs/ of other machines")
  .action((folders: string[]) => {
    for (const folder of folders) {
      const { copied, known } = mergeCells(folder);
      console.log(`${folder}: ${copied} cells copied, ${known} were in ${runsFolder()} already`);
    }
  });

await program.parseAsync().catch((error: Error) => program.error(`error: ${error.message}`));
