import { checkObservations, takeRows } from "../data/rows.js";
import type { Views } from "../data/simulation.js";
import { fold, type Key, unitVectors } from "../engine/random.js";
import type * as tf from "../engine/tf.js";
import { checkObjective, type ElboTerms, elboTerms, type ObjectiveWeights } from "../losses/elbo.js";
import { type SigregFormName, sigreg, sigregForms } from "../losses/sigreg.js";
import { initialVarJepa, latentNoise, passVarJepa, type VarJepaConfig } from "../models/var-jepa.js";
import type { Batch, Term } from "./gradient.js";
import { constant } from "./schedule.js";
import { type OnEpoch, type Trained, train } from "./train.js";

/** How a Var-JEPA is optimised. */
export interface VarJepaTraining {
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly sigregForm: SigregFormName;
  /**
   * What each ELBO term is multiplied by besides its weight α. 1 sums a term over dimensions, as the ELBO does;
   * 1/32 on the likelihoods or 1/16 on a KL averages it instead.
   */
  readonly termScales: Readonly<Record<keyof ElboTerms, number>>;
}

/** The paper's settings for the simulation study (Section 6.1). */
export const varJepaTrainingDefaults: VarJepaTraining = {
  epochs: 40,
  batchSize: 512,
  learningRate: 1e-3,
  weightDecay: 1e-6,
  sigregForm: "var-jepa",
  termScales: { rec: 1, gen: 1, klSx: 1, klZ: 1, klSy: 1 },
};

/**
 * Trains a Var-JEPA on pairs of views with any objective: the five ELBO weights and SIGReg on either latent.
 * @param key source of start weights, shuffling, noise and projection directions
 * @param onEpoch called after every epoch with the averaged terms and the weights as they are
 * @throws when a weight is negative, the data hold NaN or do not fit the model, or training diverges.
 */
export async function trainVarJepa(
  key: Key,
  views: Views,
  model: VarJepaConfig,
  objective: ObjectiveWeights,
  training: VarJepaTraining = varJepaTrainingDefaults,
  onEpoch?: OnEpoch,
): Promise<Trained> {
  checkObjective(objective);
  checkObservations("x", views.x, views.rows, model.dx);
  checkObservations("y", views.y, views.rows, model.dy);
  const form = sigregForms[training.sigregForm];
  const scale = training.termScales;

  const elboTerm = (weight: number, value: tf.Scalar): Term => ({ weight, value, over: "rows" });
  const sigregTerm = (name: string, latent: tf.Tensor2D, lambda: number, key: Key): Record<string, Term> => {
    if (lambda === 0) return {};
    const directions = unitVectors(fold(key, name), form.directions, model.d);
    return { [name]: { weight: lambda, value: sigreg(latent, directions, form), over: "batch" } };
  };

  return train({
    weights: initialVarJepa(fold(key, "weights"), model),
    rows: views.rows,
    batchSize: training.batchSize,
    epochs: training.epochs,
    learningRate: constant(training.learningRate),
    weightDecay: training.weightDecay,
    key: fold(key, "training"),
    onEpoch,
    terms: (parameters, batch: Batch) => {
      const x = takeRows(views.x, model.dx, batch.rows);
      const y = takeRows(views.y, model.dy, batch.rows);
      const noise = latentNoise(batch.key, batch.rows.length, model, batch.first);
      const pass = passVarJepa(parameters, model, x, y, noise);
      const elbo = elboTerms(pass, x, y);
      return {
        rec: elboTerm(objective.alphaRec * scale.rec, elbo.rec),
        gen: elboTerm(objective.alphaGen * scale.gen, elbo.gen),
        klSx: elboTerm(objective.alphaKlSx * scale.klSx, elbo.klSx),
        klZ: elboTerm(objective.alphaKlZ * scale.klZ, elbo.klZ),
        klSy: elboTerm(objective.alphaKlSy * scale.klSy, elbo.klSy),
        ...sigregTerm("sigregSx", pass.sx, objective.lambdaSx, batch.key),
        ...sigregTerm("sigregSy", pass.sy, objective.lambdaSy, batch.key),
      };
    },
  });
}
