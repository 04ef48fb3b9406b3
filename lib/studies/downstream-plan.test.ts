import assert from "node:assert/strict";
import { test } from "node:test";
import { paperDataSets } from "../data/datasets/index.js";
import { predictors } from "../evaluation/predictors/all.js";
import {
  downstreamInputs,
  downstreamPaper,
  downstreamParts,
  downstreamStandard,
  isCutShort,
  standsBeside,
} from "./downstream-plan.js";
import { resolveRun } from "./tabular-run.js";

const parts = downstreamParts(downstreamStandard);

test("every data set has every predictor on every input with three seeds, and three encoders of either family", () => {
  for (const { code } of paperDataSets)
    for (const input of downstreamInputs) {
      const own = parts.filter((part) => part.dataset === code && part.input === input);
      const seeds = (predictor: string | undefined) =>
        new Set(own.filter(({ job }) => job.arm?.predictor === predictor).map(({ seed }) => seed)).size;
      assert.equal(seeds(undefined), /^(var-)?t-jepa$/.test(input) ? 3 : 0, `${code} ${input}`);
      for (const predictor of Object.keys(predictors)) {
        const alone = input === "raw" && predictor === "linear" && code !== "MNIST";
        assert.ok(seeds(predictor) >= (alone ? 1 : 3), `${code} ${input} ${predictor}`);
      }
    }
});

test("a seed is whole before the next begins, slow predictors come last, encoders before what needs them", () => {
  const place = (found: (typeof parts)[number] | undefined) => parts.indexOf(found!);
  const quick = parts.filter(
    ({ job: { arm }, setting }) => arm?.predictor === "mlp" && !setting?.includes("times"),
  );
  const second = place(parts.find(({ seed, job }) => seed === 2 && !job.arm));
  assert.ok(quick.filter(({ seed }) => seed === 1).every((part) => place(part) < second));
  const slow = parts.filter(
    ({ job: { arm } }) => arm && ["autoInt", "dcnV2", "ftTransformer"].includes(arm.predictor),
  );
  assert.deepEqual(parts.slice(-slow.length), slow);
  for (const part of parts.filter(({ job }) => job.arm && job.features === "trained")) {
    const encoder = parts.find(
      ({ job }) => !job.arm && JSON.stringify(job.config) === JSON.stringify(part.job.config),
    );
    assert.ok(encoder, "there is the encoder of that very cell");
    assert.ok(place(encoder) < place(part));
  }
});

test("encoders that train longer stand beside, after all seeds of the others and before slow predictors", () => {
  const long = parts.filter(({ setting }) => setting?.includes("3 times as many epochs"));
  const epochs = ({ job }: (typeof parts)[number]) => resolveRun(job.config).recipe.training.epochs;
  for (const dataset of ["AD", "SIM"]) {
    const own = long.filter((part) => part.dataset === dataset);
    assert.deepEqual(
      own.map(({ job }) => job.arm?.predictor),
      [undefined, "linear", "mlp", "resnet", "boostedTrees"],
    );
    const usual = parts.find(
      (part) => part.dataset === dataset && part.input === "var-t-jepa" && !part.job.arm,
    );
    assert.ok(own.every((part) => epochs(part) === 3 * epochs(usual!) && standsBeside(part.setting)));
  }
  assert.equal(long.length, 10);
  const [first, last] = [parts.indexOf(long[0]), parts.lastIndexOf(long[9])];
  assert.ok(
    parts.slice(0, first).some(({ seed, job }) => seed === 3 && job.features === "trained" && job.arm),
  );
  assert.ok(
    parts.slice(last + 1).every(({ job: { arm } }) => /autoInt|dcnV2|ftTransformer/.test(arm!.predictor)),
  );
});

test("what is not as printed has words; at the paper's size only MNIST's tokens and other splits have", () => {
  const worded = (config: typeof downstreamStandard) =>
    new Set(
      downstreamParts(config).flatMap(({ dataset, setting }) =>
        setting && dataset !== "MNIST" ? [setting] : [],
      ),
    );
  assert.deepEqual([...worded(downstreamPaper)].sort(), [
    "depth 10, five splits",
    "five splits",
    "tokens averaged",
    "weights at the stop",
  ]);
  const brief = parts.filter(
    ({ job: { arm } }) => arm && "epochs" in arm.settings && arm.settings.epochs === 6,
  );
  assert.ok(brief.length > 0 && brief.every(({ setting }) => isCutShort(setting)));
  const few = parts.filter(
    ({ dataset, job }) => dataset === "MNIST" && job.arm && resolveRun(job.config).rows,
  );
  assert.ok(few.length > 0 && few.every(({ setting }) => setting?.includes("2,000 rows in all")));
});
