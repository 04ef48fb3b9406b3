/** All that a run can be told again from: how it started, what was turned when, and how far it went. */
import { type KnobName, type Knobs, knobsOf, type Start } from "./settings.js";

/** A knob turned in the course of a run: the step after so many sees the new value. */
export interface Turn {
  readonly step: number;
  readonly knob: KnobName;
  readonly value: number;
}

/** A run as plain data; the same on every machine, but for rounding where kernels are relaxed. */
export interface Setup extends Start {
  /** As they are at the first step. */
  readonly knobs: Knobs;
  /** In their order. */
  readonly turns: readonly Turn[];
  /** Steps that are made at once when the run is opened. */
  readonly steps: number;
}

/** Most turns that a run can be told again with. */
export const mostTurns = 100;

export const speeds = ["slow", "steady", "fast"] as const;
export type Speed = (typeof speeds)[number];

/** A run that starts with the knobs of its configuration and goes nowhere yet. */
export function freshSetup(start: Start): Setup {
  return { ...start, knobs: knobsOf(start), turns: [], steps: 0 };
}

/** The knobs that the step after `step` steps sees. */
export function knobsAt({ knobs, turns }: Pick<Setup, "knobs" | "turns">, step: number): Knobs {
  const made = turns.filter((turn) => turn.step <= step).map(({ knob, value }) => [knob, value]);
  return { ...knobs, ...Object.fromEntries(made) };
}
