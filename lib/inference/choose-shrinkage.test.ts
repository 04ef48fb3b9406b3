import "../node/world.js";
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { simTableDefaults, simulateTable } from "../data/datasets/sim.js";
import { takeTableRows } from "../data/tables/table.js";
import { fitPeakedGaussian, logPeaked } from "../distributions/peaked-gaussian.js";
import { startEngine } from "../engine/backend.js";
import { expectClose } from "../engine/finite-differences.js";
import { normals, seedKey, uniforms } from "../engine/random.js";
import { imputationScores } from "../evaluation/imputation.js";
import { heldOutLogLikelihood } from "../families/generate-features.js";
import { shrunk } from "../families/shrinkage.js";
import { mean } from "../moments.js";
import {
  categoryShrinkage,
  chooseShrinkage,
  mostRowsToChooseOn,
  numberShrinkage,
  type ToldCells,
} from "./choose-shrinkage.js";
import { generateColumns } from "./generate-columns.js";
import { imputeDraws, imputeTable } from "./impute-table.js";
import { messyTable, untrainedVarTJepa } from "./messy.test-table.js";

before(startEngine);

const rows = 200;
const noise = (seed: number) => Float64Array.from(normals(seedKey(seed), rows));

/** Cells of which a model says one number each, by one sample, and what is true of them. */
function numbers(said: Float64Array, deviation: number, truth: Float64Array) {
  const entry = {
    kind: "numeric" as const,
    feature: 0,
    mean: Float32Array.from(said),
    deviation: new Float32Array(rows).fill(deviation),
  };
  return { generated: { samples: 1, rows, hidden: [entry] }, entry, truth };
}

/** Mean log-likelihood of the cells beyond their marginal's, under what was chosen on others. */
function gain(chosen: ReturnType<typeof numberShrinkage>, { generated, truth }: ToldCells): number {
  const all = shrunk(generated, { rows, numeric: [chosen], categorical: [] });
  const logs = heldOutLogLikelihood(all, all.hidden[0], truth);
  return mean(logs.map((log, i) => log - logPeaked(chosen.marginal!, truth[i])));
}

const STANDARD = { peaks: [], rest: { share: 1, mean: 0, deviation: 1, values: [0] } };
const withoutPeaks = (cells: Parameters<typeof numberShrinkage>[0]) => {
  const { share, stretch } = numberShrinkage(cells, STANDARD);
  return { share, stretch, marginal: STANDARD };
};

test("numbers that are told have the smallest share of the marginal and the spread that fits, noise is its marginal", () => {
  const [signal, error] = [noise(1), noise(2)];
  const truth = signal.map((v, i) => v + 0.1 * error[i]);
  const told = withoutPeaks([numbers(signal, 0.3, truth)]);
  assert.equal(told.share, 1 / (rows + 1));
  assert.ok(Math.abs(0.3 * told.stretch - 0.1) < 0.03, `${told.stretch}`);
  const fitting = withoutPeaks([numbers(signal, 0.1, truth)]);
  assert.deepEqual(
    fitting,
    { share: 1 / (rows + 1), stretch: 1, marginal: STANDARD },
    "a spread that fits stays as it is",
  );
  assert.equal(withoutPeaks([numbers(noise(3), 0.5, truth)]).share, 1);
  assert.equal(withoutPeaks([]).share, 1, "nothing is known without a cell");
});

test("of a number that is mostly zero and rarely far off, a part is its marginal, and new cells are told better than by it", () => {
  const cells = (seed: number) => {
    const [u, size] = [uniforms(seedKey(seed), rows), noise(seed + 1)];
    const raw = Float64Array.from(u, (v, i) => (v < 0.9 ? -0.1 : v < 0.98 ? 0.9 * Math.abs(size[i]) : 4));
    return numbers(new Float64Array(rows).fill(-0.1), 0.3, raw);
  };
  const chosen = withoutPeaks([cells(5)]);
  assert.ok(chosen.share > 1 / (rows + 1) && chosen.share <= 0.3, `${chosen.share}`);
  assert.ok(chosen.stretch < 1 / 3);
  const asTrained = { share: 1e-300, stretch: 1, marginal: STANDARD };
  const other = cells(9);
  assert.ok(gain(chosen, other) > 1 && gain(asTrained, other) < 0, `${gain(chosen, other)}`);
});

