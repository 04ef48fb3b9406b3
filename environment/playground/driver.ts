/** Plays a run: asks for its steps, one request at a time, and keeps what the run can be told again from. Knows neither page nor worker. */
import type { Frame } from "./frame.js";
import type { Opened, Reply, Request } from "./messages.js";
import { type KnobName, type Knobs, minimisesNothing, mostSteps } from "./settings.js";
import { knobsAt, mostTurns, type Setup, type Speed, type Turn } from "./setup.js";

/** Milliseconds of steps between two pictures at full speed. */
const stretch = 10;

/** Most steps of one request; while a run is made up to where its address says, fewer pictures are shown. */
const mostAtOnce = 500;
const stretchUnseen = 100;

/** Who hears of what happens. */
export interface Listener {
  opened(opened: Opened, frame: Frame): void;
  /** Steps were made; the terms are those of each. */
  advanced(terms: readonly Readonly<Record<string, number>>[], frame: Frame, milliseconds: number): void;
  failed(reason: string): void;
  /** After each of these, and when it begins to play or stops. */
  changed(): void;
  /** When the next steps are due. */
  due(speed: Speed): Promise<void>;
}

/** A run being played. */
export interface Driver {
  /** `opening` until it is where its setup says. */
  readonly state: "opening" | "paused" | "playing" | "over" | "failed";
  readonly step: number;
  /** As they are turned now. */
  readonly knobs: Knobs;
  /**
   * The run so far, or up to the steps that are being made; nothing when it had too many turns to be told again. What is turned
   * while steps are being made belongs to those after them.
   */
  readonly told: Setup | undefined;
  /** Whether steps are being made. */
  readonly busy: boolean;
  /**
   * Opens a run in the place of the one before, and makes its first steps.
   * @param landmarks steps whose pictures are wanted whenever the run comes by
   */
  open(setup: Setup, landmarks?: readonly number[]): void;
  /** @param until the step at which it pauses by itself */
  play(until?: number): void;
  pause(): void;
  /** Makes one step and pauses. */
  stepOnce(): void;
  /** From the next step on. */
  turn(knob: KnobName, value: number): void;
  speed: Speed;
  /** Takes the reply to the last request. */
  receive(reply: Reply): void;
}

/** @param ask sends a request, to which `receive` gets the reply */
export function drive(ask: (request: Request) => void, listener: Listener): Driver {
  let setup: Setup | undefined;
  let knobs: Knobs = {};
  let turns: Turn[] = [];
  let step = 0;
  let landmarks: readonly number[] = [];
  let until = Number.POSITIVE_INFINITY;
  let [opened, asked, stale, failed, playing] = [false, false, false, false, false];
  let singles = 0;
  let waiting = 0;
  let speed: Speed = "fast";

  const send = (request: Request) => {
    asked = true;
    ask(request);
  };

  /** Steps that can be made at once so that none of these steps is passed unseen. */
  const stepsTo = (...stops: readonly number[]) =>
    Math.min(
      mostAtOnce,
      ...[...stops, ...landmarks].filter((stop) => stop > step).map((stop) => stop - step),
    );

  /** Writes down what was turned since the last step, and returns the knobs of the next. */
  const turned = (): Knobs => {
    const before = knobsAt({ knobs: setup!.knobs, turns }, step);
    const names = Object.keys(knobs) as KnobName[];
    for (const knob of names)
      if (knobs[knob] !== before[knob]) {
        turns = turns.filter((turn) => turn.step !== step || turn.knob !== knob);
        if (knobsAt({ knobs: setup!.knobs, turns }, step)[knob] !== knobs[knob])
          turns.push({ step, knob, value: knobs[knob]! });
      }
    return knobs;
  };

  const next = () => {
    if (asked || failed || !setup) return;
    if (!opened) return send({ open: setup });
    if (step < setup.steps) {
      return send({
        knobs: knobsAt({ knobs: setup.knobs, turns }, step),
        steps: stepsTo(...turns.map((turn) => turn.step), setup.steps),
        milliseconds: stretchUnseen,
      });
    }
    if (step >= Math.min(until, mostSteps) || minimisesNothing(knobs)) [playing, singles] = [false, 0];
    if (singles > 0) {
      singles--;
      return send({ knobs: turned(), steps: 1 });
    }
    if (!playing) return;
    const turn = ++waiting;
    void listener.due(speed).then(() => {
      if (turn !== waiting || asked || !playing || !opened || failed) return;
      if (minimisesNothing(knobs)) {
        playing = false;
        return listener.changed();
      }
      const steps = speed === "fast" ? stepsTo(until) : 1;
      send({ knobs: turned(), steps, milliseconds: stretch });
    });
  };

  return {
    get state() {
      if (failed) return "failed";
      if (!opened || step < setup!.steps) return "opening";
      if (step >= mostSteps) return "over";
      return playing ? "playing" : "paused";
    },
    get step() {
      return step;
    },
    get knobs() {
      return knobs;
    },
    get told() {
      if (!setup || step < setup.steps) return setup;
      if (!asked) turned();
      return turns.length > mostTurns ? undefined : { ...setup, turns: [...turns], steps: step };
    },
    get busy() {
      return asked;
    },
    get speed() {
      return speed;
    },
    set speed(wanted) {
      speed = wanted;
      if (playing) next();
    },
    open(wanted, marks = []) {
      setup = wanted;
      landmarks = marks;
      knobs = knobsAt(wanted, wanted.steps);
      turns = [...wanted.turns];
      step = 0;
      until = Number.POSITIVE_INFINITY;
      singles = 0;
      waiting++;
      stale = asked;
      [opened, failed, playing] = [false, false, false];
      next();
      listener.changed();
    },
    play(end = Number.POSITIVE_INFINITY) {
      until = end;
      playing = true;
      next();
      listener.changed();
    },
    pause() {
      playing = false;
      listener.changed();
    },
    stepOnce() {
      playing = false;
      until = Number.POSITIVE_INFINITY;
      singles++;
      next();
      listener.changed();
    },
    turn(knob, value) {
      knobs = { ...knobs, [knob]: value };
    },
    receive(reply) {
      asked = false;
      if (stale) stale = false;
      else if ("failed" in reply) {
        failed = true;
        playing = false;
        listener.failed(reply.failed);
      } else if ("opened" in reply) {
        opened = true;
        listener.opened(reply.opened, reply.frame);
      } else {
        step = reply.frame.step;
        listener.advanced(reply.terms, reply.frame, reply.milliseconds);
      }
      next();
      listener.changed();
    },
  };
}
