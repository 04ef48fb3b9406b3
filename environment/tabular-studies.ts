/** `npm run studies`: runs the studies of real tables and writes their results to `figures/`. */
import { Argument, Command } from "commander";
import {
  choicesStudy,
  letterStudy,
  objectivesStudy,
  quickStudies,
} from "../lib/experiments/tabular-studies.js";
import {
  runTabularStudy,
  saveTabularStudy,
  type TabularStudy,
  type TabularStudyConfig,
} from "../lib/experiments/tabular-study.js";
import { figuresFolder } from "../lib/settings.js";
import { progressLine } from "../lib/training/progress.js";

/** Result files of the studies, without ending. */
const studies: Record<string, { file: string; configs: () => TabularStudyConfig[] }> = {
  adult: { file: "adult-objectives", configs: () => [objectivesStudy("standard")] },
  letter: { file: "adult-letter", configs: () => [letterStudy()] },
  choices: { file: "adult-choices", configs: () => [choicesStudy()] },
  quick: { file: "tabular-quick", configs: quickStudies },
};

const program = new Command("studies")
  .description(
    "Runs studies of Var-T-JEPA and T-JEPA on real tables: adult (three seeds, standard preset), letter (Adult with Table 7 to the letter, one seed), choices (what lets a predictor " +
      "learn, one choice taken back at a time), quick (all seven data sets). Data come from VARJEPA_DATA, the cache or a download. Whatever is finished is " +
      "kept in runs/, a training even after every epoch, so a study can be interrupted and goes on.",
  )
  .addArgument(new Argument("<study...>", "which ones").choices(Object.keys(studies)))
  .parse();

for (const name of program.args) {
  const { file, configs } = studies[name];
  const done: TabularStudy[] = [];
  for (const config of configs())
    done.push(
      await runTabularStudy(config, { onProgress: progressLine(`${name} ${config.dataset}`.padEnd(24)) }),
    );
  await saveTabularStudy(file, done.length === 1 ? done[0] : done, figuresFolder("standard"));
}
