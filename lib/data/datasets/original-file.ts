/** Original files of public data: what they are called, where they lie, and how one knows that they are the right ones. */
import { createHash } from "node:crypto";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { unzipSync } from "fflate";

/** A file as its donors published it. */
export interface OriginalFile {
  readonly name: string;
  /** SHA-256 of the file under this name, that is, after unpacking. */
  readonly sha256: string;
  /** Where it lies, best place first: the file itself, its gzip, or a zip (or a zip in a zip) that holds it. None: it has to be given. */
  readonly urls: readonly string[];
}

/** No file of ours is larger, packed or not; more is refused. */
export const largestFileBytes = 256 * 2 ** 20;

/** Archives within archives that are looked into. */
const deepestNesting = 3;

/** Names under which a folder can hold the file: plain, gzipped, or packed as its donors pack it. */
export function acceptedNames({ name, urls }: OriginalFile): string[] {
  const gzip = name.endsWith(".gz") ? [] : [`${name}.gz`];
  const served = urls.map((url) => path.posix.basename(decodeURIComponent(url)));
  return [...new Set([name, ...gzip, ...served.filter((base) => path.posix.extname(base) !== "")])];
}

/** SHA-256 in hexadecimal digits. */
export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/**
 * The file's content out of bytes that are the file, its gzip, or a zip with it. Nothing is written to disk.
 * @param place where the bytes come from, for the error message
 * @throws naming file, expected and found sum when the content is not the original.
 */
export function originalContent(file: OriginalFile, bytes: Uint8Array, place: string): Uint8Array {
  let found = sha256(bytes);
  try {
    for (const content of unpacked(bytes, file.name, deepestNesting)) {
      const sum = sha256(content);
      if (sum === file.sha256) return content;
      found = sum;
    }
  } catch (error) {
    throw wrongFile(file, place, found, `, it cannot be unpacked: ${(error as Error).message}`);
  }
  throw wrongFile(file, place, found, "");
}

function wrongFile({ name, sha256 }: OriginalFile, place: string, found: string, detail: string): Error {
  return new Error(
    `${place} is not the original ${name}: its sha256 is ${found}, expected ${sha256} (cut short, altered or another file${detail}); get it again`,
  );
}

/** The bytes as they are, then what a gzip holds, or the entries of a zip that bear the name or are archives. */
function* unpacked(bytes: Uint8Array, name: string, depth: number): Generator<Uint8Array> {
  yield bytes;
  if (depth === 0) return;
  if (bytes[0] === 0x1f && bytes[1] === 0x8b)
    yield* unpacked(gunzipSync(bytes, { maxOutputLength: largestFileBytes }), name, depth - 1);
  if (bytes[0] === 0x50 && bytes[1] === 0x4b)
    for (const entry of zipEntries(bytes, name)) yield* unpacked(entry, name, depth - 1);
}

function zipEntries(bytes: Uint8Array, name: string): Uint8Array[] {
  const wanted = (entry: string) => [name, `${name}.gz`].includes(entry) || entry.endsWith(".zip");
  const entries = unzipSync(bytes, {
    filter: (entry) => wanted(path.posix.basename(entry.name)) && entry.originalSize <= largestFileBytes,
  });
  return Object.values(entries);
}
