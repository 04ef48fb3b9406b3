/** What features of images are measured against, beside an untrained encoder: their pixels, and as many principal components. */
import { type ImageRows, selectImages } from "../models/modalities/patches/images.js";
import type { FeatureSource } from "./controls.js";
import { fitScaling } from "./predictors/scaling.js";
import { principalComponents } from "./principal-components.js";

/** A pixel of less than this share of the largest deviation is left out of `pixelSource`. */
const LEAST_DEVIATION = 0.1;

/**
 * The pixels themselves, without any encoder, but for those that hardly vary: probes bring every column to unit deviation, and
 * a pixel that is touched once in a thousand images would be hundreds of deviations off in the image that inks it.
 * @param fitOn images that deviations are taken over: those that a probe learns from
 */
export function pixelSource(input: ImageRows, fitOn: Int32Array): FeatureSource {
  return {
    features: "raw",
    seed: null,
    compute: () => {
      const { rows, images } = input;
      const pixels = input.height * input.width;
      const deviations = fitScaling(images, pixels, fitOn).factor.map((factor) =>
        factor > 0 ? 1 / factor : 0,
      );
      const least = LEAST_DEVIATION * Math.max(...deviations);
      const kept = [...deviations.keys()].filter((pixel) => deviations[pixel] > least);
      const values = Float32Array.from(
        { length: rows * kept.length },
        (_, i) => images[Math.floor(i / kept.length) * pixels + kept[i % kept.length]],
      );
      return { values, shape: [rows, kept.length, 1] };
    },
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
