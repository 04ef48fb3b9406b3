/** Chooses the TensorFlow.js backend once per process and says which in one line. */
import { availableParallelism } from "node:os";
import { type KernelBuild, startKernels } from "./fused.js";
import { shareClones } from "./shared-clones.js";
import * as tf from "./tf.js";

export { tf };

/** What computes in this process. */
export interface Engine {
  /** TensorFlow.js backend name: `tensorflow` (tfjs-node, tfjs-node-gpu), `wasm` or `cpu`. */
  readonly backend: string;
  /** The package that brought the backend, with its version. */
  readonly source: string;
  /** On wasm: which build of the fused kernels, or `composed` operations. */
  readonly kernels?: KernelBuild | "composed";
  /** Worker processes that independent runs are spread over. */
  readonly workers: number;
}

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

let started: Promise<Engine> | undefined;

/**
 * Makes TensorFlow.js ready: the first that loads and works of tfjs-node-gpu, tfjs-node, wasm, cpu, or the one
 * that the environment variable `VARJEPA_ENGINE` names. Later calls return the same engine.
 * On wasm, `VARJEPA_KERNELS` chooses between the fused
 * kernels (relaxed, plain) and composed operations. `VARJEPA_WORKERS` sets the number of worker processes (default: one per core).
 * @throws when `VARJEPA_ENGINE` names an unknown engine or one that does not work here.
 */
export function startEngine(): Promise<Engine> {
  started ??= choose();
  return started;
}

/** One line for people: `engine: TensorFlow.js 4.22.0 on wasm (relaxed kernels), 2 workers`. */
export function describeEngine(engine: Engine): string {
  const kernels = engine.kernels ? ` (${engine.kernels} kernels)` : "";
  return `engine: TensorFlow.js ${tf.version_core} on ${engine.source}${kernels}, ${engine.workers} worker${engine.workers === 1 ? "" : "s"}`;
}

async function choose(): Promise<Engine> {
  const wanted = process.env.VARJEPA_ENGINE;
  const tried = wanted ? candidates.filter((candidate) => candidate.name === wanted) : candidates;
  if (tried.length === 0)
    throw new Error(`VARJEPA_ENGINE is "${wanted}"; use ${candidates.map((c) => c.name).join(", ")}`);
  const failures: string[] = [];
  for (const candidate of tried) {
    const { backend, name } = candidate;
    try {
      await candidate.load();
      if (!(await tf.setBackend(backend))) throw new Error(`it brings no ${backend} backend`);
      await tf.ready();
    } catch (error) {
      failures.push(`${name}: ${error instanceof Error ? error.message.split("\n")[0] : error}`);
      continue;
    }
    const engine = { backend, source: name, workers: workerCount() };
    if (backend !== "wasm") return engine;
    shareClones();
    // Outside the attempt: kernels that are missing or refused are a mistake to be told, not a reason to compute slowly.
    return { ...engine, kernels: startKernels() };
  }
  throw new Error(`no compute engine works here (${failures.join("; ")})`);
}

function workerCount(): number {
  const value = process.env.VARJEPA_WORKERS;
  if (value === undefined) return availableParallelism();
  const workers = Number(value);
  if (!Number.isInteger(workers) || workers < 1)
    throw new Error(`VARJEPA_WORKERS is "${value}"; use a whole number of at least 1`);
  return workers;
}
