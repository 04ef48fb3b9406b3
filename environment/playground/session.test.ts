import "../../lib/node/world.js";
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { loadDigits } from "../../lib/data/digits.js";
import { startEngine, tf } from "../../lib/engine/backend.js";
import { fold, normals, seedKey } from "../../lib/engine/random.js";
import { pairConfigurations } from "../../lib/papers/var-jepa/pair-configurations.js";
import { fit } from "../../lib/training/fit.js";
import { answerer } from "./answer.js";
import { digitSide, digitViews, halfPixels, packDigits } from "./digits.js";
import { knobStops } from "./knob-stops.js";
import { playground, withoutButton } from "./layout.js";
import { classesByCentre, standardNormalMeasures } from "./measures.js";
import { dataOf, openSession } from "./session.js";
import {
  defaultStart,
  type Knobs,
  knobBounds,
  knobsOf,
  type Start,
  settingsOf,
  shownRows,
  trainRows,
} from "./settings.js";

before(startEngine);

test("a run makes the steps of fit, bit for bit", async () => {
  const start: Start = { ...defaultStart, configuration: "jepa-ema-0.9", d: 2 };
  const data = dataOf(start);
  const { model, objective, training } = settingsOf(start);
  const epochs = 1;
  const { history } = await fit("var-jepa", data.train, {
    ...{ model, objective, training: { ...training, epochs } },
    seed: fold(seedKey(start.seed), "model"),
    workers: 1,
  });
  const before = tf.memory().numTensors;
  const session = openSession(start, data);
  let sum = 0;
  const steps = trainRows / 128;
  for (let i = 0; i < steps; i++) sum += session.advance(knobsOf(start))!.prediction / steps;
  assert.equal(sum, history[0].terms.prediction);
  assert.equal(session.frame().step, steps);
  session.close();
  assert.equal(tf.memory().numTensors, before);
});

test("a knob acts from the next step on: a weight, the rate, the decoders' noise, the target's decay", () => {
  const values = (start: Start, turned: Knobs) => {
    const session = openSession(start, dataOf(start));
    session.advance(knobsOf(start));
    for (let i = 0; i < 2; i++) session.advance({ ...knobsOf(start), ...turned });
    const { measures, noise } = session.frame();
    session.close();
    return { variance: measures.sy.variance, noise };
  };
  const a: Start = { ...defaultStart, d: 2 };
  const unturned = values(a, {});
  for (const turned of [{ klSx: 10 }, { sigregSx: 10 }, { learningRate: 0.01 }])
    assert.notEqual(values(a, turned).variance, unturned.variance, JSON.stringify(turned));
  const noisy = values(a, { decoderNoise: 3 });
  assert.deepEqual(noisy.noise, { x: 3, y: 3 });
  assert.notEqual(noisy.variance, unturned.variance);
  const ema: Start = { ...a, configuration: "jepa-ema-0.99" };
  assert.notEqual(values(ema, { targetDecay: 0 }).variance, values(ema, {}).variance);
});

test("every configuration has a button and starts, and its knobs are within their bounds", () => {
  assert.deepEqual(withoutButton, ["var-jepa"]);
  const data = dataOf(defaultStart);
  for (const configuration of Object.keys(pairConfigurations)) {
    const start: Start = { ...defaultStart, configuration };
    if (configuration !== "var-jepa")
      assert.ok(playground.main.includes(`data-configuration="${configuration}"`));
    for (const [knob, value] of Object.entries(knobsOf(start))) {
      const [least, most] = knobBounds[knob as keyof typeof knobBounds];
      assert.ok(value >= least && value <= most, `${configuration} ${knob}`);
      assert.ok(knobStops(knob as keyof typeof knobBounds, value).includes(value));
    }
    const session = openSession(start, data);
    const terms = session.advance(knobsOf(start))!;
    assert.deepEqual(
      Object.keys(terms).sort(),
      Object.keys(pairConfigurations[configuration].objective).sort(),
    );
    assert.ok(session.frame().sx.means.every(Number.isFinite), configuration);
    session.close();
  }
});

test("digits come back from their file as halves, and are drawn from their left ones", async () => {
  const { images, labels } = loadDigits({ split: "test", limit: trainRows + shownRows });
  const packed = packDigits(images, labels);
  const { x, y, labels: last } = digitViews(packed, trainRows, shownRows);
  assert.deepEqual(last, labels.slice(trainRows));
  assert.ok(Math.max(...x) > 0.9 && Math.min(...y) === 0);
  const whole = images
    .subarray(trainRows * 784, (trainRows + 1) * 784)
    .reduce((sum, ink) => sum + ink / 4, 0);
  const halves = [x, y].flatMap((half) => [...half.subarray(0, halfPixels)]).reduce((sum, ink) => sum + ink);
  assert.ok(Math.abs(whole - halves) < (0.5 / 255) * digitSide ** 2);
  assert.throws(
    () => digitViews(packed, trainRows, shownRows + 1),
    /holds 2348, not 2349; make the book again/,
  );
  const answer = answerer({ useKernels: () => "", loadDigits: async () => packed });
  const reply = await answer({ open: { ...defaultStart, data: "digits" } });
  assert.ok(
    "opened" in reply &&
      reply.frame.drawn?.length === 3 &&
      reply.opened.digits?.left.length === 8 * halfPixels,
  );
});

test("a run that goes astray says why, and the next one starts", async () => {
  const answer = answerer({ useKernels: () => "", loadDigits: () => Promise.reject(new Error("no digits")) });
  const open = { ...defaultStart, d: 2 };
  assert.deepEqual(await answer({ knobs: {}, steps: 1 }), { failed: "no run is open; reset to start one" });
  await answer({ open });
  const knobs = { ...knobsOf(open), learningRate: Number.POSITIVE_INFINITY };
  const reply = await answer({ knobs, steps: 9 });
  assert.match(
    "failed" in reply ? reply.failed : "",
    /became .* at step \d; turn down the learning rate or a weight, and reset/,
  );
  await answer({ open });
  const one = await answer({ knobs, steps: 1 });
  assert.match(
    "failed" in one ? one.failed : "",
    /^a latent became NaN or infinite at step 1; turn down the/,
  );
  assert.deepEqual(await answer({ open: { ...open, data: "digits" } }), { failed: "no digits" });
  const next = await answer({ open });
  assert.ok("opened" in next && next.frame.step === 0);
});

test("the floor is that of N(0, I), and classes are found where they are", () => {
  const floor = standardNormalMeasures(seedKey(1), 400, 4);
  assert.ok(Math.abs(floor.variance - 1) < 0.1 && floor.effectiveRank > 3.9);
  assert.ok(floor.klAggregate > 0 && floor.klAggregate < 0.1 && floor.sigreg < 0.005);
  const labels = Uint8Array.from({ length: 400 }, (_, i) => (i * 7) % 3);
  const latents = normals(seedKey(2), 800).map((value, i) => value + 9 * labels[i >> 1]);
  assert.equal(classesByCentre(latents, 2, labels), 1);
  assert.ok(classesByCentre(normals(seedKey(3), 800), 2, labels) < 0.5);
});
