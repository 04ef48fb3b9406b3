/** Embeddings of a table as a file for other programs: CSV, Parquet or NumPy's npy, by the ending of its name. */
import path from "node:path";
import { setImmediate } from "node:timers/promises";
import { ByteWriter, type ColumnSource, ParquetWriter, schemaFromColumnData } from "hyparquet-writer";
import type { Table } from "../data/tables/table.js";
import type { Aggregation } from "../families/embed-table.js";
import type { Pooling } from "../families/pooling.js";
import { capability } from "../families/registry.js";
import { writePieces } from "../files/whole-file.js";
import type { TableModel } from "../training/trained-model.js";
import { type CsvCell, csvLines, singleDigits } from "./csv-lines.js";
import { embeddingColumnNames, embedRowPieces, rowsPerPiece } from "./embed-rows.js";
import { npyHeader, npyNumbers } from "./npy.js";
import { type RowGroup, rowGroups, rowsPerGroup, type WrittenPiece } from "./row-groups.js";

/** A column of text that is written beside the embeddings. */
export interface TextColumn {
  readonly name: string;
  /** `[rows]` */
  readonly cells: readonly string[];
}

/** How embeddings are written. */
export interface EmbeddingFileOptions {
  /** Which of a row's two uncertainties is written; the mean of its deviations by default. */
  readonly aggregation?: Aggregation;
  /** What becomes of the tokens of a row's features; side by side by default. */
  readonly pooling?: Pooling;
  /** The last column of a CSV or Parquet file; by default the table's labels, if it has any. */
  readonly target?: TextColumn;
  /** Called after every piece (see `embedRowPieces`) with the pieces done so far, of how many. */
  readonly onPiece?: (done: number, pieces: number) => void;
}

/** The files that `writeEmbeddings` may write for a name: an npy file has a second one beside it. */
export function embeddingFiles(file: string): string[] {
  return path.extname(file) === ".npy" ? [file, uncertaintyFile(file)] : [file];
}

function uncertaintyFile(npy: string): string {
  return `${npy.slice(0, -".npy".length)}.uncertainty.npy`;
}

/** What every format is written from. */
interface Content {
  readonly rows: number;
  /** Of the embedding alone. */
  readonly names: readonly string[];
  readonly uncertain: boolean;
  readonly target: TextColumn | undefined;
  readonly pieces: Iterable<WrittenPiece>;
}

const formats: Readonly<Record<string, (file: string, content: Content) => Promise<string[]>>> = {
  ".csv": writeCsv,
  ".parquet": writeParquet,
  ".npy": writeNpy,
};

/** Endings that `writeEmbeddings` knows, also in capitals. */
export const embeddingFileEndings: readonly string[] = Object.keys(formats);

/**
 * Embeds a table into a file, piece by piece, so that memory does not grow with the rows. CSV and Parquet have the columns
 * `row` (from 0), `<feature>.<i>` (pooled: `mean.<i>` or `cls.<i>`), `uncertainty` (Var-T-JEPA only) and the target, npy
 * has the embeddings alone, `[rows, D · d]` or pooled `[rows, d]` or `[rows, clsTokens · d]`, and a second file
 * `<name>.uncertainty.npy` `[rows]`. Numbers are single-precision and come back bit for bit.
 * @returns the files written, each whole or not at all
 * @throws when the ending is another, the target's name is taken, and as `embedRows` does.
 */
export async function writeEmbeddings(
  file: string,
  model: TableModel,
  table: Table,
  { aggregation = "mean", pooling, target = labelColumn(table), onPiece }: EmbeddingFileOptions = {},
): Promise<string[]> {
  const write = formats[path.extname(file).toLowerCase()];
  if (!write)
    throw new Error(
      `the file "${file}" has none of the endings ${embeddingFileEndings.join(", ")}; give it one`,
    );
  const names = embeddingColumnNames(model, pooling);
  if (target && ["row", "uncertainty", ...names].includes(target.name))
    throw new Error(`the target "${target.name}" has the name of another column of the file; rename it`);
  const pieces = function* () {
    let done = 0;
    for (const piece of embedRowPieces(model, table, pooling)) {
      yield { ...piece, uncertainty: piece.uncertainty?.[aggregation] };
      onPiece?.(++done, Math.ceil(table.rows / rowsPerPiece(model)));
    }
  };
  const { uncertain } = capability(model.family, "embedding");
  return write(file, { rows: table.rows, names, uncertain, target, pieces: pieces() });
}

