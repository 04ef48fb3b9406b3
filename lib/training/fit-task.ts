/** The training of a family's model as a task; the module that the threads of a team run. */
import { checkChoice, checkNumber } from "../checks.js";
import { fold, type Key, keyOf } from "../engine/random.js";
import { world } from "../engine/world.js";
import type { Family, Rows } from "../families/family.js";
import { addFamily, familyNamed } from "../families/registry.js";
import { type SigregFormName, sigregForms } from "../losses/sigreg.js";
import { checkWeights, risenWeights, type TermWeights, weighedTerms } from "../losses/term.js";
import { constant, learningRateSchedule, linear, stepsPerEpoch } from "./schedule.js";
import type { TrainingTask } from "./task.js";

/** How a model is optimised, as plain data: AdamW, and what the paper's Tables 7 and 8 print. */
export interface TrainingSettings extends Pick<TrainingTask, "microBatch" | "memoryBudgetMb"> {
  readonly epochs: number;
  readonly batchSize: number;
  /** Its peak, if there is a warm-up. */
  readonly learningRate: number;
  /** Epochs of warm-up before half a cosine down to 0; left out, the rate is constant. */
  readonly warmupEpochs?: number;
  readonly weightDecay: number;
  /** Decay of AdamW's second moment; 0.999 when left out. */
  readonly beta2?: number;
  /** A gradient with a larger norm is scaled down to this norm; left out, none is. */
  readonly clipNorm?: number;
  /** Epochs over which the weights of terms rise from 0; those not named have theirs from the start. */
  readonly annealEpochs?: TermWeights;
  /** Of the terms sigregSx and sigregSy: this paper's when left out. */
  readonly sigregForm?: SigregFormName;
  /** Of the terms freeBitsSx, freeBitsZ and freeBitsSy: nats of every latent dimension that cost nothing; 0 when left out. */
  readonly freeBits?: number;
}

/** All that a task is built from: plain data that can be sent to a thread. */
export interface FitInput {
  readonly family: string;
  /** Where the family is, if the library has it not. */
  readonly module?: string;
  readonly config: object;
  readonly objective: TermWeights;
  readonly training: TrainingSettings;
  readonly data: Rows;
  /** Source of start weights, order, masks, noise and dropout. */
  readonly seed: number | Key;
  /** File that keeps the run after every epoch and from which it goes on. */
  readonly checkpoint?: string;
}

/** See `TaskModule`. */
export async function task(input: FitInput): Promise<TrainingTask> {
  if (input.module !== undefined) addFamily(((await import(input.module)) as { family: Family }).family);
  return fitTask(input);
}

/**
 * The task of a training: the terms that the objective names under their weights, AdamW, and a checkpoint, if there is one,
 * that knows the configuration and the sum of the data.
 * @throws naming the field of configuration, objective, training or data that makes no sense.
 */
export function fitTask({
  family: name,
  config,
  objective,
  training,
  data,
  seed,
  checkpoint,
}: FitInput): TrainingTask {
  const family = familyNamed(name);
  const {
    epochs,
    batchSize,
    learningRate,
    warmupEpochs,
    annealEpochs = {},
    sigregForm = "var-jepa",
    freeBits = 0,
  } = training;
  if (!(learningRate > 0 && Number.isFinite(learningRate)))
    throw new Error(`learningRate is ${learningRate}; use a number above 0`);
  if (warmupEpochs !== undefined) checkNumber("warmupEpochs", warmupEpochs, 0, Number.MAX_VALUE);
  checkChoice("sigregForm", sigregForm, Object.keys(sigregForms));
  checkNumber("freeBits", freeBits, 0, Number.MAX_VALUE);
  checkWeights(objective, Object.keys(family.terms));
  family.check?.(config, objective);
  checkWeights(annealEpochs, Object.keys(family.terms));
  const key = keyOf(seed);
  const weights = family.initial(fold(key, "weights"), config);
  const rows = family.rows(config, data);
  const steps = stepsPerEpoch(rows.rows, batchSize);
  const decay = family.averageDecay?.(config);
  return {
    ...training,
    parameters: weights,
    rows: rows.rows,
    learningRate:
      warmupEpochs === undefined
        ? constant(learningRate)
        : learningRateSchedule({ learningRate, warmupEpochs }, epochs, steps),
    key: fold(key, "training"),
    averageDecay: decay && linear(decay.start, decay.end, epochs * steps - 1),
    checkpoint:
      checkpoint === undefined
        ? undefined
        : {
            file: checkpoint,
            configuration: { family: name, seed, data: rowsSha256(rows), config, objective, training },
          },
    terms: (parameters, batch, average) => {
      const pass = family.pass(parameters, config, rows, batch, average);
      const risen = risenWeights(batch.step, steps, annealEpochs);
      const source = { key: batch.key, sigregForm, freeBits };
      return weighedTerms(family.terms, objective, risen, pass, config, source);
    },
  };
}

/** SHA-256 of rows: of every number and array of theirs. */
export function rowsSha256(data: Rows): string {
  const parts: unknown[] = Object.values(data);
  return world().sha256(
    parts.map((part) =>
      part instanceof Float32Array || part instanceof Int32Array ? part : JSON.stringify(part),
    ),
  );
}
