/** `npm run choices`: measures what the paper leaves open (FAITHFULNESS.md) and writes `figures/open-choices.json`. */
import "../lib/node/world.js";
import path from "node:path";
import { Command } from "commander";
import { tableText } from "../lib/figures/drawing/table.js";
import { writeWhole } from "../lib/files/whole-file.js";
import { figuresFolder } from "../lib/settings.js";
import { choiceRows, measureOpenChoices } from "../lib/studies/open-choices.js";
import { simulationPresets } from "../lib/studies/simulation-study.js";
import { progressLine } from "../lib/training/progress.js";

new Command("choices")
  .description(
    "Repeats the quick simulation study with one open choice changed at a time. Finished runs are kept, so it can be interrupted.",
  )
  .parse();

const effects = await measureOpenChoices(simulationPresets.quick, (field) => ({
  onProgress: progressLine(field.padEnd(34)),
}));
const file = path.join(figuresFolder("standard"), "open-choices.json");
writeWhole(file, `${JSON.stringify(effects, null, 1)}\n`);
console.log(tableText(choiceRows(effects)));
