/** `npm run book`: makes a static site of the executed notebooks, checks its links, and serves it when asked to. */
import path from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { tableText } from "../lib/figures/drawing/table.js";
import { projectFolder } from "../lib/settings.js";
import { checkSite } from "./book/check-site.js";
import { serveFolder } from "./book/serve.js";
import { makeSite, writeSite } from "./book/site.js";
import { atFirst, mostAtFirst, weighSite } from "./book/weigh-site.js";

interface Options {
  out: string;
  serve?: true | number;
}

function portNumber(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65535)
    throw new InvalidArgumentError("give a whole number from 0 (any port that is free) to 65535");
  return port;
}

const program = new Command("book")
  .description(
    "Makes a book of the executed notebooks in notebooks/: a static site that any server of files can hand out, and that asks no other server for anything. Links are checked.",
  )
  .addOption(
    new Option("--out <dir>", "where the site goes").default(
      path.join(projectFolder, "book"),
      "book/ in the project's folder",
    ),
  )
  .option(
    "--serve [port]",
    "then serve it to this machine alone, at port 8000 unless another is given",
    portNumber,
  )
  .parse();
const { out, serve } = program.opts<Options>();

try {
  const site = await makeSite(projectFolder);
  const problems = checkSite(site);
  writeSite(site, out);
  const kilobytes = (bytes: number) => Math.ceil(bytes / 1000);
  const weights = weighSite(site);
  const rows = weights.map((weight) => ({
    page: weight.page,
    "at first, kB": kilobytes(atFirst(weight)),
    text: kilobytes(weight.text),
    pictures: kilobytes(weight.pictures),
    "styles, programs, fonts": kilobytes(weight.shared),
    "figures' data": kilobytes(weight.figuresData),
  }));
  const plotly = kilobytes(Buffer.byteLength(site.get("assets/plotly.js")!));
  console.log(
    `${tableText(rows)}\n\nOnly when a figure is made interactive: its data, and once plotly.js, ${plotly} kB.`,
  );
  for (const weight of weights)
    if (atFirst(weight) > mostAtFirst)
      problems.push(
        `${weight.page}: weighs ${kilobytes(atFirst(weight))} kB at first, more than ${kilobytes(mostAtFirst)}; make its pictures smaller`,
      );
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
  console.log(`The book is in ${path.relative(process.cwd(), out) || out}`);
  if (serve !== undefined) {
    const { url } = await serveFolder(out, serve === true ? 8000 : serve);
    console.log(`${url} (Ctrl+C ends it)`);
  }
} catch (error) {
  program.error(`error: ${(error as Error).message}`);
}
