/**
 * `npm run bench`: training steps on 1 and 2 workers next to the same steps in PyTorch, kernels against composed ops and
 * against the machine's peak, memory over 1,000 steps. Writes figures/bench.json.
 */
import "../lib/node/world.js";
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Command } from "commander";
import { simulate, simulationDefaults } from "../lib/data/simulation.js";
import { describeEngine, startEngine } from "../lib/engine/backend.js";
import { seedKey } from "../lib/engine/random.js";
import { tableText } from "../lib/figures/drawing/table.js";
import { writeWhole } from "../lib/files/whole-file.js";
import { elboWeights } from "../lib/losses/elbo.js";
import { varJepaDefaults } from "../lib/models/var-jepa.js";
import { figuresFolder } from "../lib/settings.js";
import { simulationTraining } from "../lib/studies/simulation-study.js";
import { fit } from "../lib/training/fit.js";
import { median, peakGflops, timeKernels } from "./bench-kernels.js";
import type { StepTimes } from "./bench-step.js";

const { rounds, python: wanted } = new Command("bench")
  .description(
    "Times training steps (and the same in PyTorch, where python3 has torch) and kernels; writes figures/bench.json.",
  )
  .option("--rounds <count>", "processes of each contender, taken in turns", "3")
  .option(
    "--python <command>",
    "the Python with torch to compare with (default: the first of python3, /usr/bin/python3)",
  )
  .parse()
  .opts<{ rounds: string; python?: string }>();

type Model = "mlp" | "var-t-jepa";

/** One way to make a step. `fold`: the target posterior once per target, as Algorithm 1 is written. */
interface Contender {
  readonly model: Model;
  readonly engine: "relaxed" | "plain" | "torch" | "torch, K-fold posterior";
  readonly workers: number;
  readonly threads: number;
}

/** A contender's medians over its processes. */
interface StepResult extends Contender {
  readonly medianMs: number;
  readonly fastestMs: number;
  readonly peakMb: number;
  readonly parameters: number;
  readonly steps: number;
}

const here = path.dirname(fileURLToPath(import.meta.url));
const execute = promisify(execFile);
/** `repeats`: processes in each round; a short step needs more of them for a steady median. */
const stepsOf: Record<Model, { steps: number; warm: number; repeats: number }> = {
  mlp: { steps: 100, warm: 100, repeats: 3 },
  "var-t-jepa": { steps: 4, warm: 2, repeats: 1 },
};

const { python, version: torchVersion } = await findTorch(
  wanted ? [wanted] : ["python3", "/usr/bin/python3"],
);
const engine = await startEngine();
console.log(describeEngine(engine));
console.log(torchVersion ? `PyTorch ${torchVersion}` : "no Python with torch: steps of this package only");

const ours = (["mlp", "var-t-jepa"] as const).flatMap((model): Contender[] => [
  { model, engine: "relaxed", workers: 1, threads: 1 },
  { model, engine: "relaxed", workers: 2, threads: 2 },
  { model, engine: "plain", workers: 1, threads: 1 },
]);
const torch = (["mlp", "var-t-jepa"] as const).flatMap((model): Contender[] => [
  { model, engine: "torch", workers: 1, threads: 1 },
  { model, engine: "torch", workers: 1, threads: 2 },
]);
const fold: Contender = { model: "var-t-jepa", engine: "torch, K-fold posterior", workers: 1, threads: 1 };
const contenders = [...ours, ...(torchVersion ? [...torch, fold] : [])];

/** The processes of each contender in the order in which they ran: entry i of all of one model ran close together. */
const measured = new Map<Contender, StepTimes[]>(contenders.map((contender) => [contender, []]));
for (let round = 1; round <= Number(rounds); round++)
  for (const model of ["mlp", "var-t-jepa"] as const)
    for (let repeat = 0; repeat < stepsOf[model].repeats; repeat++)
      for (const contender of contenders.filter((other) => other.model === model)) {
        const times = await run(contender);
        measured.get(contender)!.push(times);
        console.log(`round ${round}: ${nameOf(contender)}: ${median(times.ms).toFixed(1)} ms`);
      }
const steps: StepResult[] = contenders.map((contender) => {
  const all = measured.get(contender)!;
  return {
    ...contender,
    medianMs: median(all.map(({ ms }) => median(ms))),
    fastestMs: Math.min(...all.flatMap(({ ms }) => ms)),
    peakMb: Math.max(...all.map(({ peakMb }) => peakMb)),
    parameters: all[0].parameters,
    steps: all.reduce((sum, { ms }) => sum + ms.length, 0),
  };
});
const ratios = torchVersion ? ratiosOfPairs() : {};
const peak = peakGflops();
const kernels = timeKernels(peak);
const memory = await memoryOverSteps();

const report = {
  machine: {
    cpu: os.cpus()[0].model,
    cores: os.availableParallelism(),
    instructions: instructionSets(),
    node: process.version,
    engine: describeEngine(engine),
    torch: torchVersion,
    openblasCoreType: torchVersion && openblasCoreType(),
    openblasThreads: torchVersion && (openmpBlas().LD_LIBRARY_PATH ? "OpenMP" : "its own"),
    peakGflops: peak,
  },
  date: new Date().toISOString(),
  steps,
  ratios,
  kernels,
  memory,
};
writeWhole(path.join(figuresFolder("standard"), "bench.json"), `${JSON.stringify(report, null, 1)}\n`);
console.log(
  tableText(
    steps.map((step) => ({ ...step })),
    { digits: 1 },
  ),
);
console.log(
  tableText(
    Object.entries(ratios).map(([ratio, value]) => ({ ratio, value })),
    { digits: 2 },
  ),
);
console.log(
  tableText(
    kernels.map((kernel) => ({ ...kernel })),
    { digits: 3 },
  ),
);
console.log(`peak of four-lane multiply-adds: ${peak.toFixed(1)} GFLOP/s`);
console.log(
  `resident memory after 100 steps ${memory.residentMbAfter100Steps.toFixed(0)} MB, after 1,100 steps ${memory.residentMbAfter1100Steps.toFixed(0)} MB`,
);

