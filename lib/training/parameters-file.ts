/** Trained weights on disk, in a format that PyTorch users can read, with the configuration that made them. */
import { brief } from "../checks.js";
import { sizeOf } from "../engine/shape.js";
import { world } from "../engine/world.js";
import { type FlatParameters, layoutOf, packParameters, type Slot } from "../layers/parameters.js";
import {
  bytesOf,
  checkedContent,
  dataStart,
  decodeHeader,
  encodeSafetensors,
  type NamedTensor,
  type TensorFile,
  type TensorHeader,
  type TensorPlace,
} from "./safetensors.js";

/** Tensors that are no weights: their names begin so. */
const BESIDE = "training.";

/** Weights with what they were made from. */
export interface StoredParameters {
  readonly parameters: FlatParameters;
  /** As it was given to `writeParameters`, after a round trip through JSON. */
  readonly configuration: unknown;
}

/**
 * Writes weights as a safetensors file, whole or not at all, the configuration as JSON in its metadata. Matrices are
 * `[inputs, outputs]`, the transpose of what PyTorch's Linear holds.
 * @param configuration anything that JSON can say
 */
export async function writeParameters(
  file: string,
  parameters: FlatParameters,
  configuration: unknown,
): Promise<void> {
  await writeTensorFile(file, {
    tensors: tensorsOf(parameters),
    metadata: { format: "pt", configuration: JSON.stringify(configuration ?? null) },
  });
}

/**
 * Reads the weights of a file that `writeParameters` or a checkpoint wrote.
 * @param check sees configuration and layout before any weight is read, and throws when they are not the wanted ones
 * @throws in one sentence when there is no such file, it is damaged, or one of its weights is no finite number.
 */
export async function readParameters(
  file: string,
  check: (configuration: unknown, layout: readonly Slot[]) => void = () => {},
): Promise<StoredParameters> {
  let configuration: unknown;
  const { tensors } = await readTensorFile(file, ({ places, metadata }) => {
    configuration = parseConfiguration(file, metadata.configuration ?? "null");
    check(configuration, layoutAmong(places));
  });
  for (const { name, values } of tensors) {
    const bad = name.startsWith(BESIDE) ? -1 : values.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0)
      throw new Error(
        `${file} cannot be used: ${brief(name)} holds ${values[bad]} at place ${bad}; train anew, with a smaller learning rate if the training diverged`,
      );
  }
  return { parameters: weightsAmong(tensors), configuration };
}

function parseConfiguration(file: string, json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new Error(
      `${file} cannot be used: its configuration is no JSON (${brief((error as Error).message)})`,
    );
  }
}

/** Each parameter as a tensor of its own. */
export function tensorsOf({ values, layout }: FlatParameters): NamedTensor[] {
  return layout.map(({ name, shape, offset }) => {
    if (name.startsWith(BESIDE)) throw new Error(`${name} is no name for a parameter; "${BESIDE}" is taken`);
    return { name, shape, values: values.subarray(offset, offset + sizeOf(shape)) };
  });
}

/** The parameters among the tensors of a file, laid out as they were written. */
export function weightsAmong(tensors: readonly NamedTensor[]): FlatParameters {
  const parameters = tensors.filter(({ name }) => !name.startsWith(BESIDE));
  return packParameters(Object.fromEntries(parameters.map(({ name, ...tensor }) => [name, tensor])));
}

/** Their layout alone. */
function layoutAmong(places: readonly TensorPlace[]): Slot[] {
  const parameters = places.filter(({ name }) => !name.startsWith(BESIDE));
  const values = () => new Float32Array(0);
  return layoutOf(Object.fromEntries(parameters.map(({ name, shape }) => [name, { shape, values }])));
}

/** Writes a safetensors file, whole or not at all, and its folder if need be. */
export async function writeTensorFile(file: string, content: TensorFile): Promise<void> {
  world().files.write(file, encodeSafetensors(content));
}

/**
 * Reads a safetensors file.
 * @param check sees the header before any tensor is read, and throws when it is not the wanted one
 * @throws in one sentence when there is no such file, or it is not whole.
 */
export async function readTensorFile(
  file: string,
  check: (header: TensorHeader) => void = () => {},
): Promise<TensorFile> {
  const opened = await world().files.open(file);
  const { size } = opened;
  try {
    const start = dataStart(await opened.read(new Uint8Array(8), 0), size, file);
    const header = decodeHeader(await opened.read(new Uint8Array(start - 8), 8), size - start, file);
    check(header);
    const tensors: NamedTensor[] = [];
    for (const { name, shape, begin, end } of header.places) {
      const values = new Float32Array((end - begin) / 4);
      await opened.read(bytesOf(values), start + begin);
      tensors.push({ name, shape, values });
    }
    return checkedContent(header, tensors, file);
  } finally {
    await opened.close();
  }
}
