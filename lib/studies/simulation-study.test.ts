import "../node/world.js";
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { publishedTable1 } from "../papers/var-jepa/published-table-1.js";
import { variantNames, variantOf } from "../papers/var-jepa/simulation-variants.js";
import { projectFolder } from "../settings.js";
import { simulationClaims } from "./simulation-claims.js";
import {
  runSimulationStudy,
  type SimulationStudy,
  type SimulationStudyConfig,
  simulationPresets,
} from "./simulation-study.js";
import { agreement, type TableCell } from "./simulation-table.js";

const folder = mkdtempSync(path.join(os.tmpdir(), "var-jepa-study-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const { quick } = simulationPresets;
/** Small enough for seconds; large enough to be interrupted half-way. */
const tiny: SimulationStudyConfig = {
  ...quick,
  variants: ["A", "H"],
  runs: 2,
  data: { ...quick.data, trainRows: 300, evaluationRows: 200 },
  training: { ...quick.training, epochs: 4, batchSize: 100 },
  probe: { ...quick.probe, epochs: 2 },
};

const withoutTimes = ({ cells, claims, history }: Awaited<ReturnType<typeof runSimulationStudy>>) => ({
  cells,
  claims,
  history,
});

test("a study killed half-way continues and ends with the numbers of an uninterrupted one", async () => {
  const program = fileURLToPath(new URL("./simulation-study.test-program.js", import.meta.url));
  const interrupted = path.join(folder, "interrupted");
  const finishedRuns = () =>
    existsSync(interrupted)
      ? (readdirSync(interrupted, { recursive: true }) as string[]).filter((file) =>
          /simulation-[AH]-\d-[0-9a-f]{12}\.json$/.test(file),
        )
      : [];
  const child = spawn(process.execPath, [program, JSON.stringify(tiny)], {
    env: { ...process.env, VARJEPA_RUNS: interrupted, VARJEPA_WORKERS: "1" },
    stdio: "ignore",
  });
  await new Promise<void>((resolve, reject) => {
    child.on("exit", () => reject(new Error("the study ended before it could be killed")));
    const watch = setInterval(() => {
      if (finishedRuns().length === 0) return;
      clearInterval(watch);
      child.removeAllListeners("exit");
      child.on("exit", () => resolve());
      child.kill("SIGKILL");
    }, 20);
  });
  const kept = finishedRuns().length;
  assert.ok(kept >= 1 && kept < 4, `${kept} runs were finished`);

  process.env.VARJEPA_RUNS = interrupted;
  const told: number[] = [];
  const resumed = await runSimulationStudy(tiny, { onProgress: (done) => void told.push(done) });
  assert.ok(told[0] > kept && told[0] < kept + 1, "finished runs count as done and are not made again");
  process.env.VARJEPA_RUNS = path.join(folder, "whole");
  const whole = await runSimulationStudy(tiny);
  assert.deepEqual(withoutTimes(resumed), withoutTimes(whole));
});

test("another seed gives another table; a finished study is not computed again", async () => {
  process.env.VARJEPA_RUNS = path.join(folder, "whole");
  const first = await runSimulationStudy(tiny);
  const told: number[] = [];
  const again = await runSimulationStudy(tiny, { onProgress: (done) => void told.push(done) });
  assert.deepEqual(again.provenance.durationSeconds, first.provenance.durationSeconds);
  assert.deepEqual(told, []);
  const other = await runSimulationStudy({ ...tiny, seed: 2 });
  assert.notDeepEqual(other.cells, first.cells);
});

test("a table says how far it is from the published one", () => {
  const cells: TableCell[] = variantNames.flatMap((variant) =>
    (["sx", "sy"] as const).flatMap((latent) =>
      (["accuracy", "klAggregate", "sigregMse", "covarianceFrobenius", "meanNorm"] as const).map((metric) => {
        const published = publishedTable1[latent][variant][metric][0];
        const mean = metric === "accuracy" ? published - 0.01 : published * 2;
        return { latent, variant, metric, mean, std: null, published, logRatio: Math.log(mean / published) };
      }),
    ),
  );
  const { meanAbsLogRatio, meanAbsAccuracyDifference } = agreement(cells);
  assert.equal(cells.length, 100);
  assert.ok(Math.abs(meanAbsLogRatio - Math.log(2)) < 1e-12);
  assert.ok(Math.abs(meanAbsAccuracyDifference - 0.01) < 1e-12);
});

test("every claim holds of the committed study, which is the standard preset's, and is what its cells say", () => {
  const file = path.join(projectFolder, "figures", "table-1.json");
  const { cells, claims, provenance }: SimulationStudy = JSON.parse(readFileSync(file, "utf8"));
  assert.deepEqual(provenance.config, JSON.parse(JSON.stringify(simulationPresets.standard)));
  assert.deepEqual(simulationClaims(cells), claims);
  assert.equal(claims.length, 11);
  assert.deepEqual(
    claims.filter(({ holds }) => !holds),
    [],
  );
});

test("bad input gets a sentence that names the field", async () => {
  assert.throws(() => variantOf("K"), /variant is "K"; use one of A, B, C/);
  await assert.rejects(runSimulationStudy({ ...tiny, variants: ["Z" as "A"] }), /variant is "Z"/);
  await assert.rejects(runSimulationStudy({ ...tiny, runs: 0 }), /runs is 0/);
  await assert.rejects(runSimulationStudy({ ...tiny, seed: 0.5 }), /seed is 0.5/);
});
