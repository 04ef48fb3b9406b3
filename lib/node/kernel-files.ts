/** The built kernels on disk. */
import { existsSync, readFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import type { KernelBuild } from "../engine/world.js";

/** The build step that makes the kernels was left out. */
export class KernelsMissing extends Error {
  constructor() {
    super(
      "the fused kernels are not built; run npm run build, or set VARJEPA_KERNELS=composed to do without",
    );
  }
}

/**
 * The module of a build, ready to be compiled in this process.
 * @throws KernelsMissing
 */
export function readKernels(build: KernelBuild): Uint8Array {
  // Node 20 has relaxed SIMD behind a flag, later versions without.
  if (build === "relaxed") setFlagsFromString("--experimental-wasm-relaxed-simd");
  const file = new URL(`../engine/kernels/${build}.wasm`, import.meta.url);
  if (!existsSync(file)) throw new KernelsMissing();
  return readFileSync(file);
}
