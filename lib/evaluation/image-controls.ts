/** What features of images are measured against, beside an untrained encoder: their pixels, and as many principal components. */
import { type ImageRows, selectImages } from "../models/modalities/patches/images.js";
import type { FeatureSource } from "./controls.js";
import { principalComponents } from "./principal-components.js";

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
    compute: () => {
      const learned = selectImages(images, fitOn).images;
      const project = principalComponents(learned, images.height * images.width, columns);
      return { values: project(images.images), shape: [images.rows, 1, columns] };
    },
  };
}
