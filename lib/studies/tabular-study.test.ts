import "../node/world.js";
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, mock, test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { publishedTable6 } from "../papers/var-jepa/published-table-6.js";
import { projectFolder } from "../settings.js";
import { smallTJepa, smallVarTJepa } from "../training/tabular.test-table.js";
import { forImputation } from "./imputation-preset.js";
import { tabularPreset } from "./tabular-presets.js";
import { scoringDefaults } from "./tabular-scores.js";
import {
  choicesStudy,
  imputationStudies,
  letterStudy,
  longerImputationStudies,
  objectivesStudy,
  quickStudies,
} from "./tabular-studies.js";
import {
  runTabularStudy,
  saveTabularStudies,
  saveTabularStudy,
  type TabularStudy,
  type TabularStudyConfig,
} from "./tabular-study.js";

const folder = mkdtempSync(path.join(tmpdir(), "tabular-study-test-"));
process.env.VARJEPA_RUNS = path.join(folder, "runs");
after(() => rmSync(folder, { recursive: true }));

const probe = { epochs: 3, batchSize: 16, learningRate: 1e-2, weightDecay: 0 };
const config: TabularStudyConfig = {
  dataset: "sim",
  preset: {
    rows: 120,
    probe: { every: 2, patience: 10 },
    models: { "var-t-jepa": smallVarTJepa, "t-jepa": smallTJepa },
  },
  arms: [
    { name: "printed", family: "var-t-jepa" },
    {
      name: "no KL",
      family: "var-t-jepa",
      objective: { klSy: 0, klZ: 0, klSx: 0 },
      keep: "last",
    },
    { name: "T-JEPA", family: "t-jepa" },
  ],
  seeds: [2, 3],
  untrainedSeeds: [1],
  scoring: {
    ...scoringDefaults,
    online: { probe, trainRows: 60, validationRows: 60 },
    probe,
    imputation: { sets: 2, samples: 2, visible: [4, 31], testRows: 20, trainRows: 60, features: [0, 29] },
  },
};

test("every arm is trained for every seed and scored beside its controls; finished jobs are not done again", async () => {
  const labels: string[] = [];
  const study = await runTabularStudy(config, { onProgress: (_done, _total, label) => labels.push(label) });
  assert.deepEqual(
    study.runs.map(({ arm, seed }) => `${arm} ${seed}`),
    ["printed 2", "no KL 2", "T-JEPA 2", "printed 3", "no KL 3", "T-JEPA 3"],
  );
  assert.deepEqual(
    study.controls.map(({ features, family, seed }) => [features, family, seed]),
    [
      ["untrained", "var-t-jepa", 1],
      ["untrained", "t-jepa", 1],
      ["raw", null, null],
    ],
  );
  const [printed, noKl, tJepa] = study.runs;
  assert.equal(tJepa.scores.imputation, undefined);
  assert.equal(noKl.provenance.configuration.recipe.family, "var-t-jepa");
  assert.deepEqual([noKl.selectedEpoch, noKl.epochs[1].probe!.figures.selection], [4, 2], "the last is kept");
  assert.notDeepEqual(noKl.epochs[3].report.terms, printed.epochs[3].report.terms);
  assert.deepEqual(
    printed.scores.imputation?.map(({ visible, columns }) => [visible, columns.map((c) => c.visible.length)]),
    [
      [4, [2, 2]],
      [31, [1, 1]],
    ],
  );
  assert.ok(printed.scores.active!.sw.units === 32 * 8 && printed.scores.active!.sx.units === 33 * 8);
  const figures = printed.epochs[1].probe!.figures;
  assert.equal(figures.selection, figures["posterior: accuracy without 20 %"]);
  assert.equal(tJepa.epochs[1].probe!.figures.selection, tJepa.epochs[1].probe!.figures.accuracy);
  assert.ok(Object.values(figures).every(Number.isFinite));

  const asked = labels.length;
  const again = await runTabularStudy(config, { onProgress: (_done, _total, label) => labels.push(label) });
  assert.equal(labels.length, asked, "nothing was left to do");
  assert.deepEqual(again.runs, study.runs);

  await saveTabularStudy("study", study, folder);
  const saved = JSON.parse(readFileSync(path.join(folder, "study.json"), "utf8"));
  assert.equal(saved.provenance.data.sha256, study.provenance.data.sha256);
  assert.ok(Math.abs(saved.runs[0].scores.line.accuracy - printed.scores.line.accuracy) < 1e-6);
});

test("the studies ask for what their data sets have", () => {
  for (const study of [
    objectivesStudy("quick"),
    objectivesStudy("standard"),
    letterStudy(),
    choicesStudy(),
    ...imputationStudies(),
    ...longerImputationStudies(),
  ]) {
    const { code } = Object.entries({
      adult: "AD",
      covertype: "CO",
      electricity: "EL",
      "credit-default": "CC",
      "bank-marketing": "BM",
      mnist: "MNIST",
      sim: "SIM",
    })
      .map(([name, code]) => ({ name, code: code as keyof typeof publishedTable6 }))
      .find(({ name }) => name === study.dataset)!;
    const { numeric, categorical } = publishedTable6[code];
    const { visible, features = [] } = study.scoring.imputation;
    assert.equal(visible.at(-1), numeric + categorical - 1);
    assert.ok(visible.every((count) => count >= 1) && new Set(visible).size === visible.length);
    assert.ok(features.every((feature) => feature < numeric + categorical));
    assert.equal(new Set(study.arms.map(({ name }) => name)).size, study.arms.length);
  }
});