test("of a number that is mostly the same, what a model knows of when it is counts; what it does not know is its marginal", () => {
  const cells = (seed: number) => {
    const [signal, off, size] = [noise(seed), noise(seed + 1), noise(seed + 2)];
    const truth = signal.map((v, i) => (v < 1 ? -0.25 : 2 + 0.5 * size[i]));
    return numbers(
      signal.map((v, i) => (v < 1 ? -0.25 : 2) + 0.3 * off[i]),
      0.6,
      truth,
    );
  };
  const marginal = fitPeakedGaussian(cells(41).truth);
  assert.equal(marginal.peaks.length, 1);
  const chosen = numberShrinkage([cells(44)], marginal);
  assert.ok(chosen.share <= 0.05 && chosen.tilt!.slope > 0.2, JSON.stringify(chosen));
  // All that can be known is whether it is the peak: the entropy of Φ(1) = .8413, .437 nats.
  const told = gain(chosen, cells(47));
  assert.ok(told > 0.3 && told < 0.55, `${told}`);
  const blind = numberShrinkage([numbers(noise(50), 0.5, cells(44).truth)], marginal);
  assert.equal(blind.share, 1);
});

test("on the cells that they were chosen on, no choice is below the marginal", () => {
  for (const [seed, share] of [0, 0.1, 0.3, 0.6].entries()) {
    const [signal, error] = [noise(20 + seed), noise(30 + seed)];
    const cells = numbers(
      signal,
      0.4,
      signal.map((v, i) => share * v + (1 - share) * error[i]),
    );
    assert.ok(gain(withoutPeaks([cells]), cells) >= 0);
  }
});

test("categories that are told have the smallest share, guesses are their marginal", () => {
  const marginal = [0.6, 0.4];
  const truth = Float64Array.from(uniforms(seedKey(1), rows), (u) => Number(u > 0.6));
  const said = (sure: (row: number) => number): ToldCells => {
    const each = Array.from(truth.keys(), (row) => [Math.log(1 - sure(row)), Math.log(sure(row))]);
    const logProbabilities = Float32Array.from(each.flat());
    const entry = { kind: "categorical" as const, feature: 0, categories: 2, logProbabilities };
    return { generated: { samples: 1, rows, hidden: [entry] }, entry, truth };
  };
  const told = categoryShrinkage([said((row) => (truth[row] ? 0.9 : 0.1))], marginal);
  assert.ok(told.share <= 0.01 && told.marginal === marginal);
  const guess = uniforms(seedKey(2), rows);
  assert.equal(categoryShrinkage([said((row) => 0.05 + 0.9 * guess[row])], marginal).share, 1);
});

test("of a model: every column has its share, and what is scored, filled in and drawn is the mixture", async () => {
  const table = messyTable();
  const places = [...Array(60).keys()];
  const part = (from: number, to: number) => takeTableRows(table, Int32Array.from(places.slice(from, to)));
  const [training, choosing] = [part(0, 40), part(40, 60)];
  const model = untrainedVarTJepa(training);
  const progress: number[] = [];
  const shrinkage = await chooseShrinkage(model, training, choosing, (done) => progress.push(done));
  assert.deepEqual(progress, [0, 1, 2, 3, 4, 5, 6]);
  assert.deepEqual([shrinkage.rows, shrinkage.numeric.length, shrinkage.categorical.length], [20, 4, 2]);
  for (const [c, { share, marginal }] of shrinkage.categorical.entries()) {
    const { categories } = model.schema.categorical[c];
    assert.ok(share >= 1 / 21 && share <= 1);
    assert.equal(marginal.length, categories.length);
  }
  const ones = <C extends { readonly share: number }>(all: readonly C[]) =>
    all.map((own) => ({ ...own, share: 1 }));
  const flat = {
    ...model,
    shrinkage: { rows: 20, numeric: ones(shrinkage.numeric), categorical: ones(shrinkage.categorical) },
  };
  const split = {
    train: Int32Array.from(places.slice(0, 40)),
    validation: Int32Array.from(places.slice(0, 10)),
    test: Int32Array.from(places.slice(40)),
  };
  const settings = { sets: 1, samples: 2, visible: 5 };
  const score = async (own: typeof model) =>
    (await imputationScores(own, table, split, seedKey(5), settings)).columns;
  const without = await score(model);
  for (const [i, { column, gain, gainError, unshrunk }] of (await score(flat)).entries()) {
    assert.ok(Math.abs(gain) < 1e-6 && gainError < 1e-6, `${column}: the marginal itself, not ${gain}`);
    assert.deepEqual([unshrunk!.gain, unshrunk!.model.score], [without[i].gain, without[i].model.score]);
    assert.ok(without[i].unshrunk === undefined && without[i].gain !== 0);
  }
  assert.deepEqual(
    await chooseShrinkage(flat, training, choosing),
    shrinkage,
    "what it was shrunk by does not count",
  );
  const filled = imputeTable(flat, choosing, { rawNumbers: true, samples: 3 });
  assert.ok(filled.cells.length > 5);
  for (const cell of filled.cells) {
    const number = model.schema.numeric.find(({ name }) => name === cell.column);
    if (cell.kind === "numeric") expectClose([cell.value, cell.deviation], [number!.mean, number!.std]);
    else {
      const { marginal } =
        flat.shrinkage.categorical[cell.column === model.schema.categorical[0].name ? 0 : 1];
      assert.ok(Math.abs(cell.probability - Math.max(...marginal)) < 1e-6);
    }
  }
  const { tables } = imputeDraws(flat, choosing, { draws: 2, seed: 3 });
  assert.notDeepEqual(tables[0], tables[1]);
  const [column] = generateColumns(flat, training, {
    hidden: [model.schema.categorical[0].name],
    samples: 200,
    seed: 4,
  });
  assert.ok(column.kind === "categorical");
  const [first] = flat.shrinkage.categorical[0].marginal;
  assert.ok(Math.abs(column.draws.filter((code) => code === 0).length / column.draws.length - first) < 0.03);
});

