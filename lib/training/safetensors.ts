/**
 * The safetensors format, which PyTorch, JAX and others read: eight bytes with the header's length (little-endian),
 * a JSON header that gives every tensor's dtype, shape and place, then the numbers. Only single precision (F32).
 */

/** A tensor as plain data, row-major. */
export interface NamedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** What a file holds: tensors in the order of their data, and words about them. */
export interface TensorFile {
  readonly tensors: readonly NamedTensor[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** Longest header that is read; the format's own limit. */
const LONGEST_HEADER = 100_000_000;
const METADATA = "__metadata__";

/**
 * The bytes of a file.
 * @throws when a name is taken twice or a shape does not fit its values.
 */
export function encodeSafetensors({ tensors, metadata }: TensorFile): Uint8Array {
  const header: Record<string, unknown> = { [METADATA]: metadata };
  let offset = 0;
  for (const { name, shape, values } of tensors) {
    if (name in header) throw new Error(`two tensors are named ${name}`);
    if (sizeOf(shape) !== values.length)
      throw new Error(`${name} holds ${values.length} values, but its shape is [${shape}]`);
    header[name] = { dtype: "F32", shape, data_offsets: [offset, offset + values.byteLength] };
    offset += values.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const start = 8 + 8 * Math.ceil(json.length / 8);
  const bytes = new Uint8Array(start + offset).fill(32, 0, start);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(start - 8), true);
  bytes.set(json, 8);
  offset = start;
  for (const { values } of tensors) {
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), offset);
    offset += values.byteLength;
  }
  return bytes;
}

/**
 * The content of a file. Every number of its header is checked before it is used.
 * @param source what to call the file in errors
 * @throws when the bytes are not a whole safetensors file of F32 tensors.
 */
export function decodeSafetensors(bytes: Uint8Array, source: string): TensorFile {
  const refuse = (what: string): never => {
    throw new Error(`${source} is not a safetensors file that can be read: ${what}`);
  };
  if (bytes.length < 8) refuse(`it has ${bytes.length} bytes, fewer than the 8 it must begin with`);
  const announced = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  if (announced > LONGEST_HEADER || announced > bytes.length - 8)
    refuse(`its header should have ${announced} bytes, the file has ${bytes.length}`);
  const start = 8 + Number(announced);
  const header = parseHeader(bytes.subarray(8, start), refuse);
  const entries = Object.entries(header)
    .filter(([name]) => name !== METADATA)
    .map(([name, entry]) => checkEntry(name, entry, refuse))
    .sort((a, b) => a.begin - b.begin || a.end - b.end);
  let offset = 0;
  const tensors = entries.map(({ name, shape, begin, end }) => {
    if (begin !== offset) refuse(`${name} begins at byte ${begin} of the data, not at ${offset}`);
    if (end > bytes.length - start)
      refuse(`${name} ends at byte ${end} of the data, past the end of the file`);
    offset = end;
    const values = new Float32Array(sizeOf(shape));
    new Uint8Array(values.buffer).set(bytes.subarray(start + begin, start + end));
    return { name, shape, values };
  });
  if (offset !== bytes.length - start) refuse(`${bytes.length - start - offset} bytes belong to no tensor`);
  return { tensors, metadata: checkMetadata(header[METADATA], refuse) };
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((size, n) => size * n, 1);

type Refuse = (what: string) => never;

function parseHeader(json: Uint8Array, refuse: Refuse): Record<string, unknown> {
  try {
    const header: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(json));
    if (isRecord(header)) return header;
  } catch (error) {
    refuse(`its header is no JSON (${(error as Error).message})`);
  }
  return refuse("its header is no JSON object");
}

interface Entry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

function checkEntry(name: string, entry: unknown, refuse: Refuse): Entry {
  if (!isRecord(entry)) return refuse(`${name} is not described by an object`);
  const { dtype, shape, data_offsets: offsets } = entry;
  if (dtype !== "F32") return refuse(`${name} is ${dtype}; only F32 can be read, convert it first`);
  if (!isCounts(shape)) return refuse(`the shape of ${name} is ${JSON.stringify(shape)}`);
  if (!isCounts(offsets) || offsets.length !== 2)
    return refuse(`the data_offsets of ${name} are ${JSON.stringify(offsets)}`);
  const [begin, end] = offsets;
  if (end - begin !== 4 * sizeOf(shape))
    return refuse(`${name} has ${end - begin} bytes, its shape [${shape}] needs ${4 * sizeOf(shape)}`);
  return { name, shape, begin, end };
}

function checkMetadata(metadata: unknown, refuse: Refuse): Record<string, string> {
  if (metadata === undefined) return {};
  if (!isRecord(metadata)) return refuse(`${METADATA} is no object`);
  for (const [key, value] of Object.entries(metadata))
    if (typeof value !== "string") return refuse(`${METADATA}.${key} is no text`);
  return metadata as Record<string, string>;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}
