/** Whether a run is the one that a scene tells of. */
import type { Scene } from "./scenes.js";
import { type KnobName, type Knobs, sameModel } from "./settings.js";
import { knobsAt, type Setup } from "./setup.js";
import { knobWords, short } from "./words.js";

/** The steps at which a scene begins and ends. */
export function stepsOf({ setup, steps }: Scene): readonly [begin: number, end: number] {
  return [setup.steps, setup.steps + steps];
}

/**
 * In what a run differs from a scene's own, up to the scene's end: a phrase each, none when it is the scene's own. What is turned
 * at a step counts once that step is made. Kernels do not count, since they differ in rounding alone, nor does the seed: a scene asks
 * what happens, and of another seed the same can be asked.
 * @param run nothing when it had too many turns to be told again
 */
export function differences(scene: Scene, run: Setup | undefined): string[] {
  if (!run) return ["more knobs were turned than can be told"];
  const starts = (["data", "configuration", "d"] as const).filter((name) => run[name] !== scene.setup[name]);
  const differ = starts.map((name) => `${startWords[name]} ${run[name]} in place of ${scene.setup[name]}`);
  return sameModel(run, scene.setup) ? [...differ, ...turnedOtherwise(scene, run)] : differ;
}

const startWords = { data: "data", configuration: "configuration", d: "latent dimensions" };

/** Each knob that another step than the scene's saw, where it first did. */
function turnedOtherwise(scene: Scene, run: Setup): string[] {
  const [begin, end] = stepsOf(scene);
  const told = new Map<KnobName, string>();
  const places = [0, begin, ...run.turns.map(({ step }) => step)].sort((a, b) => a - b);
  for (const step of places.filter((place) => place < Math.min(run.steps, end))) {
    const wanted: Knobs = { ...scene.setup.knobs, ...(step >= begin && scene.turned) };
    for (const [name, value] of Object.entries(knobsAt(run, step))) {
      const knob = name as KnobName;
      if (value !== wanted[knob] && !told.has(knob))
        told.set(
          knob,
          `${knobWords[knob][0]} ${short(value)} in place of ${short(wanted[knob]!)} from step ${step} on`,
        );
    }
  }
  return [...told.values()];
}
