import "../node/world.js";
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { startEngine } from "../engine/backend.js";
import { fold, type Key, seedKey, uniforms } from "../engine/random.js";
import { tableShape } from "../families/table.js";
import { embedEncoded } from "../inference/embed-rows.js";
import { initialTJepa } from "../models/t-jepa.js";
import { initialVarTJepa } from "../models/var-t-jepa.js";
import { readParameters, tensorsOf } from "./parameters-file.js";
import { encodeSafetensors } from "./safetensors.js";
import { smallTable, smallTJepa, smallVarTJepa } from "./tabular.test-table.js";
import { loadTableModel, saveModel, type TableModel } from "./trained-model.js";

before(startEngine);

const folder = mkdtempSync(path.join(tmpdir(), "damaged-models-test-"));
after(() => rmSync(folder, { recursive: true }));

const rows = smallTable();
const table = tableShape(rows.schema);
const varTJepa: TableModel = {
  family: "var-t-jepa",
  config: { ...smallVarTJepa.model, table },
  schema: { ...rows.schema, labels: { name: "class", classes: ["a", "b"] } },
  objective: smallVarTJepa.objective,
  training: smallVarTJepa.training,
  shrinkage: {
    rows: 9,
    numeric: rows.schema.numeric.map((_, j) => ({
      share: 0.1,
      stretch: 0.5,
      // A column of an earlier version has neither.
      ...(j > 0 && {
        marginal: {
          peaks: [{ value: -0.5, share: 0.75 }],
          rest: { share: 0.25, mean: 1.5, deviation: 0.5, values: [1, 2] },
        },
        tilt: { slope: 0.5, offsets: [-0.25] },
      }),
    })),
    categorical: rows.schema.categorical.map(({ categories }) => ({
      share: 1,
      marginal: categories.map(() => 1 / categories.length),
    })),
  },
  seed: 4,
  history: [
    { epoch: 1, terms: { rec: 2, gen: -0.5 }, gradientNorm: 3, microBatch: 16, seconds: 0.25 },
    { epoch: 2, terms: { rec: 1, gen: -0.75 }, gradientNorm: 2, microBatch: 16, seconds: 0.25 },
  ],
  parameters: initialVarTJepa(seedKey(1), { ...smallVarTJepa.model, table }),
};
const online = initialTJepa(seedKey(1), { ...smallTJepa.model, table });
const tJepa: TableModel = {
  ...varTJepa,
  family: "t-jepa",
  config: { ...smallTJepa.model, table },
  objective: smallTJepa.objective,
  training: smallTJepa.training,
  parameters: online,
  average: online,
};

/** The model, or the message of its refusal, which must be one bounded sentence that names the file. */
async function loaded(at: string): Promise<TableModel | string> {
  try {
    return await loadTableModel(at);
  } catch (error) {
    assert.equal((error as Error).constructor, Error, `${(error as Error).stack}`);
    const { message } = error as Error;
    assert.ok(message.length < 500 + at.length && !message.includes("\n"), message.slice(0, 1000));
    assert.ok(message.startsWith(path.join(at, "weights.safetensors")), message);
    assert.doesNotMatch(message, /undefined|is not a function|is not iterable/);
    return message;
  }
}

const whole = (draws: Float64Array, i: number, below: number) => Math.floor(draws[i] * below);

/** A file with a bit turned, a byte set, an end cut off, or a stretch lost, doubled or zeroed. */
function damaged(bytes: Uint8Array, key: Key): Uint8Array {
  const draws = uniforms(key, 5);
  // Half of the damage hits the header, where more can go wrong.
  const at = whole(draws, 0, draws[1] < 0.5 ? Math.min(3000, bytes.length) : bytes.length);
  const length = 1 + whole(draws, 2, 40);
  const copy = Uint8Array.from(bytes);
  switch (whole(draws, 3, 6)) {
    case 0:
      copy[at] ^= 1 << whole(draws, 4, 8);
      return copy;
    case 1:
      copy[at] = whole(draws, 4, 256);
      return copy;
    case 2:
      return copy.subarray(0, at);
    case 3:
      return Buffer.concat([copy.subarray(0, at), copy.subarray(at + length)]);
    case 4:
      return Buffer.concat([copy.subarray(0, at + length), copy.subarray(at)]);
    default:
      return copy.fill(0, at, at + length);
  }
}

