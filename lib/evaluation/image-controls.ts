/** What features of images are measured against, beside an untrained encoder: their pixels, and as many principal components. */
import { Matrix } from "ml-matrix";
import * as tf from "../engine/tf.js";
import type { ImageRows } from "../models/modalities/patches/images.js";
import type { FeatureSource } from "./controls.js";
import type { Features } from "./predictors/predictor.js";
import { spectrum } from "./symmetric-eigen.js";

/** The pixels themselves, without any encoder. */
export function pixelSource({ rows, height, width, images }: ImageRows): FeatureSource {
  return {
    features: "raw",
    seed: null,
    compute: () => ({ values: images, shape: [rows, height * width, 1] }),
  };
}

/**
 * The pixels' first principal components, as many as the features that they are compared with have columns.
 * @param fitOn images that the axes are found on: those that a probe learns from
 */
export function principalSource(images: ImageRows, columns: number, fitOn: Int32Array): FeatureSource {
  return {
    features: `${columns} principal components`,
    seed: null,
    compute: () => principalComponents(pixelSource(images).compute(), columns, fitOn),
  };
}

/**
 * Features projected on the axes along which some of their rows spread most.
 * @returns `[rows, 1, columns]`
 * @throws when there are fewer columns than that, no rows to fit on, or a number is not finite.
 */
export function principalComponents(
  { values, shape: [rows, tokens, width] }: Features,
  columns: number,
  fitOn: Int32Array,
): Features {
  const all = tokens * width;
  if (!(columns >= 1 && columns <= all))
    throw new Error(`columns is ${columns}; there are ${all} principal components, use 1 to ${all}`);
  if (fitOn.length === 0) throw new Error("fitOn is empty; name the rows that the axes are found on");
  const projected = tf.tidy(() => {
    const matrix = tf.tensor2d(values, [rows, all]);
    const fitted = tf.gather(matrix, tf.tensor1d(fitOn, "int32"));
    const centre = tf.mean(fitted, 0, true);
    const centred = tf.sub<tf.Tensor2D>(fitted, centre);
    const products = tf.matMul<tf.Tensor2D>(tf.transpose(centred), centred).arraySync();
    const { vectors } = spectrum(new Matrix(products));
    // Eigenvalues come in increasing order.
    const axes = vectors.subMatrix(0, all - 1, all - columns, all - 1).to2DArray();
    return tf.matMul(tf.sub(matrix, centre), tf.reverse(tf.tensor2d(axes), 1)).dataSync<"float32">();
  });
  return { values: projected, shape: [rows, 1, columns] };
}
