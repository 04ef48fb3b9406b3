/** For tests: the engines present in this process, each with a way to switch to it. */
import { type Engine, startEngine, tf } from "./backend.js";
import { useKernels } from "./fused.js";

/** One engine to test on. */
export interface EngineUnderTest {
  readonly name: string;
  readonly use: () => Promise<void>;
}

/**
 * Every engine that runs here: cpu; wasm with composed operations, plain and relaxed kernels; and the native one
 * if it is installed.
 */
export async function everyEngine(): Promise<EngineUnderTest[]> {
  const engine: Engine = await startEngine();
  await import("@tensorflow/tfjs-backend-wasm");
  const { shareClones } = await import("./shared-clones.js");
  await tf.setBackend("wasm");
  shareClones();
  const on = (backend: string, kernels?: "plain" | "relaxed") => async () => {
    await tf.setBackend(backend);
    if (backend === "wasm") useKernels(kernels);
  };
  const wasm: EngineUnderTest[] = [
    { name: "wasm, composed", use: on("wasm") },
    { name: "wasm, plain kernels", use: on("wasm", "plain") },
    { name: "wasm, relaxed kernels", use: on("wasm", "relaxed") },
  ];
  const native = engine.backend === "tensorflow" ? [{ name: engine.source, use: on("tensorflow") }] : [];
  return [...native, { name: "cpu", use: on("cpu") }, ...wasm];
}
