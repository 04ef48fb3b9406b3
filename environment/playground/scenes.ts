/** Guided scenes: what to try, what to predict, and what the run at hand then did. */
import type { Frame, NormalMeasures } from "./frame.js";
import { defaultStart, type Knobs, type Start } from "./settings.js";
import { freshSetup, type Setup } from "./setup.js";
import { percent, short } from "./words.js";

/** What is known of a run at a step. */
export interface Moment extends Pick<Frame, "step" | "measures" | "drawn"> {
  /** The terms of the last batch. */
  readonly terms: Readonly<Record<string, number>>;
  /** What N(0, I) measures with as many rows. */
  readonly floor: NormalMeasures;
}

/** An answer to a scene's question. Of all answers to a question, one holds. */
export interface Answer {
  readonly label: string;
  readonly holds: (begin: Moment, end: Moment) => boolean;
  /** Of the answer that the scene's own run gives. */
  readonly because?: string;
}

export interface Scene {
  readonly title: string;
  readonly setup: Setup;
  /** Steps from the beginning of the scene to its end. */
  readonly steps: number;
  /** Knobs that the task asks to turn where the scene begins. */
  readonly turned?: Knobs;
  readonly task: string;
  readonly question: string;
  readonly answers: readonly Answer[];
  /** The numbers of a run, true of every run of the scene's model. */
  readonly told: (begin: Moment, end: Moment) => string;
  /** What to try from there. */
  readonly next: string;
}

const started = (start: Partial<Start>, changes: Partial<Setup> = {}): Setup => {
  const setup = freshSetup({ ...defaultStart, ...start });
  return { ...setup, ...changes, knobs: { ...setup.knobs, ...changes.knobs } };
};

const varianceOf = ({ measures }: Moment, latent: "sx" | "sy" = "sx") => measures[latent].variance;
const narrower = (begin: Moment, end: Moment) => varianceOf(end) / varianceOf(begin);