test("500 damaged files load to the same bits or are refused in a sentence", async () => {
  const counts = { same: 0, refused: 0 };
  for (const model of [varTJepa, tJepa]) {
    const at = path.join(folder, model.family);
    await saveModel(at, model);
    const file = path.join(at, "weights.safetensors");
    const bytes = readFileSync(file);
    for (let i = 0; i < 250; i++) {
      writeFileSync(file, damaged(bytes, fold(seedKey(11), i)));
      const outcome = await loaded(at);
      if (typeof outcome === "string") counts.refused++;
      else {
        assert.deepEqual(outcome, model);
        counts.same++;
      }
    }
    writeFileSync(file, bytes);
    assert.deepEqual(await loaded(at), model);
  }
  // Damage can also leave a file as it was: zeros set to zero.
  assert.ok(counts.refused > 400 && counts.refused + counts.same === 500, JSON.stringify(counts));
});

const strange = [
  null,
  true,
  "text",
  "long\n".repeat(50_000),
  -1,
  0,
  0.5,
  2,
  1e7,
  1e308,
  [],
  {},
  [1, 2],
  undefined,
];

/** A copy in which one value, anywhere, is another or gone, or a list's first entry is there twice. */
function changed(value: unknown, key: Key): unknown {
  const copy: unknown = structuredClone(value);
  const places: [Record<string, unknown>, string][] = [];
  const collect = (parent: unknown) => {
    if (typeof parent !== "object" || parent === null) return;
    for (const [name, child] of Object.entries(parent)) {
      places.push([parent as Record<string, unknown>, name]);
      collect(child);
    }
  };
  collect(copy);
  const draws = uniforms(key, 2);
  const [parent, name] = places[whole(draws, 0, places.length)];
  const choice = whole(draws, 1, strange.length + 2);
  if (choice < strange.length) parent[name] = strange[choice];
  else if (Array.isArray(parent)) parent.push(parent[0]);
  else delete parent[name];
  return copy;
}