test("drawn peaks are the very numbers that the column holds, of whatever size", () => {
  const table = messyTable();
  const model = untrainedVarTJepa(table);
  for (const [scale, held, range] of [
    [1, 0.1],
    [1e9, 0],
    [1e-7, 1.25e-7],
    // Prices of which some are millions, and waits of which some are years.
    [4e6, 199_995],
    [3e4, 0.25],
    [1, 0.1234567],
    // The largest number fitted on is no short decimal.
    [1, 2 / 3, [0, 2 / 3] as const],
  ] as const) {
    const numeric = model.schema.numeric.map((own, j) =>
      j > 0 ? own : { name: own.name, missing: 0, mean: 0.7 * scale, std: 0.3 * scale, range },
    );
    const value = Math.fround((held - numeric[0].mean) / numeric[0].std);
    const marginal = {
      peaks: [{ value, share: 0.8 }],
      rest: { share: 0.2, mean: 0, deviation: 1, values: [0] },
    };
    const shares = model.schema.categorical.map(({ categories }) => ({
      share: 1,
      marginal: categories.map(() => 1 / categories.length),
    }));
    const shrinkage = {
      rows: 9,
      numeric: numeric.map(() => ({ share: 1, stretch: 1, marginal })),
      categorical: shares,
    };
    const schema = { ...model.schema, numeric };
    const hidden = [numeric[0].name];
    const [column] = generateColumns(
      { ...model, schema, shrinkage },
      takeTableRows(table, Int32Array.of(0, 1, 2)),
      { hidden, rawNumbers: true },
    );
    assert.ok(column.kind === "numeric");
    const share = column.draws.filter((draw) => draw === held).length / column.draws.length;
    assert.ok(Math.abs(share - 0.8) < 0.1, `${held}: ${share} of the draws`);
  }
});

test("of more than 16 columns some are hidden together; a column without a known cell is its marginal", async () => {
  const sizes = { rows: 24, numericFeatures: 16, categoricalFeatures: 2, informativeFeatures: 2, bins: 3 };
  const simulated = simulateTable(seedKey(7), { ...simTableDefaults, ...sizes });
  const table = { ...simulated, source: { title: "wide", files: [], notes: [] } };
  const part = (from: number) =>
    takeTableRows(
      table,
      Int32Array.from({ length: 12 }, (_, i) => from + i),
    );
  const choosing = part(12);
  const [first, ...others] = choosing.columns;
  assert.ok(first.kind === "numeric");
  const empty = { ...first, values: first.values.map(() => Number.NaN) };
  const progress: number[] = [];
  const shrinkage = await chooseShrinkage(
    untrainedVarTJepa(table),
    part(0),
    { ...choosing, columns: [empty, ...others] },
    (done) => progress.push(done),
  );
  assert.deepEqual(progress.slice(0, 4), [0, 2, 4, 5]);
  assert.deepEqual([progress.length, progress.at(-1)], [17, 18]);
  const shares = [...shrinkage.numeric, ...shrinkage.categorical].map(({ share }) => share);
  assert.ok(
    shares.length === 18 && shares[0] === 1 && shares.every((share) => share >= 1 / 13 && share <= 1),
  );
  assert.deepEqual([14, 100, 784].map(mostRowsToChooseOn), [1000, 160, 50]);
});