/** The first Python that has torch, and its version. */
async function findTorch(candidates: readonly string[]): Promise<{ python: string; version?: string }> {
  for (const python of candidates)
    try {
      const { stdout } = await execute(python, ["-c", "import torch; print(torch.__version__)"]);
      return { python, version: stdout.trim() };
    } catch {}
  return { python: candidates[0] };
}

function nameOf({ model, engine, workers, threads }: Contender): string {
  return engine.startsWith("torch")
    ? `${model}, ${engine}, ${threads} thread${threads === 1 ? "" : "s"}`
    : `${model}, ${engine} kernels, ${workers} worker${workers === 1 ? "" : "s"}`;
}

/** Runs a contender once in a process of its own. */
async function run(contender: Contender): Promise<StepTimes> {
  const { model, engine, workers, threads } = contender;
  const { steps, warm } = stepsOf[model];
  if (!engine.startsWith("torch")) {
    const args = [path.join(here, "bench-step.js"), model, workers, steps, warm].map(String);
    const env = { ...process.env, VARJEPA_ENGINE: "wasm", VARJEPA_KERNELS: engine };
    return JSON.parse((await execute(process.execPath, args, { env })).stdout);
  }
  const script = path.resolve(here, "../../environment/torch-step.py");
  const options = { model, threads, steps, warm, fold: engine === fold.engine ? 1 : 0 };
  const args = [script, ...Object.entries(options).map(([name, value]) => `${name}=${value}`)];
  const env = { ...process.env, OPENBLAS_CORETYPE: openblasCoreType(), ...openmpBlas() };
  return JSON.parse((await execute(python, args, { env })).stdout);
}

/** Instruction sets that matter here, as the processor reports them. */
function instructionSets(): string[] {
  const file = "/proc/cpuinfo";
  const flags = existsSync(file) ? (/^flags\s*:\s*(.*)$/m.exec(readFileSync(file, "utf8"))?.[1] ?? "") : "";
  return ["avx512f", "avx2", "fma"].filter((flag) => flags.split(" ").includes(flag));
}

/** With several threads, the build of OpenBLAS that shares them with PyTorch (Debian's libopenblas0-openmp), if there. */
function openmpBlas(): { LD_LIBRARY_PATH?: string } {
  const folder = "/usr/lib/x86_64-linux-gnu/openblas-openmp";
  return existsSync(folder) ? { LD_LIBRARY_PATH: folder } : {};
}

/** Some builds of OpenBLAS fall back to slow kernels on a processor they do not know: name the family for them. */
function openblasCoreType(): string {
  const known = process.env.OPENBLAS_CORETYPE;
  if (known) return known;
  const sets = instructionSets();
  return sets.includes("avx512f") ? "SkylakeX" : sets.includes("avx2") ? "Haswell" : "";
}

/** Median over turns of the ratio of two contenders that ran close together: the machine's moods hit both alike. */
function ratiosOfPairs(): Record<string, number> {
  const times = (model: Model, engine: Contender["engine"], threads: number): number[] => {
    const wanted = contenders.find(
      (other) => other.model === model && other.engine === engine && other.threads === threads,
    )!;
    return measured.get(wanted)!.map(({ ms }) => median(ms));
  };
  const ratio = (above: number[], below: number[]) => median(above.map((ms, turn) => ms / below[turn]));
  const ratios: Record<string, number> = {};
  for (const model of ["mlp", "var-t-jepa"] as const) {
    const [one, two, plain] = [
      times(model, "relaxed", 1),
      times(model, "relaxed", 2),
      times(model, "plain", 1),
    ];
    const [torch1, torch2] = [times(model, "torch", 1), times(model, "torch", 2)];
    ratios[`${model}: 1 worker / PyTorch 1 thread`] = ratio(one, torch1);
    ratios[`${model}: 2 workers / PyTorch 1 thread`] = ratio(two, torch1);
    ratios[`${model}: 2 workers / PyTorch 2 threads`] = ratio(two, torch2);
    ratios[`${model}: plain kernels, 1 worker / PyTorch 1 thread`] = ratio(plain, torch1);
  }
  ratios["var-t-jepa: 1 worker / PyTorch 1 thread with K-fold posterior"] = ratio(
    times("var-t-jepa", "relaxed", 1),
    times("var-t-jepa", fold.engine, 1),
  );
  return ratios;
}

async function memoryOverSteps(): Promise<{
  residentMbAfter100Steps: number;
  residentMbAfter1100Steps: number;
}> {
  const { train } = simulate(seedKey(1), { ...simulationDefaults, trainRows: 5_120, evaluationRows: 1 });
  const residentMb: number[] = [];
  await fit("var-jepa", train, {
    model: varJepaDefaults,
    objective: elboWeights,
    training: { ...simulationTraining, epochs: 110 },
    onEpoch: () => {
      residentMb.push(process.memoryUsage().rss / 2 ** 20);
    },
  });
  return { residentMbAfter100Steps: residentMb[9], residentMbAfter1100Steps: residentMb[109] };
}