function labelColumn({ labels }: Table): TextColumn | undefined {
  return labels && { name: labels.name, cells: Array.from(labels.codes, (code) => labels.classes[code]) };
}

async function writeCsv(file: string, { names, uncertain, target, pieces }: Content): Promise<string[]> {
  const header = ["row", ...names, ...(uncertain ? ["uncertainty"] : []), ...(target ? [target.name] : [])];
  await writePieces(file, async (append) => {
    await append(csvLines([header]));
    for (const { first, count, values, uncertainty } of pieces)
      for (let i = 0; i < count; i++) {
        const cells: CsvCell[] = [first + i];
        for (let j = 0; j < names.length; j++) cells.push(singleDigits(values[i * names.length + j]));
        if (uncertainty) cells.push(singleDigits(uncertainty[i]));
        if (target) cells.push(target.cells[first + i]);
        await append(csvLines([cells]));
      }
  });
  return [file];
}

async function writeParquet(
  file: string,
  { rows, names, uncertain, target, pieces }: Content,
): Promise<string[]> {
  const columnsOf = ({ first, count, columns, uncertainty }: RowGroup): ColumnSource[] => [
    column(
      "row",
      "INT32",
      Int32Array.from({ length: count }, (_, i) => first + i),
    ),
    ...columns.map((data, j) => column(names[j], "FLOAT", data)),
    ...(uncertainty ? [column("uncertainty", "FLOAT", uncertainty)] : []),
    ...(target ? [column(target.name, "STRING", target.cells.slice(first, first + count))] : []),
  ];
  await writePieces(file, async (append) => {
    const bytes = new ByteWriter();
    const appendNew = async () => {
      await append(bytes.getBytes());
      bytes.index = 0;
    };
    const none = new Float32Array(0);
    const empty = {
      first: 0,
      count: 0,
      columns: names.map(() => none),
      uncertainty: uncertain ? none : undefined,
    };
    const writer = new ParquetWriter({
      writer: bytes,
      schema: schemaFromColumnData({ columnData: columnsOf(empty) }),
      statistics: false,
    });
    for (const group of rowGroups(pieces, rowsPerGroup(rows, names.length), names.length)) {
      await writer.write({ columnData: columnsOf(group), rowGroupSize: group.count });
      await appendNew();
      // All of this is synchronous, so signals would wait until the end.
      await setImmediate();
    }
    await writer.finish();
    await appendNew();
  });
  return [file];
}

/** A column without missing cells. Numbers hardly repeat, so neither a dictionary nor a shorter form is looked for. */
function column(name: string, type: "INT32" | "FLOAT" | "STRING", data: ColumnSource["data"]): ColumnSource {
  return type === "FLOAT"
    ? { name, type, data, nullable: false, encoding: "PLAIN", codec: "UNCOMPRESSED" }
    : { name, type, data, nullable: false };
}

async function writeNpy(file: string, { rows, names, uncertain, pieces }: Content): Promise<string[]> {
  const all = new Float32Array(uncertain ? rows : 0);
  await writePieces(file, async (append) => {
    await append(npyHeader([rows, names.length]));
    for (const { first, values, uncertainty } of pieces) {
      await append(npyNumbers(values));
      if (uncertainty) all.set(uncertainty, first);
    }
  });
  if (!uncertain) return [file];
  const second = uncertaintyFile(file);
  await writePieces(second, async (append) => {
    await append(npyHeader([rows]));
    await append(npyNumbers(all));
  });
  return [file, second];
}
