import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import { type Fused, fusedKernels } from "../fused.js";
import { sizeOf } from "../shape.js";
import * as tf from "../tf.js";

/** Where one tensor lies in a flat vector. */
export interface Piece {
  readonly shape: readonly number[];
  readonly offset: number;
}

const CUT = "CutVector";

/**
 * Cuts a flat vector into tensors.
 * @param vector `[n]`
 * @returns one tensor per piece
 */
export function cutVector(vector: tf.Tensor1D, pieces: readonly Piece[]): tf.Tensor[] {
  if (!fusedKernels())
    return pieces.map(({ shape, offset }) =>
      tf.reshape(tf.slice(vector, [offset], [sizeOf(shape)]), [...shape]),
    );
  registerCut();
  // Attributes of a kernel are typed as numbers and strings, but are passed on as they are.
  const attributes = { pieces } as unknown as tf.NamedAttrMap;
  return tf.engine().runKernel(CUT, { vector }, attributes) as tf.Tensor[];
}

/**
 * Lays tensors one after the other, as `cutVector` finds them; a missing one counts as zeros.
 * @param parts one per piece
 * @returns `[n]`
 */
export function joinVector(parts: readonly (tf.Tensor | undefined)[], pieces: readonly Piece[]): tf.Tensor1D {
  const fused = fusedKernels();
  if (!fused)
    return tf.concat1d(
      parts.map((part, i) => tf.reshape(part ?? tf.zeros([...pieces[i].shape]), [-1]) as tf.Tensor1D),
    );
  const count = pieces.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const vector = fused.output<tf.Tensor1D>([count]);
  const heap = fused.heap();
  const to = fused.at(vector);
  pieces.forEach(({ shape, offset }, i) => {
    const part = parts[i];
    const [start, bytes] = [to + 4 * offset, 4 * sizeOf(shape)];
    if (part) heap.copyWithin(start, fused.at(part), fused.at(part) + bytes);
    else heap.fill(0, start, start + bytes);
  });
  return vector;
}

/** The only op with several outputs, so it stands in the backend's registry instead of `withGradient`. */
function registerCut(): void {
  if (tf.getKernel(CUT, "wasm")) return;
  tf.registerKernel({
    kernelName: CUT,
    backendName: "wasm",
    kernelFunc: ({ inputs, backend, attrs }) => {
      const { pieces } = attrs as unknown as { pieces: readonly Piece[] };
      const wasm = backend as BackendWasm;
      const fused = fusedKernels() as Fused;
      const outputs = pieces.map(({ shape }) => wasm.makeOutput([...shape], "float32"));
      const at = (info: tf.TensorInfo) => fused.at(info as tf.Tensor);
      const heap = fused.heap();
      const from = at(inputs.vector as tf.TensorInfo);
      pieces.forEach(({ shape, offset }, i) => {
        const start = from + 4 * offset;
        heap.copyWithin(at(outputs[i]), start, start + 4 * sizeOf(shape));
      });
      return outputs;
    },
  });
  tf.registerGradient({
    kernelName: CUT,
    gradFunc: (upstream, _saved, attrs) => {
      const { pieces } = attrs as unknown as { pieces: readonly Piece[] };
      const parts = Array.isArray(upstream) ? upstream : [upstream];
      return { vector: () => joinVector(parts, pieces) };
    },
  });
}
