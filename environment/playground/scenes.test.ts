import "../../lib/node/world.js";
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { reachOf, ringsBeyond } from "./draw-cloud.js";
import { rangeOf } from "./draw-curve.js";
import type { LatentMeasures, NormalMeasures } from "./frame.js";
import { knobStops } from "./knob-stops.js";
import { type Moment, outcome, scenes, spreadOfDraws } from "./scenes.js";
import { settingsOf } from "./settings.js";
import { percent, short, subscripts } from "./words.js";

const amount = fc.oneof(fc.double({ min: 1e-9, max: 1e6, noNaN: true }), fc.constantFrom(0.1, 0.5, 1, 2));
const share = fc.double({ min: 0, max: 1, noNaN: true });
const normal: Record<keyof NormalMeasures, typeof amount> = {
  variance: amount,
  effectiveRank: amount,
  klAggregate: amount,
  sigreg: amount,
};
const latent = fc.record<LatentMeasures>({ ...normal, signal: share, classes: share });
const anyMoment: fc.Arbitrary<Moment> = fc.record({
  step: fc.nat(),
  measures: fc.record({ sx: latent, sy: latent, unpredicted: amount }),
  drawn: fc.constant([Float32Array.of(0, 0.5), Float32Array.of(1, 0.5)]),
  terms: fc.record({ prediction: amount }),
  floor: fc.record<NormalMeasures>(normal),
});

test("whatever a run does, one answer of each scene holds, and its words hold the run's numbers", () => {
  fc.assert(
    fc.property(anyMoment, anyMoment, (begin, end) => {
      for (const [name, scene] of Object.entries(scenes)) {
        const holding = scene.answers.filter(({ holds }) => holds(begin, end));
        assert.deepEqual(holding, [outcome(scene, begin, end)], name);
        const told = scene.told(begin, end);
        assert.doesNotMatch(told, /undefined|NaN|–/, name);
        const numbers = [
          ...(["sx", "sy"] as const).flatMap((each) => Object.values(end.measures[each]).map(short)),
          ...[end.measures.sx.signal, end.measures.unpredicted!].map(percent),
        ];
        assert.ok(
          numbers.some((number) => told.includes(number)),
          name,
        );
      }
    }),
    { numRuns: 100 },
  );
});

test("a scene's run can be opened, and its objective is the one that its words name", () => {
  const objective = (name: string) => settingsOf(scenes[name].setup).objective;
  assert.deepEqual(Object.keys(scenes).length, 6);
  assert.deepEqual(objective("collapse"), { prediction: 1 });
  assert.deepEqual(objective("var-jepa"), { rec: 1, gen: 1, klSx: 1, klZ: 1, klSy: 1 });
  assert.deepEqual(objective("no-kl"), { rec: 1, gen: 1, klSx: 0, klZ: 0, klSy: 0 });
  assert.equal(scenes["posterior-collapse"].setup.knobs.decoderNoise, 3);
  assert.equal(scenes.rescue.setup.steps, 300);
});

test("draws that are one have no spread", () => {
  assert.equal(spreadOfDraws(undefined), 0);
  assert.equal(spreadOfDraws([Float32Array.of(0.3), Float32Array.of(0.3)]), 0);
  assert.ok(
    Math.abs(spreadOfDraws([Float32Array.of(0, 0.5), Float32Array.of(1, 0.5)]) - Math.sqrt(1 / 8)) < 1e-6,
  );
});

test("numbers are short, shares are percentages, subscripts stand apart", () => {
  const written = [0, 1, 0.123456, -2.5, 1234.5, 5.11e-5, -3e9, Number.POSITIVE_INFINITY, Number.NaN].map(
    short,
  );
  assert.deepEqual(written, ["0", "1", "0.123", "−2.5", "1235", "5.1·10⁻⁵", "−3.0·10⁹", "∞", "–"]);
  assert.deepEqual(
    [0, 0.004, 0.256, 1.03].map(percent),
    ["0", "under 1", "26", "103"].map((n) => `${n}\u00a0%`),
  );
  assert.deepEqual(subscripts("KL of s_x, q(s_y | x)"), ["KL of s", "x", ", q(s", "y", " | x)"]);
  assert.deepEqual(subscripts("no α_rec, α_sx"), ["no α", "rec", ", α", "sx", ""]);
});

test("a slider rests at what its configuration says, and a chart holds most of its curve", () => {
  assert.deepEqual(knobStops("prediction", 25, 0.98).slice(-6), [1, 3, 10, 25, 30, 100]);
  const curve = (values: number[]) => [{ steps: values.map((_, i) => i), values, ink: "sx" }];
  assert.deepEqual(rangeOf([], {}), [0, 1]);
  assert.deepEqual(rangeOf(curve([0.2, 0.4]), { holds: [0, 1] }), [0, 1]);
  const [least, most] = rangeOf(
    curve([1e9, ...Array.from({ length: 400 }, (_, i) => i / 400), Number.NaN]),
    {},
  );
  assert.ok(least < 0.01 && least > -0.1 && most > 0.98 && most < 1.1);
  assert.ok(rangeOf(curve([0, 1e-5, 1]), { logarithmic: true })[0] > 0);
  const cloud = { means: new Float32Array(100), samples: new Float32Array(100).fill(10) };
  assert.deepEqual(reachOf(cloud), { now: 12, least: 3.4 });
  const { now } = reachOf(cloud, { now: 4, least: 3.4 }, true);
  assert.ok(now > 4 && now < 12);
});

test("a cloud that shrinks is seen to shrink: the picture keeps the width it had, or that of the rings", () => {
  const of = (width: number) => ({
    means: new Float32Array(100).fill(width),
    samples: new Float32Array(100),
  });
  const narrow = reachOf(of(0.25));
  assert.ok(Math.abs(narrow.now - 0.3) < 1e-6);
  assert.ok(ringsBeyond(narrow.now)! > 8);
  const collapsed = reachOf(of(0.001), narrow);
  assert.deepEqual(collapsed, narrow);
  const opened = reachOf(of(1), collapsed);
  assert.deepEqual([opened.now, ringsBeyond(opened.now)], [3.4, undefined]);
  assert.equal(reachOf(of(0.001), reachOf(of(9), opened)).now, 3.4);
  assert.ok(reachOf(of(0)).now > 0);
});
