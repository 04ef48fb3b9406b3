/**
 * The fused kernels: a WebAssembly module that works in the wasm backend's own memory, so a tensor's numbers are
 * where the kernel needs them. The backend's `_malloc` alone grows that memory; the module has no data of its own.
 */
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "./tf.js";
import { type KernelBuild, world } from "./world.js";

/** What the modules export (`kernels/index.ts`): pointers are byte addresses, sizes and counts whole numbers. */
type Kernels = Readonly<Record<KernelName, (...args: number[]) => number>>;
type KernelName =
  | "adamw"
  | "attention"
  | "attentionGradient"
  | "attentionScratch"
  | "crossEntropy"
  | "crossEntropyGradient"
  | "dense"
  | "denseGradient"
  | "denseGradientScratch"
  | "denseScratch"
  | "dropout"
  | "gatherRows"
  | "geluWithDerivative"
  | "isotropicLogProb"
  | "isotropicLogProbGradient"
  | "kl"
  | "klGradient"
  | "klToStandardNormal"
  | "klToStandardNormalGradient"
  | "layerNorm"
  | "layerNormGradient"
  | "movingAverage"
  | "multiply"
  | "multiplyAdd"
  | "normals"
  | "sample"
  | "sampleGradient"
  | "scatterRows"
  | "sigreg"
  | "sigregScratch"
  | "softBound"
  | "softBoundGradient"
  | "uniforms";

/** The kernels bound to the backend's memory. */
export interface Fused {
  readonly run: Kernels;
  /** Where a tensor's numbers are. */
  readonly at: (tensor: tf.Tensor) => number;
  /** A new tensor with undefined contents. */
  readonly output: <T extends tf.Tensor = tf.Tensor2D>(shape: number[], dtype?: tf.DataType) => T;
  /** Address of a buffer of at least `bytes`, valid until the next call. */
  readonly scratch: (bytes: number) => number;
  /** The memory as bytes, valid until the next allocation. */
  readonly heap: () => Uint8Array;
}

interface WasmModule {
  readonly asm: { readonly memory: WebAssembly.Memory };
  readonly _malloc: (bytes: number) => number;
  readonly _free: (address: number) => void;
}

type OpenBackend = BackendWasm & {
  readonly wasm: WasmModule;
  readonly dataIdMap: { get: (dataId: object) => { memoryOffset: number } };
};

const builds = new Map<KernelBuild, Fused>();
let chosen: Fused | undefined;

/** The fused kernels if the current backend is wasm and they are switched on; ops compose TensorFlow.js otherwise. */
export function fusedKernels(): Fused | undefined {
  return chosen !== undefined && tf.getBackend() === "wasm" ? chosen : undefined;
}

/**
 * Switches to a build of the kernels, or with `undefined` to composed operations. Needs the wasm backend running.
 * @throws when the build is not there or does not run here.
 */
export function useKernels(build: KernelBuild | undefined): void {
  if (build === undefined) chosen = undefined;
  else {
    let fused = builds.get(build);
    if (!fused) {
      fused = load(build);
      builds.set(build, fused);
    }
    chosen = fused;
  }
}

function load(build: KernelBuild): Fused {
  const backend = tf.backend() as OpenBackend;
  const { wasm } = backend;
  const { memory } = wasm.asm;
  const module = new WebAssembly.Module(world().kernels(build));
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const at = (tensor: tf.Tensor): number => backend.dataIdMap.get(tensor.dataId).memoryOffset >>> 0;

  let buffer = 0;
  let capacity = 0;
  const scratch = (bytes: number): number => {
    if (bytes > capacity) {
      if (buffer) wasm._free(buffer);
      capacity = bytes;
      buffer = wasm._malloc(bytes) >>> 0;
      if (!buffer) {
        capacity = 0;
        throw outOfMemory(bytes);
      }
    }
    return buffer;
  };

  const output = <T extends tf.Tensor = tf.Tensor2D>(shape: number[], dtype: tf.DataType = "float32"): T => {
    const tensor = tf.engine().makeTensorFromTensorInfo(backend.makeOutput(shape, dtype)) as T;
    if (at(tensor) === 0 && tensor.size > 0) throw outOfMemory(4 * tensor.size);
    return tensor;
  };
  return {
    run: exports as unknown as Kernels,
    at,
    output,
    scratch,
    heap: () => new Uint8Array(memory.buffer),
  };
}

function outOfMemory(bytes: number): Error {
  return new Error(
    `the engine's memory (4 GiB at most) has no room for ${(bytes / 2 ** 20).toFixed(1)} MiB more; use a smaller microBatch or batchSize`,
  );
}
