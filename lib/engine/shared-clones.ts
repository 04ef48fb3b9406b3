import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "./tf.js";

/**
 * Lets copies share memory on the wasm backend. Every tensor saved for the backward pass is cloned twice over: the
 * engine's `clone` runs the Identity kernel, which copies the numbers, and adds a step to the tape. Tensors are
 * immutable, so one more reference to the same buffer does the job of both.
 */
export function shareClones(): void {
  tf.unregisterKernel("Identity", "wasm");
  tf.registerKernel({
    kernelName: "Identity",
    backendName: "wasm",
    kernelFunc: ({ inputs, backend }) => reference(backend as BackendWasm, inputs.x as tf.TensorInfo),
  });
  const engine = tf.engine() as unknown as CloningEngine;
  // The prototype's method, so that calling this function twice wraps nothing twice.
  const { clone } = Object.getPrototypeOf(engine) as CloningEngine;
  engine.clone = (x) =>
    tf.getBackend() === "wasm"
      ? tf.engine().makeTensorFromTensorInfo(reference(tf.backend() as BackendWasm, x))
      : clone.call(engine, x);
}

/** What TensorFlow.js declares private. */
interface CloningEngine {
  clone: (x: tf.Tensor) => tf.Tensor;
}

function reference(backend: BackendWasm, { dataId, shape, dtype }: tf.TensorInfo): tf.TensorInfo {
  backend.incRef(dataId);
  return { dataId, shape, dtype };
}
