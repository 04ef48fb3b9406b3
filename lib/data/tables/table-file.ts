/** Files that hold tables, as the bytes of a CSV file: CSV as it is or gzipped, Parquet, standard input. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { type Compressors, parquetMetadata, parquetReadObjects, parquetSchema } from "hyparquet";
import Papa from "papaparse";
import { quoted } from "./quote.js";

/** A table's file as CSV. */
export interface TableFile {
  /** The file's own name, what it is called in messages, and the name of a table from it. */
  readonly fileName: string;
  readonly name: string;
  readonly tableName: string;
  /** Sum of the file as it lies there. */
  readonly sha256: string;
  readonly bytes: Buffer;
  /** Columns that the file itself says are text. */
  readonly text: readonly string[];
}

/** What stands for standard input in place of a file's name. */
export const standardInput = "-";

/** The most that Node.js reads or unpacks at once. */
const mostBytes = 2 ** 31 - 1;
const mostSaid = "2 GiB, the most that is read: draw some of its rows into another file";

/**
 * Reads a file. What it is, is told from its first bytes, whatever its name.
 * @param file its path, or `-` for standard input
 * @throws when there is no such file, it is larger than 2 GiB, damaged, a spreadsheet, or a Parquet file with columns that are
 * no cells.
 */
export async function readTableFile(file: string): Promise<TableFile> {
  const read = file === standardInput ? await readStandardInput() : await readBytes(file);
  const fileName = file === standardInput ? "standard input" : path.basename(file);
  const sha256 = createHash("sha256").update(read).digest("hex");
  const name = fileName.replace(/\.gz$/i, "");
  const bytes = read[0] === 0x1f && read[1] === 0x8b ? unpacked(read, fileName) : read;
  const tableName = path.basename(name, path.extname(name));
  if (bytes.toString("latin1", 0, 4) === "PAR1")
    return {
      fileName,
      name: `${fileName} as CSV`,
      tableName,
      sha256,
      ...(await csvOfParquet(bytes, fileName)),
    };
  if (bytes.toString("latin1", 0, 4) === "PK\x03\x04")
    throw new Error(`${fileName} is a zip archive or a spreadsheet; save its table as CSV in UTF-8`);
  return { fileName, name: fileName, tableName, sha256, bytes, text: [] };
}

async function readBytes(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") throw new Error(`there is no file ${file}; check its path`);
    if (code === "EISDIR") throw new Error(`${file} is a folder; give a file in it`);
    if (code === "ERR_FS_FILE_TOO_LARGE") throw new Error(`${file} has more than ${mostSaid}`);
    throw new Error(`${file}: ${message}`);
  }
}

let input: Promise<Buffer> | undefined;

/** Standard input can be read once; asked for again, it is what it was. */
function readStandardInput(): Promise<Buffer> {
  input ??= (async () => {
    const chunks: Buffer[] = [];
    for await (const chunk of process.stdin) chunks.push(chunk);
    return Buffer.concat(chunks);
  })();
  return input;
}

function unpacked(bytes: Buffer, file: string): Buffer {
  try {
    return gunzipSync(bytes, { maxOutputLength: mostBytes });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ERR_BUFFER_TOO_LARGE") throw new Error(`${file} unpacks to more than ${mostSaid}`);
    throw new Error(`${file} cannot be unpacked (${message}); pack it with gzip again`);
  }
}

const compressors: Compressors = {
  GZIP: (bytes) => gunzipSync(bytes),
  BROTLI: (bytes) => brotliDecompressSync(bytes),
};

/** Rows of a Parquet file turned into text at once. */
const rowsAtOnce = 10_000;

async function csvOfParquet(bytes: Buffer, file: string): Promise<Pick<TableFile, "bytes" | "text">> {
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
  const damaged = (error: unknown): never => {
    throw new Error(
      `${file} cannot be read as Parquet (${(error as Error).message.slice(0, 200)}); write it again, compressed with snappy, gzip or not at all`,
    );
  };
  const { names, rows } = await (async () => {
    const metadata = parquetMetadata(buffer);
    const names = parquetSchema(metadata).children.map(({ element }) => element.name);
    return { names, rows: await parquetReadObjects({ file: buffer, metadata, compressors }) };
  })().catch(damaged);
  const text = names.filter((name) => {
    const cells = rows.map((row) => row[name]).filter((cell) => cell !== null && cell !== undefined);
    return cells.length > 0 && cells.every((cell) => typeof cell === "string");
  });
  const pieces = [Papa.unparse([names], { quotes: true, newline: "\n" })];
  for (let first = 0; first < rows.length; first += rowsAtOnce)
    pieces.push(
      Papa.unparse(
        rows
          .slice(first, first + rowsAtOnce)
          .map((row, i) =>
            names.map((name) => textOf(row[name], `${file}, row ${first + i}, column ${quoted(name)}`)),
          ),
        { quotes: true, newline: "\n" },
      ),
    );
  return { bytes: Buffer.concat(pieces.map((piece) => Buffer.from(`${piece}\n`))), text };
}

function textOf(value: unknown, place: string): string {
  if (value === null || value === undefined) return "";
  if (value instanceof Date) return value.toISOString().replace(/T00:00:00\.000Z$/, "");
  if (["string", "number", "bigint", "boolean"].includes(typeof value)) return String(value);
  throw new Error(
    `${place} holds a list, a structure or bytes, which is no cell; write the file without the column`,
  );
}
