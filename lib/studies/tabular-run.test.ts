import "../node/world.js";
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { fitSchema } from "../data/tables/preprocess.js";
import { tableShape } from "../families/table.js";
import { selectRows } from "../models/modalities/tabular/table.js";
import { fit } from "../training/fit.js";
import { runProgram } from "../training/killable.test-run.js";
import { smallTJepa, smallVarTJepa } from "../training/tabular.test-table.js";
import { studySplit } from "./study-split.js";
import { runTabular, type TabularRunResult } from "./tabular-run.js";

const folder = mkdtempSync(path.join(tmpdir(), "tabular-run-test-"));
after(() => rmSync(folder, { recursive: true }));

const program = new URL("./tabular-run.test-program.js", import.meta.url);

const runHere = (runs: string, holdAt?: number) =>
  runProgram(program, [], holdAt, { ...process.env, VARJEPA_RUNS: path.join(folder, runs) });

const probes = (lines: string[]) => lines.filter((line) => line.startsWith("probe"));

test("a run killed in the middle of an epoch ends with the same probes, selection and weights", async () => {
  const whole = await runHere("whole");
  assert.deepEqual(probes(whole), ["probe 2 of 2", "probe 4 of 4"]);
  assert.equal((await runHere("killed", 8)).at(-1), "step 8");
  const continued = await runHere("killed");
  assert.equal(continued[0], "step 7");
  assert.deepEqual(probes(continued), ["probe 4 of 4"]);
  assert.deepEqual(continued.slice(-2), whole.slice(-2));
  assert.deepEqual(await runHere("killed"), whole.slice(-2), "a finished run is only read");

  const result = JSON.parse(whole.at(-2) as string) as TabularRunResult;
  const [second, fourth] = [1, 3].map((i) => result.epochs[i].probe?.figures.selection as number);
  assert.equal(result.selectedEpoch, fourth > second ? 4 : 2);
  const { configuration, data, version } = result.provenance;
  assert.deepEqual([configuration.dataset, configuration.seed, data.rows], ["sim", 3, 40]);
  assert.match(data.sha256, /^[0-9a-f]{64}$/);
  assert.match(version, /^\d+\.\d+\.\d+$/);
  assert.ok(configuration.recipe.family === "var-t-jepa");
  const { klZ, gen } = configuration.recipe.objective;
  assert.deepEqual([klZ, gen], [0, 1]);
  const [run] = readdirSync(path.join(folder, "whole"));
  assert.match(run, /^training-sim-var-t-jepa-3-[0-9a-f]{12}$/);
  assert.deepEqual(readdirSync(path.join(folder, "whole", run)).sort(), [
    "cell.json",
    "checkpoint.safetensors",
    "epochs.json",
    "selected",
  ]);
});

test("a run that holds out the test rows is trained on the others alone, without the validation rows where shrinkage is chosen on them", async () => {
  const preset = {
    rows: 100,
    probe: { every: 2, patience: 10 },
    models: { "var-t-jepa": smallVarTJepa, "t-jepa": smallTJepa },
  };
  process.env.VARJEPA_RUNS = path.join(folder, "held-out");
  const config = { dataset: "sim", family: "var-t-jepa", seed: 1 } as const;
  for (const shrink of [undefined, true]) {
    const { result, model, data } = await runTabular(
      { ...config, preset: { ...preset, testHeldOut: true, shrink } },
      { workers: 1 },
    );
    const { train, validation, test: held } = studySplit(data.table);
    assert.ok(held.length >= 18 && held.length <= 22, `${held.length} rows of 100 held out`);
    const seen = [...train, ...(shrink ? [] : validation)];
    assert.deepEqual([result.provenance.data.rows, result.provenance.data.trainedOn], [100, seen.length]);
    const { schema } = data.encoded;
    assert.deepEqual(schema, fitSchema(data.table, Int32Array.from(seen)));
    const rows = selectRows(tableShape(schema), data.encoded, seen);
    const alone = await fit("var-t-jepa", { ...rows, schema }, { ...smallVarTJepa, seed: 1, workers: 1 });
    assert.deepEqual(model.parameters.values, alone.parameters.values);
  }
  delete process.env.VARJEPA_RUNS;
  await assert.rejects(
    runTabular({ ...config, preset: { ...preset, shrink: true } }, { workers: 1 }),
    /shrink asks for testHeldOut/,
  );
});

test("a weight that the family has no term for is refused, and so is a family without settings", async () => {
  const config = { dataset: "sim", preset: "quick", seed: 1 } as const;
  await assert.rejects(
    runTabular({ ...config, family: "t-jepa", objective: { gen: 2 } }, { workers: 1 }),
    /gen is no term; use prediction/,
  );
  await assert.rejects(
    runTabular({ ...config, family: "lejepa" }),
    /no settings for the family "lejepa"; use var-t-jepa, t-jepa/,
  );
});
