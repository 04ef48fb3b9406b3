/** Chooses the TensorFlow.js backend of a process. */
import { availableParallelism } from "node:os";
import { useKernels } from "../engine/fused.js";
import { shareClones } from "../engine/shared-clones.js";
import * as tf from "../engine/tf.js";
import type { Engine } from "../engine/world.js";
import { KernelsMissing } from "./kernel-files.js";

interface Candidate {
  readonly name: string;
  readonly backend: string;
  readonly load: () => Promise<unknown>;
}

/** In order of preference. The two native packages are optional peers: any failure to load one means "next". */
const candidates: readonly Candidate[] = [
  { name: "tfjs-node-gpu", backend: "tensorflow", load: () => import(optional("@tensorflow/tfjs-node-gpu")) },
  { name: "tfjs-node", backend: "tensorflow", load: () => import(optional("@tensorflow/tfjs-node")) },
  { name: "wasm", backend: "wasm", load: () => import("@tensorflow/tfjs-backend-wasm") },
  { name: "cpu", backend: "cpu", load: async () => undefined },
];

/** Keeps the compiler from resolving a package that may not be installed. */
const optional = (name: string): string => name;

/**
 * Makes TensorFlow.js ready: the first that loads and works of tfjs-node-gpu, tfjs-node, wasm, cpu, or the one
 * that the environment variable `VARJEPA_ENGINE` names. On wasm, `VARJEPA_KERNELS` chooses between the fused
 * kernels (relaxed, plain) and composed operations. `VARJEPA_WORKERS` sets the number of worker processes (default: one per core).
 * @throws when `VARJEPA_ENGINE` names an unknown engine or one that does not work here, or another variable makes no sense.
 */
export async function chooseEngine(): Promise<Engine> {
  const wanted = process.env.VARJEPA_ENGINE;
  const tried = wanted ? candidates.filter((candidate) => candidate.name === wanted) : candidates;
  if (tried.length === 0)
    throw new Error(`VARJEPA_ENGINE is "${wanted}"; use ${candidates.map((c) => c.name).join(", ")}`);
  const failures: string[] = [];
  for (const candidate of tried) {
    const { backend, name } = candidate;
    try {
      await withoutListeners(async () => {
        await candidate.load();
        if (!(await tf.setBackend(backend))) throw new Error(`it brings no ${backend} backend`);
        await tf.ready();
      });
    } catch (error) {
      failures.push(`${name}: ${error instanceof Error ? error.message.split("\n")[0] : error}`);
      continue;
    }
    const engine = { backend, source: name, workers: workerCount() };
    if (backend !== "wasm") return engine;
    shareClones();
    // Outside the attempt: kernels that are missing or refused are a mistake to be told, not a reason to compute slowly.
    return { ...engine, kernels: chooseKernels() };
  }
  throw new Error(`no compute engine works here (${failures.join("; ")})`);
}

/**
 * Loads without the listeners that TensorFlow.js's wasm module adds to the process: they throw every uncaught error anew,
 * so that no program, a kernel for one, could catch it.
 */
async function withoutListeners(load: () => Promise<void>): Promise<void> {
  const events = ["uncaughtException", "unhandledRejection"] as const;
  const before = events.map((event) => new Set(process.rawListeners(event)));
  await load();
  events.forEach((event, i) => {
    for (const listener of process.rawListeners(event))
      if (!before[i].has(listener)) process.removeListener(event, listener as () => void);
  });
}

/** Switches to the best build of the kernels that runs here, or the one that `VARJEPA_KERNELS` names. */
function chooseKernels(): Engine["kernels"] {
  const wanted = process.env.VARJEPA_KERNELS;
  if (wanted === "composed") {
    useKernels(undefined);
    return wanted;
  }
  if (wanted === "relaxed" || wanted === "plain") {
    useKernels(wanted);
    return wanted;
  }
  if (wanted) throw new Error(`VARJEPA_KERNELS is "${wanted}"; use relaxed, plain or composed`);
  try {
    useKernels("relaxed");
    return "relaxed";
  } catch (error) {
    if (error instanceof KernelsMissing) throw error;
    useKernels("plain");
    return "plain";
  }
}

function workerCount(): number {
  const value = process.env.VARJEPA_WORKERS;
  if (value === undefined) return availableParallelism();
  const workers = Number(value);
  if (!Number.isInteger(workers) || workers < 1)
    throw new Error(`VARJEPA_WORKERS is "${value}"; use a whole number of at least 1`);
  return workers;
}
