import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { pairConfigurations } from "../../lib/papers/var-jepa/pair-configurations.js";
import { readPlace, writePlace } from "./address.js";
import { sceneNames, scenes } from "./scenes.js";
import { type KnobName, knobBounds, knobsOf, latentSizes, leastDecoderNoise } from "./settings.js";
import { type Setup, speeds } from "./setup.js";

const fails = (hash: string, message: RegExp) => assert.throws(() => readPlace(hash), { message }, hash);

test("an address without words is where the playground begins, and writes as nothing", () => {
  const place = readPlace("");
  assert.deepEqual(place, readPlace("#"));
  assert.deepEqual([place.setup.configuration, place.setup.d, place.setup.steps], ["A", 4, 0]);
  assert.equal(writePlace(place), "");
});

test("a scene's name is enough for the scene, and what is said beside it goes over it", () => {
  for (const name of sceneNames) {
    assert.deepEqual(readPlace(`#scene=${name}`).setup, scenes[name].setup, name);
    assert.equal(writePlace(readPlace(`#scene=${name}`)), `scene=${name}`);
  }
  const { setup } = readPlace("#scene=rescue&seed=7&sigregSx=10");
  assert.deepEqual(
    [setup.configuration, setup.seed, setup.steps, setup.knobs.sigregSx],
    ["jepa", 7, 300, 10],
  );
  const other = readPlace("#scene=posterior-collapse&configuration=B").setup;
  assert.deepEqual([other.knobs.decoderNoise, other.knobs.sigregSx], [0, 10]);
});

const knobValue = (knob: KnobName) => {
  const [least, most] = knobBounds[knob];
  const value = fc.double({ min: least, max: most, noNaN: true, noDefaultInfinity: true });
  return value.map((number) => {
    const rounded = Number(number.toPrecision(4));
    if (knob === "decoderNoise" && rounded < leastDecoderNoise) return 0;
    return Math.min(most, Math.max(least, rounded < 1e-9 ? 0 : rounded));
  });
};

const plain = { noNullPrototype: true };

const anySetup: fc.Arbitrary<Setup> = fc
  .record(
    {
      data: fc.constantFrom("simulation" as const, "digits" as const),
      configuration: fc.constantFrom(...Object.keys(pairConfigurations)),
      d: fc.constantFrom(...latentSizes),
      seed: fc.integer({ min: 0, max: 999_999 }),
      kernels: fc.constantFrom("best" as const, "plain" as const),
    },
    plain,
  )
  .chain((start) => {
    const names = Object.keys(knobsOf(start)) as KnobName[];
    const turn = fc
      .constantFrom(...names)
      .chain((knob) =>
        fc.record(
          { step: fc.integer({ min: 0, max: 50 }), knob: fc.constant(knob), value: knobValue(knob) },
          plain,
        ),
      );
    return fc.record(
      {
        ...Object.fromEntries(Object.entries(start).map(([name, value]) => [name, fc.constant(value)])),
        knobs: fc.record(Object.fromEntries(names.map((knob) => [knob, knobValue(knob)])), plain),
        turns: fc.array(turn, { maxLength: 5 }).map((turns) => turns.sort((a, b) => a.step - b.step)),
        steps: fc.integer({ min: 50, max: 20_000 }),
      },
      plain,
    ) as unknown as fc.Arbitrary<Setup>;
  });

test("every run comes back from its address as it was", () => {
  const scene = fc.option(fc.constantFrom(...sceneNames), { nil: undefined });
  fc.assert(
    fc.property(anySetup, fc.constantFrom(...speeds), scene, (setup, speed, name) => {
      const place = { setup, speed, ...(name && { scene: name }) };
      assert.deepEqual(readPlace(`#${writePlace(place)}`), place);
    }),
    { numRuns: 200 },
  );
});

test("a link that was passed on with its signs encoded is the same", () => {
  assert.deepEqual(
    readPlace("#steps=5&turn=1%3AklSx%3A3&configuration=no%2Drec"),
    readPlace("#steps=5&turn=1:klSx:3&configuration=no-rec"),
  );
  fails("#configuration=%E0%A4", /^configuration is "%E0%A4"; use one like /);
});