/** Numbers are committed with six significant digits. */
const rounded = <T>(config: T): T =>
  JSON.parse(
    JSON.stringify(config, (_, value) =>
      typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value,
    ),
  );

/** What of a committed study the code would make otherwise: its arms by name, or all of it. */
function outOfDate(committed: TabularStudyConfig, config: TabularStudyConfig): string[] {
  const { arms: before, ...settingsBefore } = committed;
  const { arms, ...settings } = rounded(config);
  if (!isDeepStrictEqual(settingsBefore, settings)) return [`all of ${config.dataset}`];
  return arms.filter((arm) => !before.some((old) => isDeepStrictEqual(old, arm))).map(({ name }) => name);
}

function sameTable(one: TabularStudyConfig, other: TabularStudyConfig): boolean {
  const rows = ({ preset }: TabularStudyConfig) => (typeof preset === "string" ? undefined : preset.rows);
  return one.dataset === other.dataset && rows(one) === rows(other);
}

test("the committed studies are those that the code would run", () => {
  const stale = (
    [
      ["adult-objectives", "adult", [objectivesStudy("standard")]],
      ["adult-letter", "letter", [letterStudy()]],
      ["adult-choices", "choices", [choicesStudy()]],
      ["imputation", "imputation", imputationStudies()],
      ["imputation-longer", "longer", longerImputationStudies()],
      ["tabular-quick", "quick", quickStudies()],
    ] as const
  ).flatMap(([file, study, configs]) => {
    const place = path.join(projectFolder, "figures", `${file}.json`);
    // What is not computed yet is not out of date.
    if (!existsSync(place)) return [];
    const committed: TabularStudy[] = [JSON.parse(readFileSync(place, "utf8"))].flat();
    const arms = configs.flatMap((config) => {
      const held = committed.find(({ provenance }) => sameTable(provenance.config, config));
      // These are written table by table.
      if (!held) return ["imputation", "longer"].includes(study) ? [] : [`all of ${config.dataset}`];
      return outOfDate(held.provenance.config, config);
    });
    return arms.length === 0
      ? []
      : [`figures/${file}.json: ${arms.join(", ")}; npm run studies -- ${study} makes it anew`];
  });
  assert.deepEqual(stale, []);
});

test("the longer models for imputation differ from the others in length alone, three times theirs", () => {
  for (const longer of longerImputationStudies()) {
    const usual = imputationStudies().find((own) => sameTable(own, longer))!;
    const [before, after] = [usual, longer].map(({ preset }) => {
      assert.ok(typeof preset !== "string");
      return preset.models["var-t-jepa"];
    });
    assert.deepEqual([after.model, after.objective], [before.model, before.objective]);
    const share = after.training.epochs / before.training.epochs;
    assert.ok(Math.abs(share - 3) < 0.05, `${share}`);
    assert.deepEqual(longer.scoring, usual.scoring);
  }
});

test("a preset for imputation changes nothing but what it names, and not T-JEPA", () => {
  const base = tabularPreset("adult", "standard");
  const changed = forImputation(base);
  assert.deepEqual(changed.models["t-jepa"], base.models["t-jepa"]);
  const { model, objective, training } = changed.models["var-t-jepa"];
  assert.deepEqual([model.sigma, model.encoder], ["per token", base.models["var-t-jepa"].model.encoder]);
  assert.deepEqual(objective.gen, objective.klSy, "the ELBO's own proportion");
  assert.equal(training.annealEpochs?.klSy, training.epochs);
  assert.deepEqual(
    [training.epochs, changed.probe.every],
    [2 * base.models["var-t-jepa"].training.epochs, 2 * base.probe.every],
    "eight times as many updates by a quarter of the batch",
  );
});

test("studies are written one by one, in their order; what is not finished here stays, of another configuration all does", async () => {
  const [one, two] = [config, { ...config, seeds: [1 / 3] }];
  const study = (config: TabularStudyConfig, engine: string): TabularStudy =>
    ({ runs: [], controls: [], provenance: { config, engine } }) as unknown as TabularStudy;
  const write = async (configs: TabularStudyConfig[], ...finished: TabularStudy[]) => {
    const said = mock.method(console, "error", () => {});
    await saveTabularStudies("several", configs, finished, folder);
    said.mock.restore();
    const held: TabularStudy[] = JSON.parse(readFileSync(path.join(folder, "several.json"), "utf8"));
    const engines = held.map(({ provenance }) => provenance.engine);
    return { engines, said: said.mock.calls.map(({ arguments: [line] }) => String(line)) };
  };
  assert.deepEqual(await write([one, two], study(two, "a")), { engines: ["a"], said: [] });
  assert.deepEqual(await write([one, two], study(one, "b")), { engines: ["b", "a"], said: [] });
  assert.deepEqual(await write([one, two], study(two, "c")), { engines: ["b", "c"], said: [] });
  const other = await write([two], study(two, "d"));
  assert.deepEqual(other.engines, ["b", "c"]);
  assert.match(
    other.said[0],
    /several\.json is left as it is: it holds results of another configuration \(sim\);/,
  );
  writeFileSync(path.join(folder, "several.json"), "[{");
  assert.deepEqual((await write([two], study(two, "d"))).engines, ["d"]);
});
