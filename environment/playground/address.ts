/** A run in the part of an address after "#", so that it can be sent. What is read is never run, only compared and counted. */
import { checkChoice, checkNumber, checkWhole, shown } from "../../lib/checks.js";
import { pairConfigurations } from "../../lib/papers/var-jepa/pair-configurations.js";
import { closest } from "./closest.js";
import { sceneNames, scenes } from "./scenes.js";
import {
  dataSets,
  defaultStart,
  type KnobName,
  knobBounds,
  knobsOf,
  latentSizes,
  leastDecoderNoise,
  mostSeed,
  mostSteps,
  type Start,
  sameModel,
} from "./settings.js";
import { freshSetup, mostTurns, type Setup, type Speed, speeds, type Turn } from "./setup.js";

/** What an address says: a run, how fast it goes on, and which scene's words stand beside it. */
export interface Place {
  readonly setup: Setup;
  readonly speed: Speed;
  readonly scene?: string;
}

export const defaultSpeed: Speed = "fast";

const startNames = ["data", "configuration", "d", "seed", "kernels"] as const;

/** The words that every run has. */
const runWords: readonly string[] = ["scene", ...startNames, "steps", "speed", "turn"];

/**
 * Reads the part after "#"; what is left out is as the scene has it, or as it is at first.
 * @throws naming the word that is not known or the value that is out of its bounds, and the fix.
 */
export function readPlace(hash: string): Place {
  const words = pairsOf(hash);
  const scene = words.get("scene")?.[0];
  if (scene !== undefined) checkChoice("scene", scene, sceneNames);
  const base = scene === undefined ? freshSetup(defaultStart) : scenes[scene].setup;
  const start = readStart(words, base);
  const own = sameModel(start, base) ? base : freshSetup(start);
  const knobs: Partial<Record<KnobName, number>> = { ...own.knobs };
  for (const [name, values] of words) {
    if (!runWords.includes(name) && !Object.hasOwn(knobs, name))
      throw new Error(`the address says ${shown(name)}; ${fixOf(name, start)}`);
    if (values.length > 1 && name !== "turn")
      throw new Error(`the address says ${name} twice; leave one of them out`);
    if (Object.hasOwn(knobs, name)) knobs[name as KnobName] = readKnob(name as KnobName, values[0]);
  }
  const steps = words.has("steps") ? whole("steps", words.get("steps")![0], 0, mostSteps) : own.steps;
  const turns = words.has("turn") ? readTurns(words.get("turn")!, knobs, steps) : own.turns;
  const speed = words.get("speed")?.[0] ?? defaultSpeed;
  checkChoice("speed", speed, speeds);
  return { setup: { ...start, knobs, turns, steps }, speed: speed as Speed, ...(scene && { scene }) };
}

/** Writes what differs from the scene, or from what is there at first; `readPlace` reads it. */
export function writePlace({ setup, speed, scene }: Place): string {
  const base = scene === undefined ? freshSetup(defaultStart) : scenes[scene].setup;
  const words: [string, string | number][] = scene === undefined ? [] : [["scene", scene]];
  for (const name of startNames) if (setup[name] !== base[name]) words.push([name, setup[name]]);
  const own = sameModel(setup, base) ? base : freshSetup(setup);
  for (const [knob, value] of Object.entries(setup.knobs))
    if (value !== own.knobs[knob as KnobName]) words.push([knob, value]);
  if (setup.steps !== own.steps) words.push(["steps", setup.steps]);
  for (const { step, knob, value } of setup.turns) words.push(["turn", `${step}:${knob}:${value}`]);
  if (speed !== defaultSpeed) words.push(["speed", speed]);
  return words.map(([name, value]) => `${name}=${value}`).join("&");
}

function pairsOf(hash: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const word of hash.replace(/^#/, "").split("&")) {
    if (word === "") continue;
    const [, name, value] = /^([^=]+)=(.*)$/s.exec(word) ?? [];
    if (name === undefined) throw new Error(`the address says ${shown(word)}; write name=value`);
    found.set(name, [...(found.get(name) ?? []), decoded(value)]);
  }
  return found;
}

/** What a program that passes links on may have put into other signs. */
function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

function readStart(words: ReadonlyMap<string, readonly string[]>, base: Start): Start {
  const text = (name: (typeof startNames)[number]) => words.get(name)?.[0] ?? String(base[name]);
  const [data, configuration, kernels] = [text("data"), text("configuration"), text("kernels")];
  checkChoice("data", data, dataSets);
  checkConfiguration(configuration);
  checkChoice("d", text("d"), latentSizes.map(String));
  checkChoice("kernels", kernels, ["best", "plain"]);
  return {
    data: data as Start["data"],
    configuration,
    d: Number(text("d")),
    seed: whole("seed", text("seed"), 0, mostSeed),
    kernels: kernels as Start["kernels"],
  };
}

function checkConfiguration(name: string): void {
  if (Object.hasOwn(pairConfigurations, name)) return;
  const near = closest(name, Object.keys(pairConfigurations)).join(", ");
  throw new Error(
    `configuration is ${shown(name)}; use one like ${near}, or any other of the buttons under What is minimised`,
  );
}

/** What to do about a word that is not known here, which may be a knob of other configurations. */
function fixOf(name: string, start: Start): string {
  const knobs = Object.keys(knobsOf(start));
  if (Object.hasOwn(knobBounds, name))
    return `configuration ${start.configuration} has no use for it, so leave it out or use ${knobs.join(", ")}`;
  const near = closest(name, [...runWords, ...knobs]).join(", ");
  return `use one like ${near}; a knob’s word stands in the address once the knob is turned, the others are ${runWords.join(", ")}`;
}

function readKnob(knob: KnobName, text: string): number {
  const [least, most] = knobBounds[knob];
  const value = decimal(knob, text, least, most);
  if (knob === "decoderNoise" && value > 0 && value < leastDecoderNoise)
    throw new Error(
      `decoderNoise is ${text}; use 0 for a learned one, or a number from ${leastDecoderNoise} to ${most}`,
    );
  return value;
}

function readTurns(texts: readonly string[], knobs: object, steps: number): Turn[] {
  if (texts.length > mostTurns)
    throw new Error(`the address turns ${texts.length} knobs; use at most ${mostTurns} turns`);
  const turns = texts.map((text) => {
    const [, step, knob, value] = /^([^:]*):([^:]*):([^:]*)$/.exec(text) ?? [];
    if (step === undefined)
      throw new Error(`turn is ${shown(text)}; write step:knob:value, as in 300:klSx:0`);
    if (!Object.hasOwn(knobs, knob))
      throw new Error(`turn is ${shown(text)}; the knobs here are ${Object.keys(knobs).join(", ")}`);
    return {
      step: whole("the step of a turn", step, 0, steps),
      knob: knob as KnobName,
      value: readKnob(knob as KnobName, value),
    };
  });
  return turns.sort((a, b) => a.step - b.step);
}

function whole(field: string, text: string, least: number, most: number): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : text;
  checkWhole(field, value, least, most);
  return value as number;
}

function decimal(field: string, text: string, least: number, most: number): number {
  const value = /^\d{1,9}(?:\.\d{1,20})?(?:e-?\d{1,2})?$/.test(text) ? Number(text) : text;
  checkNumber(field, value, least, most);
  return value as number;
}