export const scenes: Readonly<Record<string, Scene>> = {
  collapse: {
    title: "A JEPA collapses",
    setup: started({ configuration: "jepa" }),
    steps: 600,
    task: "One encoder reads both views, a predictor guesses s_y from s_x, and the squared error of that guess is all that is minimised. Press Play; to see it happen, set the speed to a step a picture.",
    question: "What becomes of the variance of s_x in 600 steps?",
    answers: [
      {
        label: "It falls to less than a tenth",
        holds: (begin, end) => narrower(begin, end) < 0.1,
        because:
          "The small error looks like success. But it is least when there is nothing to predict, and nothing in the objective asks for more: every row is sent to the same point.",
      },
      {
        label: "It stays within a factor of ten",
        holds: (begin, end) => narrower(begin, end) >= 0.1 && narrower(begin, end) <= 10,
      },
      {
        label: "It grows more than tenfold",
        holds: (begin, end) => narrower(begin, end) > 10,
      },
    ],
    told: (begin, end) =>
      `The variance of s_x went from ${short(varianceOf(begin))} to ${short(varianceOf(end))}, that of s_y from ${short(varianceOf(begin, "sy"))} to ${short(varianceOf(end, "sy"))}. The squared error is ${short(end.terms.prediction)}; set against the variance of s_y it is ${percent(end.measures.unpredicted!)}, and 100 % is what a predictor has that knows nothing but the mean.`,
    next: "Choose jepa-stop-gradient or jepa-ema-0.99 below and play again: does the variance still fall?",
  },
  rescue: {
    title: "SIGReg opens the cloud",
    setup: started({ configuration: "jepa" }, { steps: 300 }),
    steps: 300,
    turned: { sigregSx: 10, sigregSy: 10 },
    task: "This JEPA has collapsed already: 300 steps are made. Turn SIGReg of s_x and SIGReg of s_y up to 10, as in the paper's Section 6.1, then press Play.",
    question: "How wide is s_x after 300 more steps?",
    answers: [
      {
        label: "Its variance stays below 0.1: a collapse is final",
        holds: (_, end) => varianceOf(end) < 0.1,
      },
      {
        label: "Its variance comes near that of N(0, I), between 0.1 and 2",
        holds: (_, end) => varianceOf(end) >= 0.1 && varianceOf(end) <= 2,
        because:
          "A collapse is not final: SIGReg compares the whole batch with N(0, I) and pulls it open, and then there is something to predict again.",
      },
      {
        label: "Its variance overshoots 2",
        holds: (_, end) => varianceOf(end) > 2,
      },
    ],
    told: (begin, end) =>
      `The variance of s_x went from ${short(varianceOf(begin))} to ${short(varianceOf(end))}, and its SIGReg distance to N(0, I) from ${short(begin.measures.sx.sigreg)} to ${short(end.measures.sx.sigreg)}; as many rows of N(0, I) itself are at ${short(end.floor.sigreg)}.`,
    next: "Turn both back to 0 and play on: does it collapse again?",
  },
  "var-jepa": {
    title: "Var-JEPA needs no safeguard",
    setup: started({ configuration: "A" }),
    steps: 600,
    task: "Objective A is the plain ELBO: both views are decoded, and the predictor is the prior of s_y. No SIGReg, no stop-gradient, no moving average. Press Play.",
    question: "What becomes of the variance of the samples of s_x?",
    answers: [
      {
        label: "It falls below 0.5",
        holds: (_, end) => varianceOf(end) < 0.5,
      },
      {
        label: "It stays between 0.5 and 2",
        holds: (_, end) => varianceOf(end) >= 0.5 && varianceOf(end) <= 2,
        because:
          "A point would cost an infinite KL, and a latent that says nothing would cost reconstruction: the ELBO holds both ends.",
      },
      {
        label: "It grows above 2",
        holds: (_, end) => varianceOf(end) > 2,
      },
    ],
    told: (begin, end) =>
      `The variance of s_x is ${short(varianceOf(end))}, that of s_y ${short(varianceOf(end, "sy"))}. The share of it that comes from the rows went from ${percent(begin.measures.sx.signal)} to ${percent(end.measures.sx.signal)} in s_x and from ${percent(begin.measures.sy.signal)} to ${percent(end.measures.sy.signal)} in s_y, and ${percent(end.measures.sy.classes)} of the samples of s_y lie nearest to their own class, where chance is a half.`,
    next: "Turn the KL of s_x up to 10: which of the measures moves first?",
  },
  "no-kl": {
    title: "Without the KL terms",
    setup: started({ configuration: "I" }),
    steps: 600,
    task: "Objective I keeps both decoders and drops all three KL terms. At the start the samples are those of N(0, I), almost. Press Play.",
    question: "How far from N(0, I) is s_x after 600 steps, by the KL of the Gaussian fitted to it?",
    answers: [
      {
        label: "Less than half a nat: reconstruction keeps it there",
        holds: (_, end) => end.measures.sx.klAggregate < 0.5,
      },
      {
        label: "Half a nat or more: it drifts away",
        holds: (_, end) => end.measures.sx.klAggregate >= 0.5,
        because:
          "Decoding alone asks for latents that can be told apart, so the posteriors shrink to points and the points move apart: an autoencoder.",
      },
    ],
    told: (begin, end) =>
      `The KL of s_x went from ${short(begin.measures.sx.klAggregate)} to ${short(end.measures.sx.klAggregate)} nats; as many rows of N(0, I) itself are at ${short(end.floor.klAggregate)}. Its variance is ${short(varianceOf(end))}, and ${percent(end.measures.sx.signal)} of it comes from the means.`,
    next: "Turn SIGReg of s_x and of s_y up to 10, which makes it objective J: the cloud comes back, but do the posteriors get wide again?",
  },
  "posterior-collapse": {
    title: "A collapse that looks perfect",
    setup: started({ configuration: "A" }, { knobs: { decoderNoise: 3 } }),
    steps: 600,
    task: "The plain ELBO again, but the decoders are told that the views are very noisy: σ is fixed at 3, ten times what the simulation adds. Press Play.",
    question: "What share of the variance of s_x comes from x in the end?",
    answers: [
      {
        label: "Less than 1 %",
        holds: (_, end) => end.measures.sx.signal < 0.01,
        because:
          "Details that count as noise are not worth a nat of KL, so every posterior becomes the prior. No distance to N(0, I) can see it: that is what the latents are, and nothing else.",
      },
      {
        label: "Between 1 % and a half",
        holds: (_, end) => end.measures.sx.signal >= 0.01 && end.measures.sx.signal <= 0.5,
      },
      {
        label: "More than a half",
        holds: (_, end) => end.measures.sx.signal > 0.5,
      },
    ],
    told: (_, end) =>
      `Of the variance of s_x, ${percent(end.measures.sx.signal)} comes from x. Its KL to N(0, I) is ${short(end.measures.sx.klAggregate)} nats and its SIGReg distance ${short(end.measures.sx.sigreg)}, where N(0, I) itself has ${short(end.floor.klAggregate)} and ${short(end.floor.sigreg)}; ${percent(end.measures.sx.classes)} of its samples lie nearest to their own class, where chance is a half.`,
    next: "Turn the decoder noise to 0.3 and play on: the latents wake up.",
  },
  digits: {
    title: "Half a digit, three guesses",
    setup: started({ data: "digits", configuration: "A", d: 8 }, { knobs: { learningRate: 0.003 } }),
    steps: 600,
    task: "The context x is the left half of a handwritten digit, the target y its right half. What the model draws for y is shown beside the truth, three times for each digit. Press Play.",
    question: "After 600 steps, will the three draws of a right half differ?",
    answers: [
      {
        label: "No, not to be seen: less than 0.03 of ink",
        holds: (_, end) => spreadOfDraws(end.drawn) < 0.03,
      },
      {
        label: "Yes, by 0.03 of ink or more",
        holds: (_, end) => spreadOfDraws(end.drawn) >= 0.03,
        because:
          "The predictor gives a distribution: what the left half leaves open, each draw settles in its own way.",
      },
    ],
    told: (begin, end) =>
      `Pixels of the three draws differ from their mean by ${short(spreadOfDraws(end.drawn))} of ink (${short(spreadOfDraws(begin.drawn))} at the start). The prediction leaves ${percent(end.measures.unpredicted!)} of the variance of s_y open, and ${percent(end.measures.sy.classes)} of the samples of s_y lie nearest to their own of ten classes.`,
    next: "Choose jepa-gen and play again: the three draws are one.",
  },
};

export const sceneNames = Object.keys(scenes);

/** The answer that holds. */
export function outcome({ answers }: Scene, begin: Moment, end: Moment): Answer {
  return answers.find(({ holds }) => holds(begin, end))!;
}

/** How far draws are from their mean: the root of the mean square over pixels; 0 without draws. */
export function spreadOfDraws(drawn: Frame["drawn"]): number {
  if (!drawn) return 0;
  let sum = 0;
  for (let i = 0; i < drawn[0].length; i++) {
    const mean = drawn.reduce((total, draw) => total + draw[i] / drawn.length, 0);
    for (const draw of drawn) sum += (draw[i] - mean) ** 2 / (drawn.length * drawn[0].length);
  }
  return Math.sqrt(sum);
}
