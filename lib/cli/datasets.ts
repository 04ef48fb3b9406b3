import type { Command } from "commander";
import { dataSets } from "../data/datasets/index.js";
import { tableText } from "../figures/drawing/table.js";
import { type PublishedDataSet, publishedTable6 } from "../papers/var-jepa/published-table-6.js";
import { examples } from "./options.js";
import { print } from "./progress.js";

/** `datasets`: the names that may stand in place of a file. */
export function addDatasets(program: Command): void {
  program
    .command("datasets")
    .summary("the seven data sets of the paper")
    .description(
      "Lists the data sets whose names may be given in place of a CSV file, with the counts of the paper's Table 6. Original " +
        "files are taken from the folder VARJEPA_DATA, the cache or the donors' server, and checked; mnist and sim need none.",
    )
    .addHelpText("after", examples("datasets"))
    .action(() => print(tableText(dataSetRows())));
}

function dataSetRows(): object[] {
  return dataSets.map(({ name, code, title, licence }) => {
    const { rows, features, classes }: Partial<PublishedDataSet> = code ? publishedTable6[code] : {};
    return { name, rows, features, classes, licence: licence ?? "generated, none needed", source: title };
  });
}