test("what a file says of columns and training is checked to the last number, and refused by its field's name", async () => {
  const at = path.join(folder, "told");
  await saveModel(at, varTJepa);
  const file = path.join(at, "weights.safetensors");
  const { parameters, configuration } = await readParameters(file);
  /** The outcome when the value at a place, as in `a.0.b`, is another, or gone. */
  const saying = async (place: string, value?: unknown) => {
    const description = structuredClone(configuration);
    const names = place.split(".");
    const last = names.pop() as string;
    const parent = names.reduce(
      (part, name) => part[name] as Record<string, unknown>,
      description as Record<string, unknown>,
    );
    parent[last] = value;
    const metadata = { configuration: JSON.stringify(description) };
    writeFileSync(file, encodeSafetensors({ tensors: tensorsOf(parameters), metadata }));
    return loaded(at);
  };
  const [first, second] = varTJepa.history;
  const refused: [place: string, value: unknown, message: RegExp][] = [
    ["schema.numeric.1.range", "all", /: schema\.numeric\[1\]\.range is "all"; use a list; save/],
    ["schema.numeric.1.range", [1], /range is \[1\]; use a list of two numbers/],
    ["schema.numeric.1.range", [0, null], /range\[1\] is null; use a number/],
    ["schema.numeric.1.range", [2, 1], /range\[1\] is 1; use a number from 2/],
    ["schema.numeric.1.whole", 1, /schema\.numeric\[1\]\.whole is 1; use true or false/],
    ["schema.labels.name", rows.schema.numeric[0].name, /schema\.labels\.name is .*, which is there twice/],
    ["training.clipNorm", null, /training\.clipNorm is null; use a number/],
    ["training.annealEpochs.klZ", [], /training\.annealEpochs\.klZ is \[\]; use an object/],
    ["training.batchSize", 0.5, /training\.batchSize is 0\.5; use a whole number/],
    ["training.learningRate", undefined, /training\.learningRate is missing; use a number/],
    ["history.0.terms", 1, /history\[0\]\.terms is 1; use an object/],
    ["history.1.terms.rec", null, /history\[1\]\.terms\.rec is null; use a number/],
    ["history.1.terms.gen", undefined, /history\[1\]\.terms is of \["rec"\]; use the terms of history\[0\]/],
    ["history", [second, first], /history\[0\]\.epoch is 2; use a whole number from 1 to 1/],
    ["shrinkage", [], /: shrinkage is \[\]; use an object with named fields; save/],
    ["shrinkage.rows", 0.5, /shrinkage\.rows is 0\.5; use a whole number/],
    ["shrinkage.numeric", [], /shrinkage\.numeric has 0 entries; use one for each of the 6 columns/],
    ["shrinkage.numeric.1.share", 0, /shrinkage\.numeric\[1\]\.share is 0; use a number from/],
    ["shrinkage.categorical.0.share", 1.5, /shrinkage\.categorical\[0\]\.share is 1\.5; use a number from/],
    ["shrinkage.numeric.0.stretch", null, /shrinkage\.numeric\[0\]\.stretch is null; use a number/],
    ["shrinkage.numeric.0.tilt", null, /shrinkage\.numeric\[0\]\.marginal is missing; use an object/],
    ["shrinkage.numeric.1.marginal", 0, /shrinkage\.numeric\[1\]\.marginal is 0; use an object/],
    [
      "shrinkage.numeric.1.marginal.peaks.0.value",
      null,
      /shrinkage\.numeric\[1\]\.marginal\.peaks\[0\]\.value is null; use a number/,
    ],
    ["shrinkage.numeric.1.marginal.peaks.0.share", 0, /peaks\[0\]\.share is 0; use a number from/],
    [
      "shrinkage.numeric.1.marginal.rest.share",
      0.5,
      /the shares of .*marginal: the sum is 1\.25; use probabilities/,
    ],
    ["shrinkage.numeric.1.marginal.rest.deviation", 0, /rest\.deviation is 0; use a number from/],
    ["shrinkage.numeric.1.marginal.rest.values", [], /rest\.values is empty; use numbers of the rows/],
    ["shrinkage.numeric.1.marginal.rest.values.1", null, /rest\.values\[1\] is null; use a number/],
    ["shrinkage.numeric.1.tilt.offsets", [], /tilt\.offsets has 0 entries; use one for each of the 1 peaks/],
    ["shrinkage.numeric.1.tilt.slope", "1", /shrinkage\.numeric\[1\]\.tilt\.slope is "1"; use a number/],
    ["shrinkage.numeric.1.stretch", 0, /shrinkage\.numeric\[1\]\.stretch is 0; use a number from/],
    [
      "shrinkage.categorical.1.marginal",
      undefined,
      /shrinkage\.categorical\[1\]\.marginal is missing; use a list/,
    ],
    ["shrinkage.categorical.1.marginal", [1], /marginal has 1 entries; use one for each of the 3 categories/],
    [
      "shrinkage.categorical.1.marginal.0",
      0.5,
      /marginal: the sum is 1\.16.*; use probabilities that add up to 1/,
    ],
    ["schema", undefined, /schema is missing/],
    ["history.0.seconds", "long", /history\[0\]\.seconds is "long"; use a number/],
  ];
  for (const [place, value, message] of refused) assert.match(String(await saying(place, value)), message);
  assert.equal(
    typeof (await saying("schema.numeric.0.range")),
    "object",
    "models of version 0.1.0 have none",
  );
  assert.equal(typeof (await saying("shrinkage")), "object", "a model need not be shrunk");
  assert.equal(
    typeof (await saying("schema.numeric.0.whole")),
    "object",
    "nor do those of before it was kept",
  );
});

test("500 files that say something else of themselves give finite embeddings or are refused in a sentence", async () => {
  const counts = { usable: 0, refused: 0 };
  const few = { rows: 3, numeric: rows.numeric.slice(0, 18), categorical: rows.categorical.slice(0, 6) };
  for (const model of [varTJepa, tJepa]) {
    const at = path.join(folder, `${model.family}-changed`);
    await saveModel(at, model);
    const file = path.join(at, "weights.safetensors");
    const { parameters, configuration } = await readParameters(file);
    for (let i = 0; i < 250; i++) {
      const description = changed(configuration, fold(seedKey(12), i));
      const metadata = { configuration: JSON.stringify(description) ?? "null" };
      writeFileSync(file, encodeSafetensors({ tensors: tensorsOf(parameters), metadata }));
      const outcome = await loaded(at);
      if (typeof outcome === "string") counts.refused++;
      else {
        assert.ok(embedEncoded(outcome, few).values.every(Number.isFinite));
        counts.usable++;
      }
    }
  }
  assert.ok(counts.refused > 200 && counts.usable > 20, JSON.stringify(counts));
});
