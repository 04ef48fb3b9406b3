/**
 * The safetensors format, which PyTorch, JAX and others read: eight bytes with the header's length (little-endian),
 * a JSON header that gives every tensor's dtype, shape and place, then the numbers. Only single precision (F32).
 * What is written here carries a sum over all of it in its metadata, which is checked where there is one.
 */
import { brief, isRecord, shown } from "../checks.js";
import { sizeOf } from "../engine/shape.js";
import { world } from "../engine/world.js";

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

/** Where a tensor lies: bytes `begin` to `end` of the data. */
export interface TensorPlace {
  readonly name: string;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/** What a file says it holds. */
export interface TensorHeader {
  /** One after the other, without a gap, to the file's end. */
  readonly places: readonly TensorPlace[];
  /** Without the sum. */
  readonly metadata: Readonly<Record<string, string>>;
  /** SHA-256 of everything in the file, if it has one. */
  readonly sum: string | undefined;
}

/** Longest header that is read; the format's own limit. */
const LONGEST_HEADER = 100_000_000;
const METADATA = "__metadata__";
/** The sum's name among the metadata. */
const SUM = "sha256";

/**
 * The bytes of a file.
 * @throws when a name is taken twice or a shape does not fit its values.
 */
export function encodeSafetensors({ tensors, metadata }: TensorFile): Uint8Array {
  if (SUM in metadata)
    throw new Error(`the metadata has a field "${SUM}", which is the sum's name; rename it`);
  const sum = contentSum({ tensors, metadata });
  const header = new Map<string, unknown>([[METADATA, { ...metadata, [SUM]: sum }]]);
  let offset = 0;
  for (const { name, shape, values } of tensors) {
    if (header.has(name)) throw new Error(`two tensors are named ${name}`);
    if (sizeOf(shape) !== values.length)
      throw new Error(`${name} holds ${values.length} values, but its shape is [${shape}]`);
    header.set(name, { dtype: "F32", shape, data_offsets: [offset, offset + values.byteLength] });
    offset += values.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const start = 8 + 8 * Math.ceil(json.length / 8);
  const bytes = new Uint8Array(start + offset).fill(32, 0, start);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(start - 8), true);
  bytes.set(json, 8);
  offset = start;
  for (const { values } of tensors) {
    bytes.set(bytesOf(values), offset);
    offset += values.byteLength;
  }
  return bytes;
}

/**
 * The content of a file. Every number of its header is checked before it is used.
 * @param source what to call the file in errors
 * @throws in one sentence when the bytes are not a whole safetensors file of F32 tensors, or not those that were written.
 */
export function decodeSafetensors(bytes: Uint8Array, source: string): TensorFile {
  const start = dataStart(bytes.subarray(0, 8), bytes.length, source);
  const header = decodeHeader(bytes.subarray(8, start), bytes.length - start, source);
  const tensors = header.places.map(({ name, shape, begin, end }) => {
    const values = new Float32Array(sizeOf(shape));
    bytesOf(values).set(bytes.subarray(start + begin, start + end));
    return { name, shape, values };
  });
  return checkedContent(header, tensors, source);
}

/**
 * Where the data begins.
 * @param first the file's first 8 bytes, fewer if it has fewer
 * @param length of the file, in bytes
 * @throws as `decodeSafetensors` does.
 */
export function dataStart(first: Uint8Array, length: number, source: string): number {
  const refuse = refuser(source);
  if (first.length < 8) refuse(`it has ${first.length} bytes, fewer than the 8 it must begin with`);
  const announced = new DataView(first.buffer, first.byteOffset, 8).getBigUint64(0, true);
  if (announced > LONGEST_HEADER || announced > length - 8)
    refuse(`its header should have ${announced} bytes, the file has ${length}`);
  return 8 + Number(announced);
}

/**
 * What a file's header says.
 * @param json the header's bytes
 * @param dataLength bytes of the data after it
 * @throws as `decodeSafetensors` does.
 */
export function decodeHeader(json: Uint8Array, dataLength: number, source: string): TensorHeader {
  const refuse = refuser(source);
  const header = parseHeader(json, refuse);
  const places = Object.entries(header)
    .filter(([name]) => name !== METADATA)
    .map(([name, entry]) => checkEntry(name, entry, refuse))
    .sort((a, b) => a.begin - b.begin || a.end - b.end);
  let offset = 0;
  for (const { name, begin, end } of places) {
    if (begin !== offset) refuse(`${name} begins at byte ${begin} of the data, not at ${offset}`);
    if (end > dataLength) refuse(`${name} ends at byte ${end} of the data, past the end of the file`);
    offset = end;
  }
  if (offset !== dataLength) refuse(`${dataLength - offset} bytes belong to no tensor`);
  const { [SUM]: sum, ...metadata } = checkMetadata(header[METADATA], refuse);
  return { places, metadata, sum };
}

/**
 * Header and tensors together, if they are what was written.
 * @param tensors read from the header's places, in its order
 * @throws when the file's sum is another than that of its content; a file without a sum is taken as it is.
 */
export function checkedContent(
  { metadata, sum }: TensorHeader,
  tensors: readonly NamedTensor[],
  source: string,
): TensorFile {
  if (sum !== undefined && sum !== contentSum({ tensors, metadata }))
    refuser(source)(
      `its content is not what was written, the sum "${SUM}" in its metadata differs; take a copy that is whole, or remove the sum if the file was changed on purpose`,
    );
  return { tensors, metadata };
}

/** SHA-256 of names, shapes, numbers and metadata in the order of their names, which other programs may change. */
function contentSum({ tensors, metadata }: TensorFile): string {
  const sorted = tensors.map((tensor) => [tensor.name, tensor] as const).sort(byFirst);
  return world().sha256([
    JSON.stringify(Object.entries(metadata).sort(byFirst)),
    ...sorted.flatMap(([name, { shape, values }]) => [JSON.stringify([name, shape]), bytesOf(values)]),
  ]);
}

function byFirst([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The bytes that numbers lie in; writing to them changes the numbers. */
export function bytesOf(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

type Refuse = (what: string) => never;

function refuser(source: string): Refuse {
  return (what) => {
    throw new Error(`${source} is not a safetensors file that can be read: ${brief(what)}`);
  };
}

function parseHeader(json: Uint8Array, refuse: Refuse): Record<string, unknown> {
  try {
    const header: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(json));
    if (isRecord(header)) return header;
  } catch (error) {
    refuse(`its header is no JSON (${(error as Error).message})`);
  }
  return refuse("its header is no JSON object");
}

function checkEntry(name: string, entry: unknown, refuse: Refuse): TensorPlace {
  if (!isRecord(entry)) return refuse(`${name} is not described by an object`);
  const { dtype, shape, data_offsets: offsets } = entry;
  if (dtype !== "F32") return refuse(`${name} is ${shown(dtype)}; only F32 can be read, convert it first`);
  if (!isCounts(shape)) return refuse(`the shape of ${name} is ${shown(shape)}`);
  if (!isCounts(offsets) || offsets.length !== 2)
    return refuse(`the data_offsets of ${name} are ${shown(offsets)}`);
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

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}
