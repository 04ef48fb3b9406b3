/** Trained weights on disk, in a format that PyTorch users can read, with the configuration that made them. */
import { readFile } from "node:fs/promises";
import { writeWhole } from "../files/whole-file.js";
import { packWeights, type Weights } from "../layers/weights.js";
import { decodeSafetensors, encodeSafetensors, type NamedTensor, type TensorFile } from "./safetensors.js";

/** Tensors that are no weights: their names begin so. */
const BESIDE = "training.";

/** Weights with what they were made from. */
export interface StoredWeights {
  readonly weights: Weights;
  /** As it was given to `writeWeights`, after a round trip through JSON. */
  readonly configuration: unknown;
}

/**
 * Writes weights as a safetensors file, whole or not at all, the configuration as JSON in its metadata. Matrices are
 * `[inputs, outputs]`, the transpose of what PyTorch's Linear holds.
 * @param configuration anything that JSON can say
 */
export async function writeWeights(file: string, weights: Weights, configuration: unknown): Promise<void> {
  await writeTensorFile(file, {
    tensors: tensorsOf(weights),
    metadata: { format: "pt", configuration: JSON.stringify(configuration ?? null) },
  });
}

/**
 * Reads the weights of a file that `writeWeights` or a checkpoint wrote.
 * @throws when there is no such file or it is not whole.
 */
export async function readWeights(file: string): Promise<StoredWeights> {
  const { tensors, metadata } = await readTensorFile(file);
  return { weights: weightsAmong(tensors), configuration: JSON.parse(metadata.configuration ?? "null") };
}

/** Each parameter as a tensor of its own. */
export function tensorsOf({ values, layout }: Weights): NamedTensor[] {
  return layout.map(({ name, shape, offset }) => {
    if (name.startsWith(BESIDE)) throw new Error(`${name} is no name for a parameter; "${BESIDE}" is taken`);
    const size = shape.reduce((size, n) => size * n, 1);
    return { name, shape, values: values.subarray(offset, offset + size) };
  });
}

/** The parameters among the tensors of a file, laid out as they were written. */
export function weightsAmong(tensors: readonly NamedTensor[]): Weights {
  const parameters = tensors.filter(({ name }) => !name.startsWith(BESIDE));
  return packWeights(Object.fromEntries(parameters.map(({ name, ...tensor }) => [name, tensor])));
}

/** Writes a safetensors file, whole or not at all, and its folder if need be. */
export async function writeTensorFile(file: string, content: TensorFile): Promise<void> {
  writeWhole(file, encodeSafetensors(content));
}

/** @throws when there is no such file or it is not whole. */
export async function readTensorFile(file: string): Promise<TensorFile> {
  return decodeSafetensors(await readFile(file), file);
}
