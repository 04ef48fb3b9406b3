import "../../lib/node/world.js";
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { startEngine } from "../../lib/engine/backend.js";
import { answerer } from "./answer.js";
import { type Driver, drive } from "./driver.js";
import type { Frame } from "./frame.js";
import type { Opened, Request } from "./messages.js";
import { defaultStart, knobsOf, mostSteps } from "./settings.js";
import { freshSetup, mostTurns, type Setup } from "./setup.js";

before(startEngine);

const start = { ...defaultStart, configuration: "jepa", d: 2 };

/** A driver with a worker that answers in its own time, all that was asked of it, and all that was shown. */
function player() {
  const answer = answerer({ useKernels: () => "", loadDigits: async () => new Uint8Array() });
  const asked: Request[] = [];
  const frames: Frame[] = [];
  const failures: string[] = [];
  const open: (() => void)[] = [];
  const driver: Driver = drive(
    (request) => {
      assert.ok(asked.length === answered, "one request at a time");
      asked.push(request);
      void answer(request).then((reply) => {
        answered++;
        driver.receive(reply);
      });
    },
    {
      opened: (_, frame) => frames.push(frame),
      advanced: (_, frame) => frames.push(frame),
      failed: (reason) => failures.push(reason),
      changed() {
        if (driver.state === "opening" || driver.state === "playing") return;
        for (const done of open.splice(0)) done();
      },
      due: () => Promise.resolve(),
    },
  );
  let answered = 0;
  const rest = () => new Promise<void>((resolve) => open.push(resolve));
  return { driver, asked, frames, failures, rest };
}

/** Opens a run and waits until it stands where its setup says. */
async function opened(setup: Setup, landmarks?: readonly number[]) {
  const played = player();
  const stands = played.rest();
  played.driver.open(setup, landmarks);
  await stands;
  return played;
}

test("what is turned while steps are being made belongs to those after them, whoever asks in between", async () => {
  const { driver, rest } = await opened(freshSetup(start));
  const stands = rest();
  driver.stepOnce();
  assert.ok(driver.busy);
  driver.turn("learningRate", 0.03);
  assert.deepEqual([driver.told?.steps, driver.told?.turns], [0, []]);
  await stands;
  assert.ok(!driver.busy);
  assert.deepEqual(
    [driver.told?.steps, driver.told?.turns],
    [1, [{ step: 1, knob: "learningRate", value: 0.03 }]],
  );
});

test("it plays to a step and no further, makes single steps, and a turned knob counts from the next", async () => {
  const { driver, frames, rest } = await opened(freshSetup(start));
  assert.deepEqual([driver.state, driver.step], ["paused", 0]);
  let stands = rest();
  driver.play(7);
  assert.equal(driver.state, "playing");
  await stands;
  assert.equal(driver.step, 7);
  driver.turn("sigregSx", 3);
  driver.turn("sigregSx", 10);
  driver.turn("learningRate", 0.01);
  driver.turn("learningRate", 0.001);
  assert.deepEqual(driver.told?.turns, [{ step: 7, knob: "sigregSx", value: 10 }]);
  driver.turn("sigregSx", 0);
  assert.deepEqual(driver.told?.turns, []);
  driver.turn("sigregSx", 10);
  stands = rest();
  driver.stepOnce();
  await stands;
  assert.deepEqual([driver.step, driver.state], [8, "paused"]);
  stands = rest();
  driver.turn("prediction", 0.5);
  driver.stepOnce();
  await stands;

  const told = driver.told!;
  assert.deepEqual(
    [told.steps, told.turns],
    [
      9,
      [
        { step: 7, knob: "sigregSx", value: 10 },
        { step: 8, knob: "prediction", value: 0.5 },
      ],
    ],
  );
  const again = await opened(told);
  assert.deepEqual(again.frames.at(-1)?.measures, frames.at(-1)?.measures);
  assert.deepEqual(again.driver.told, told);
  assert.deepEqual(again.driver.knobs, { ...knobsOf(start), sigregSx: 10, prediction: 0.5 });
  const other = await opened({ ...told, turns: [] });
  assert.notDeepEqual(other.frames.at(-1)?.measures, frames.at(-1)?.measures);
});

test("a picture is made at each landmark, on the way to the setup's step and while it plays", async () => {
  const { driver, asked, frames, rest } = await opened({ ...freshSetup(start), steps: 9 }, [4, 11]);
  assert.deepEqual(
    frames.map(({ step }) => step),
    [0, 4, 9],
  );
  const before = asked.length;
  const stands = rest();
  driver.play(14);
  await stands;
  const first = asked[before];
  assert.equal("steps" in first && first.steps, 2);
  assert.ok(frames.some(({ step }) => step === 11));
});

test("a run that is opened while another is asked for takes its place", async () => {
  const { driver, asked, frames, rest } = player();
  const stands = rest();
  driver.open(freshSetup(start));
  driver.open(freshSetup({ ...start, seed: 2 }));
  driver.open(freshSetup({ ...start, seed: 3 }));
  await stands;
  assert.deepEqual(
    asked.map((request) => ("open" in request ? request.open.seed : 0)),
    [1, 3],
  );
  assert.equal(frames.length, 1);
  const next = rest();
  driver.play();
  driver.open({ ...freshSetup(start), steps: 3 });
  await next;
  assert.deepEqual([driver.step, driver.state], [3, "paused"]);
});

test("a failure ends the run, and another can be opened", async () => {
  const { driver, failures, rest } = await opened(freshSetup(start));
  driver.turn("learningRate", Number.POSITIVE_INFINITY);
  let stands = rest();
  driver.play();
  await stands;
  assert.equal(driver.state, "failed");
  assert.match(failures[0], /turn down the learning rate/);
  driver.play();
  driver.stepOnce();
  stands = rest();
  driver.open(freshSetup(start));
  await stands;
  assert.equal(driver.state, "paused");
});

test("more turns than can be told are not told, and the last step is the last", async () => {
  const asked: Request[] = [];
  const driver: Driver = drive((request) => void asked.push(request), {
    ...{ opened() {}, advanced() {}, failed() {}, changed() {} },
    due: () => Promise.resolve(),
  });
  const madeTo = (step: number) => driver.receive({ terms: [], frame: { step } as Frame, milliseconds: 1 });
  driver.open(freshSetup(start));
  driver.receive({ opened: {} as Opened, frame: { step: 0 } as Frame });
  for (let step = 1; step <= mostTurns + 1; step++) {
    driver.turn("sigregSx", step);
    driver.stepOnce();
    assert.equal(driver.told?.turns.length, step <= mostTurns ? step : undefined);
    madeTo(step);
  }
  driver.stepOnce();
  madeTo(mostSteps);
  assert.equal(driver.state, "over");
  const before = asked.length;
  driver.stepOnce();
  driver.play();
  await Promise.resolve();
  assert.deepEqual([driver.state, asked.length], ["over", before]);
});
