/** The worker of the page: the library's world in a browser, and a run in it. All files come from the same site. */
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { startEngine } from "../../lib/engine/backend.js";
import { useKernels } from "../../lib/engine/fused.js";
import { shareClones } from "../../lib/engine/shared-clones.js";
import * as tf from "../../lib/engine/tf.js";
import { enterWorld, type KernelBuild } from "../../lib/engine/world.js";
import { answerer } from "./answer.js";
import type { Reply, Request } from "./messages.js";

interface Scope {
  readonly location: { readonly href: string };
  onmessage: (event: { readonly data: Request }) => void;
  postMessage(reply: Reply): void;
}
const scope = globalThis as unknown as Scope;

const place = (file: string) => new URL(`assets/playground/${file}`, scope.location.href).href;

async function bytesOf(file: string): Promise<ArrayBuffer> {
  const response = await fetch(place(file));
  if (!response.ok) throw new Error(`${file} answered ${response.status}; make the book again`);
  return response.arrayBuffer();
}

const builds: readonly KernelBuild[] = ["relaxed", "plain"];
const kernels = new Map<KernelBuild, ArrayBuffer>();

/** Why a page keeps nothing on disk. */
const noFiles = () => {
  throw new Error("a page keeps no files");
};

enterWorld({
  async startEngine() {
    // One thread: a page that is not isolated has no shared memory, and these steps are too short to share.
    tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
    setWasmPaths({
      "tfjs-backend-wasm.wasm": place("tfjs-simd.wasm"),
      "tfjs-backend-wasm-simd.wasm": place("tfjs-simd.wasm"),
      "tfjs-backend-wasm-threaded-simd.wasm": place("tfjs-simd.wasm"),
    });
    if (!(await tf.setBackend("wasm")))
      throw new Error("this browser runs no WebAssembly with SIMD; use one of 2021 or later");
    shareClones();
    return { backend: "wasm", source: "wasm", workers: 1 };
  },
  kernels: (build) => kernels.get(build)!,
  sha256: noFiles,
  files: { exists: () => false, open: noFiles, write: noFiles },
  print: () => {},
});

/** @returns the build that runs here: relaxed SIMD is not in every browser */
function chooseKernels(wanted: "best" | "plain"): KernelBuild {
  if (wanted === "best")
    try {
      useKernels("relaxed");
      return "relaxed";
    } catch {
      // This browser does not know relaxed SIMD.
    }
  useKernels("plain");
  return "plain";
}

let digits: Promise<Uint8Array> | undefined;

const answer = answerer({
  useKernels: chooseKernels,
  loadDigits() {
    digits ??= bytesOf("digits.bin").then((bytes) => new Uint8Array(bytes));
    digits.catch(() => {
      digits = undefined;
    });
    return digits;
  },
});

async function start(): Promise<void> {
  await Promise.all(builds.map(async (build) => kernels.set(build, await bytesOf(`kernels-${build}.wasm`))));
  await startEngine();
}
const started = start();
// Told with the first reply.
started.catch(() => {});

scope.onmessage = async ({ data }) => {
  try {
    await started;
    scope.postMessage(await answer(data));
  } catch (error) {
    scope.postMessage({ failed: (error as Error).message });
  }
};
