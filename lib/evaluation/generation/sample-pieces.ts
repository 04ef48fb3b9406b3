/** Many draws for many rows, worked off in pieces that fit into memory. */
import { fold, type Key, normalRows } from "../../engine/random.js";
import * as tf from "../../engine/tf.js";
import type { LatentNoise, VarJepaConfig } from "../../models/var-jepa.js";

/** Some draws of some rows that follow each other; tensors hold them draw by draw, `[draws · count, ·]`. */
export interface SamplePiece {
  readonly firstRow: number;
  readonly count: number;
  readonly firstDraw: number;
  readonly draws: number;
}

/** Numbers that one piece holds at once: 64 MiB in single precision. */
const NUMBERS_AT_ONCE = 2 ** 24;

/**
 * Cuts `rows` × `draws` into pieces: as many rows as fit, and as many draws of these as fit.
 * @param perSample numbers that one draw of one row takes
 */
export function* samplePieces(
  rows: number,
  draws: number,
  perSample: number,
  numbersAtOnce = NUMBERS_AT_ONCE,
): Generator<SamplePiece> {
  const samples = Math.max(1, Math.floor(numbersAtOnce / perSample));
  const rowsAtOnce = Math.min(rows, samples);
  const drawsAtOnce = Math.max(1, Math.floor(samples / rowsAtOnce));
  for (let firstRow = 0; firstRow < rows; firstRow += rowsAtOnce)
    for (let firstDraw = 0; firstDraw < draws; firstDraw += drawsAtOnce)
      yield {
        firstRow,
        count: Math.min(rowsAtOnce, rows - firstRow),
        firstDraw,
        draws: Math.min(drawsAtOnce, draws - firstDraw),
      };
}

/** Numbers that one sample takes in the networks of a model: activations of all six, latents, observations. */
export function numbersPerSample({ dx, dy, d, dz, hidden, hiddenLayers }: VarJepaConfig): number {
  return 6 * hidden * hiddenLayers + 2 * (dx + dy) + 16 * d + 4 * dz;
}

/** Every row of a tensor `[count, columns]` once per draw: `[draws · count, columns]`. */
export function perDraw(rows: tf.Tensor2D, draws: number): tf.Tensor2D {
  return tf.tile(rows, [draws, 1]);
}

/**
 * ε ~ N(0, I) of a piece, `[draws · count, columns]`. A draw has a stream of its own whose rows are those of the data, so
 * neither the cut into pieces nor the number of draws changes what a row gets.
 * @param first place of the rows' first one in the data
 */
export function pieceNoise(
  key: Key,
  label: string,
  { firstRow, count, firstDraw, draws }: SamplePiece,
  columns: number,
  first = 0,
): tf.Tensor2D {
  const noise = new Float32Array(draws * count * columns);
  for (let i = 0; i < draws; i++)
    noise.set(
      normalRows(fold(fold(key, label), firstDraw + i), count, columns, first + firstRow),
      i * count * columns,
    );
  return tf.tensor2d(noise, [draws * count, columns]);
}

/** `pieceNoise` of s_x, z and s_y. */
export function latentPieceNoise(
  key: Key,
  piece: SamplePiece,
  { d, dz }: VarJepaConfig,
  first = 0,
): LatentNoise {
  return {
    sx: pieceNoise(key, "s_x", piece, d, first),
    z: pieceNoise(key, "z", piece, dz, first),
    sy: pieceNoise(key, "s_y", piece, d, first),
  };
}
