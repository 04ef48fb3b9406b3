/** What a page and its worker say to each other. Every request has one reply, and the page waits for it. */
import type { Frame, NormalMeasures } from "./frame.js";
import type { Knobs, Start } from "./settings.js";

/** Start a run, in the place of the one before; or make some steps, fewer if these milliseconds are over. */
export type Request =
  | { readonly open: Start }
  | { readonly knobs: Knobs; readonly steps: number; readonly milliseconds?: number };

/** What does not change in the course of a run. */
export interface Opened {
  readonly floor: NormalMeasures;
  /** The class of each row that is shown. */
  readonly labels: Uint8Array;
  /** The digits whose right half is drawn: left and right halves. */
  readonly digits?: { readonly left: Float32Array; readonly right: Float32Array };
  /** Which build of the kernels computes. */
  readonly kernels: string;
}

export type Reply =
  | { readonly opened: Opened; readonly frame: Frame }
  | {
      /** Of each step that was made. */
      readonly terms: readonly Readonly<Record<string, number>>[];
      readonly frame: Frame;
      /** Of the steps alone. */
      readonly milliseconds: number;
    }
  | { readonly failed: string };
