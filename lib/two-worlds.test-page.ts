/** A page as the library's world, and the training that `two-worlds.test.ts` compares between worlds. */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { simulate, simulationDefaults } from "./data/simulation.js";
import { startEngine, tf } from "./engine/backend.js";
import { useKernels } from "./engine/fused.js";
import { seedKey } from "./engine/random.js";
import { shareClones } from "./engine/shared-clones.js";
import { enterWorld, type Files } from "./engine/world.js";
import { varJepaDefaults } from "./models/var-jepa.js";
import { fit } from "./training/fit.js";
import { writeParameters } from "./training/parameters-file.js";

/** Trains a small Var-JEPA for six steps, all terms at work, and writes its weights into a file. */
export async function trainSmall(file: string): Promise<void> {
  await startEngine();
  const { train } = simulate(seedKey(7), {
    ...simulationDefaults,
    trainRows: 90,
    evaluationRows: 1,
    dObserved: 5,
  });
  const model = { ...varJepaDefaults, dx: 5, dy: 5, d: 3, dz: 2, hidden: 9 };
  const objective = { rec: 1, gen: 1, klSx: 1, klZ: 1, klSy: 1, sigregSx: 2, sigregSy: 0 };
  const training = { epochs: 2, batchSize: 32, learningRate: 1e-3, weightDecay: 1e-6 };
  const { parameters } = await fit("var-jepa", train, {
    model,
    objective,
    training,
    seed: seedKey(8),
    workers: 1,
  });
  await writeParameters(file, parameters, { model, objective });
}

/**
 * `trainSmall` where there is nothing but what a browser has.
 * @param plainKernels the module's bytes
 * @param wasmUrl where TensorFlow.js's own module is fetched from
 * @returns the bytes of the file that it wrote
 */
export async function trainInPage(plainKernels: readonly number[], wasmUrl: string): Promise<number[]> {
  const kept = new Map<string, Uint8Array>();
  enterWorld({
    async startEngine() {
      const builds = ["", "-simd", "-threaded-simd"];
      setWasmPaths(
        Object.fromEntries(builds.map((build) => [`tfjs-backend-wasm${build}.wasm`, wasmUrl])),
        true,
      );
      await tf.setBackend("wasm");
      shareClones();
      useKernels("plain");
      return { backend: "wasm", source: "wasm", kernels: "plain", workers: 1 };
    },
    kernels: () => Uint8Array.from(plainKernels).buffer,
    sha256(pieces) {
      const hash = sha256.create();
      for (const piece of pieces)
        hash.update(typeof piece === "string" ? new TextEncoder().encode(piece) : bytesOf(piece));
      return bytesToHex(hash.digest());
    },
    files: inMemory(kept),
    print: () => {},
  });
  await trainSmall("weights.safetensors");
  return Array.from(kept.get("weights.safetensors")!);
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function inMemory(kept: Map<string, Uint8Array>): Files {
  return {
    exists: (file) => kept.has(file),
    write: (file, content) =>
      void kept.set(file, typeof content === "string" ? new TextEncoder().encode(content) : content),
    async open(file) {
      const content = kept.get(file);
      if (!content) throw new Error(`there is no ${file}`);
      return {
        size: content.length,
        async read(bytes, position) {
          const part = content.subarray(position, position + bytes.length);
          bytes.set(part);
          return bytes.subarray(0, part.length);
        },
        close: async () => {},
      };
    },
  };
}
