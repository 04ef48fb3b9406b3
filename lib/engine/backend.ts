/** The engine of this process, started once. */
import * as tf from "./tf.js";
import { type Engine, world } from "./world.js";

export { type Engine, tf };

let started: Promise<Engine> | undefined;

/**
 * Makes TensorFlow.js ready, as the world does it (`lib/node/choose-engine.ts` in Node.js). Later calls return the same engine.
 * @throws when no engine works here.
 */
export function startEngine(): Promise<Engine> {
  started ??= world().startEngine();
  return started;
}

/** One line for people: `engine: TensorFlow.js 4.22.0 on wasm (relaxed kernels), 2 workers`. */
export function describeEngine(engine: Engine): string {
  const kernels = engine.kernels ? ` (${engine.kernels} kernels)` : "";
  return `engine: TensorFlow.js ${tf.version_core} on ${engine.source}${kernels}, ${engine.workers} worker${engine.workers === 1 ? "" : "s"}`;
}
