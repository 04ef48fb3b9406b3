import { corrupt } from "../data/corruption.js";
import type { Figure } from "./drawing/figure.js";
import { imageGrid } from "./images.js";

/** The corruption levels of the paper's Figure 5. */
export const figure5Levels = [0, 0.25, 0.5, 0.75, 0.99];

/**
 * The paper's Figure 5: digits under growing corruption, one row per digit, one column per level u.
 * @param images digits of 28 × 28, values 0 … 1.
 * @param noise for each digit 784 numbers uniform on (0, 1), the same along its row.
 * @throws when there are not as many noises as images.
 */
export function figure5(images: Float32Array[], noise: Float32Array[], levels = figure5Levels): Figure {
  if (noise.length !== images.length)
    throw new Error(`noise has ${noise.length} entries; give one for each of the ${images.length} images`);
  const tiles = images.flatMap((image, i) => levels.map((u) => corrupt(image, u, noise[i])));
  return imageGrid(tiles, {
    height: 28,
    width: 28,
    columns: levels.length,
    columnLabels: levels.map((u) => `u = ${u}`),
  });
}
