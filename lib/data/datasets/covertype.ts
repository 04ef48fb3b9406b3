import { gunzipSync } from "node:zlib";
import { fold, permutation, seedKey } from "../../engine/random.js";
import { decodeUtf8, parseTable } from "../tables/load-table.js";
import type { PaperDataSet } from "./data-set.js";
import { largestFileBytes, type OriginalFile } from "./original-file.js";

const full: OriginalFile = {
  name: "covtype.data.gz",
  sha256: "614360d0257557dd1792834a85a1cdebfadc3c4f30b011d56afee7ffb5b15771",
  urls: [
    "https://archive.ics.uci.edu/static/public/31/covertype.zip",
    "https://archive.ics.uci.edu/ml/machine-learning-databases/covtype/covtype.data.gz",
    "https://ndownloader.figshare.com/files/5976039",
  ],
};

/** 20,000 lines of `covtype.data`, drawn at random without replacement and published in the R package odmgm. */
const sample: OriginalFile = {
  name: "covtype_random20000.csv",
  sha256: "1ef8635276e5242ab08f32316d4216666cc3a0164a165e8436df375f2a3d4fde",
  urls: [],
};

/** Rows of the paper's random subsample. */
const subsampleRows = 10_000;

const numeric = [
  "Elevation",
  "Aspect",
  "Slope",
  "Horizontal_Distance_To_Hydrology",
  "Vertical_Distance_To_Hydrology",
  "Horizontal_Distance_To_Roadways",
  "Hillshade_9am",
  "Hillshade_Noon",
  "Hillshade_3pm",
  "Horizontal_Distance_To_Fire_Points",
];

const categorical = [
  ...Array.from({ length: 4 }, (_, i) => `Wilderness_Area${i + 1}`),
  ...Array.from({ length: 40 }, (_, i) => `Soil_Type${i + 1}`),
];

/**
 * Covertype (Blackard 1998; UCI 31): which of seven trees covers a patch of forest? 10,000 random rows as in the paper,
 * drawn from all 581,012; offline, a published random sample of 20,000 does too, of which the first 10,000 are taken.
 * Copyright Jock A. Blackard and Colorado State University.
 */
export const covertype: PaperDataSet<"covertype"> = {
  name: "covertype",
  code: "CO",
  title: "Covertype (10,000 random rows), UCI, doi 10.24432/C50K5N",
  licence: "CC BY 4.0",
  sources: [[full], [sample]],
  paperTypes: "numeric",
  read(originals, source, seed) {
    const whole = originals.get(full.name);
    const lines = whole ? drawLines(whole, seed) : firstLines(originals.get(sample.name)!);
    const note = whole
      ? `rows drawn with seed ${seed}`
      : `the first ${subsampleRows} lines of a random sample of 20,000; the seed plays no part`;
    return parseTable(
      lines.join("\n"),
      whole ? full.name : sample.name,
      {
        header: [...numeric, ...categorical, "Cover_Type"],
        delimiter: ",",
        target: "Cover_Type",
        numeric,
        categorical,
      },
      { ...source, notes: [...source.notes, note] },
    );
  },
};

function drawLines(gzip: Uint8Array, seed: number): string[] {
  const text = decodeUtf8(gunzipSync(gzip, { maxOutputLength: largestFileBytes }), full.name);
  const lines = text.trimEnd().split("\n");
  const order = permutation(fold(seedKey(seed), "covertype"), lines.length);
  return Array.from(order.subarray(0, subsampleRows), (line) => lines[line]);
}

function firstLines(csv: Uint8Array): string[] {
  return decodeUtf8(csv, sample.name).split("\n", subsampleRows);
}
