/** Largest share of noise in a corrupted digit: at the corruption level u = 1, the share is 0.75. */
export const largestShare = 0.75;

/**
 * A digit blended with noise, x' = (1 − α)x + αr with α = clip(0.75u, 0, 1): the paper's corruption of MNIST,
 * whose level u the models' latent uncertainty is compared with.
 * @param image pixel values x, any length.
 * @param u the level, uniform on (0, 1) in the paper's data.
 * @param noise as many numbers r as pixels, uniform on (0, 1) in the paper's data.
 * @returns a new array x'.
 * @throws when image and noise differ in length.
 */
export function corrupt(image: Float32Array, u: number, noise: Float32Array): Float32Array {
  if (noise.length !== image.length)
    throw new Error(`noise has ${noise.length} values; the image needs ${image.length}`);
  const share = Math.min(1, Math.max(0, largestShare * u));
  return image.map((pixel, i) => (1 - share) * pixel + share * noise[i]);
}
