/**
 * A study of cells that wait, for `run-plan.test.ts`. As a job it makes one cell and leaves a mark that it did; as a
 * program it runs the study whose number of cells, milliseconds of each and folder for marks are the arguments.
 */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type PlannedCell, runPlan, type StudyPlan } from "./run-plan.js";

/** What a cell gets: its number, how long it takes, and where to leave a mark. */
export interface Waiting {
  readonly number: number;
  readonly milliseconds: number;
  readonly marks: string;
}

export interface Waited {
  readonly square: number;
  readonly seconds: number;
}

/** Makes one cell. */
export async function run(
  { number, milliseconds, marks }: Waiting,
  report: (share: number) => void,
): Promise<Waited> {
  report(0.5);
  await setTimeout(milliseconds);
  writeFileSync(path.join(marks, `${number}-${process.pid}`), "");
  return { square: number * number, seconds: milliseconds / 1000 };
}

/** A study of so many cells; its result are their squares. */
export function waitingStudy(
  cells: number,
  milliseconds: number,
  marks: string,
  label = "waiting",
): StudyPlan<Waiting, Waited, number[]> {
  return {
    workers: 1,
    engine: "none",
    program: new URL(import.meta.url),
    cells: Array.from(
      { length: cells },
      (_, number): PlannedCell<Waiting> => ({
        ...{
          study: "fake",
          arm: label,
          seed: number,
          computations: ["scores"],
          configuration: { milliseconds },
        },
        input: { number, milliseconds, marks },
      }),
    ),
    assemble: (finished) => finished.map(({ result }) => result.square),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , cells, milliseconds, marks] = process.argv;
  const { study } = await runPlan(waitingStudy(Number(cells), Number(milliseconds), marks));
  console.log(JSON.stringify(study));
}