test("no text does anything but be read or be refused in one sentence", () => {
  const word = fc.oneof(
    fc.string(),
    fc.constantFrom("turn=1:klSx:1", "steps=9", "__proto__=1", "constructor=1", "d=4", "klSx=", "seed=1e9"),
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 4 }), (words) => {
      try {
        readPlace(`#${words.join("&")}`);
      } catch (error) {
        assert.equal((error as Error).constructor, Error);
        assert.match((error as Error).message, /; (?:use|write|leave|the knobs here|configuration) /);
        assert.doesNotMatch((error as Error).message, /\n/);
      }
    }),
    { numRuns: 300 },
  );
});

test("what is not known or out of its bounds is named with the fix", () => {
  fails(
    "#klsx=1",
    /^the address says "klsx"; use one like klSx, klSy, klZ; a knob’s word stands in the address once the knob is turned, the others are scene, data, configuration, d, seed, kernels, steps, speed, turn$/,
  );
  fails("#__proto__=1", /^the address says "__proto__"; use one like /);
  fails("#play", /^the address says "play"; write name=value$/);
  fails("#seed=1&seed=2", /^the address says seed twice; leave one of them out$/);
  fails("#scene=hasOwnProperty", /^scene is "hasOwnProperty"; use "collapse" or /);
  const near = (text: string) => {
    const message = /^configuration is ".*; use one like (.*), or any other of the buttons under What is min/;
    assert.throws(
      () => readPlace(`#configuration=${text}`),
      (error: Error) => {
        found = message.exec(error.message)?.[1] ?? error.message;
        return true;
      },
    );
    return found;
  };
  let found = "";
  assert.equal(near("jep"), "jepa, jepa-own, jepa-rec");
  assert.equal(near("jepa-ema"), "jepa-ema-0.9, jepa-ema-0.99, jepa-ema-0.996");
  assert.equal(near("jepa-emma"), "jepa-ema-0.9, jepa-ema-0.99, jepa-ema-0.996");
  assert.match(near("VAR_JEPA"), /^var-jepa, /);
  assert.match(near("le-jepa-mes"), /^le-jepa-mse, /);
  assert.equal(near("toString").split(", ").length, 3);
  assert.equal(near("x".repeat(100_000)).split(", ").length, 3);
  fails(
    "#configuration=jepa&klSx=1",
    /^the address says "klSx"; configuration jepa has no use for it, .* prediction/,
  );
  fails("#d=3", /^d is "3"; use "2" or "4" or "8" or "16"$/);
  fails("#seed=-1", /^seed is "-1"; use a whole number from 0 to 999999$/);
  fails("#steps=20001", /^steps is 20001; use a whole number from 0 to 20000$/);
  fails("#klSx=1001", /^klSx is 1001; use a number from 0 to 1000$/);
  fails("#klSx=Infinity", /^klSx is "Infinity"; use a number/);
  fails("#klSx=0x10", /^klSx is "0x10"; use a number/);
  fails(
    "#decoderNoise=0.001",
    /^decoderNoise is 0.001; use 0 for a learned one, or a number from 0.01 to 10$/,
  );
  fails("#learningRate=0", /^learningRate is 0; use a number from 0.00001 to 0.1$|^learningRate is 0; use/);
  fails("#speed=warp", /^speed is "warp"; use "slow" or "steady" or "fast"$/);
  fails("#kernels=fused", /^kernels is "fused"; use "best" or "plain"$/);
  fails("#turn=1:klSx", /^turn is "1:klSx"; write step:knob:value, as in 300:klSx:0$/);
  fails("#turn=1:gain:1&steps=5", /^turn is "1:gain:1"; the knobs here are rec, gen, /);
  fails("#turn=9:klSx:1&steps=5", /^the step of a turn is 9; use a whole number from 0 to 5$/);
  fails(`#steps=5&${"turn=1:klSx:1&".repeat(101)}`, /^the address turns 101 knobs; use at most 100 turns$/);
});
