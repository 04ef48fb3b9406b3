/** A model of digits trained once and kept: a cell of its own, so that another measure trains nothing again. */
import { readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { digitPart } from "../data/digit-parts.js";
import { describeEngine, startEngine } from "../engine/backend.js";
import { world } from "../engine/world.js";
import { writeWhole } from "../files/whole-file.js";
import { fit, type ModelSettings } from "../training/fit.js";
import { loadModel, saveModel, type TrainedModel } from "../training/trained-model.js";
import { type Cell, engineKind } from "./cell.js";
import { cellFolder, claimWhenFree, readCell, writeCell } from "./store.js";

/** The two families of models of images. */
export type DigitFamily = "var-i-jepa" | "i-jepa";

/** Everything that decides a trained model of digits, its seed aside. */
export interface DigitTraining {
  readonly family: DigitFamily;
  readonly settings: ModelSettings;
  /** How many digits it learns from; seed 1 takes the first of MNIST's training part, every other seed those that follow. */
  readonly digits: number;
}

/** What a training cost, all sittings together. */
interface DigitTrainingResult {
  /** Averages of the last epoch. */
  readonly terms: Readonly<Record<string, number>>;
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/** A trained model of digits. */
export interface TrainedDigits extends DigitTrainingResult {
  readonly model: TrainedModel;
}

/** The digits that a model of this seed learns from. @throws when MNIST has not so many. */
export const trainingDigits = (digits: number, seed: number) =>
  digitPart("train", (seed - 1) * digits, digits);

/**
 * Trains a model, or goes on where it was killed, after its last epoch, or reads it if it is finished; one that another process
 * trains is waited for. It lies in `runs/` (`VARJEPA_RUNS`).
 * @throws when MNIST has not so many digits, and as `fit` does.
 */
export async function trainDigits(
  { family, settings, digits }: DigitTraining,
  seed: number,
  report: (share: number) => void,
): Promise<TrainedDigits> {
  const engine = await startEngine();
  const { labels: _, ...data } = trainingDigits(digits, seed);
  const cell: Cell = {
    study: "digits",
    arm: family,
    seed,
    computations: [family],
    configuration: { family, ...settings, digits },
    data: world().sha256([data.images]),
    engine: engineKind(engine),
  };
  const claim = await claimWhenFree(cell);
  try {
    const folder = cellFolder(cell);
    const stored = readCell<DigitTrainingResult>(cell)?.result;
    if (stored) return { model: await loadModel(folder), ...stored };
    const startedAt = new Date().toISOString();
    const checkpoint = path.join(folder, "checkpoint.safetensors");
    const spent = path.join(folder, "cpu-seconds.json");
    const earlier = secondsIn(spent);
    const cpuBefore = process.cpuUsage();
    const cpuSeconds = () => {
      const { user, system } = process.cpuUsage(cpuBefore);
      return earlier + (user + system) / 1e6;
    };
    const model = await fit(family as string, data, {
      ...{ ...settings, seed, workers: 1, checkpoint },
      onStep: ({ step, steps }) => report(step / steps),
      onEpoch: () => writeWhole(spent, JSON.stringify(cpuSeconds())),
    });
    await saveModel(folder, model);
    const { history } = model;
    const seconds = history.reduce((sum, epoch) => sum + epoch.seconds, 0);
    const result = { terms: history[history.length - 1].terms, seconds, cpuSeconds: cpuSeconds() };
    const described = describeEngine({ ...engine, workers: 1 });
    writeCell(cell, result, { engine: described, startedAt, finishedAt: new Date().toISOString(), seconds });
    rmSync(checkpoint, { force: true });
    return { model, ...result };
  } finally {
    claim.release();
  }
}

/** Processor seconds of earlier sittings. */
function secondsIn(file: string): number {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return 0;
  }
}
