import { decodeUtf8, parseTable } from "../tables/load-table.js";
import { readArff } from "./arff.js";
import type { PaperDataSet } from "./data-set.js";
import type { OriginalFile } from "./original-file.js";

const arff: OriginalFile = {
  name: "elecNormNew.arff",
  sha256: "2d86fbc74c69a5c04bcde0119bce280dd6d8efa0115987edc75b77ccf024d7f2",
  urls: [
    "https://www.openml.org/data/download/2419/electricity-normalized.arff",
    "https://api.openml.org/data/v1/download/2419/electricity-normalized.arff",
    "https://raw.githubusercontent.com/diegomarron/ElasticSwapRandomForest/8bd9d8e64544f8059329ae02ea12703f7fef229a/datasets/elecNormNew.arff",
  ],
};

/** Electricity (Harries 1999, normalised; OpenML 151): does the price in New South Wales go up or down? In time order. */
export const electricity: PaperDataSet<"electricity"> = {
  name: "electricity",
  code: "EL",
  title: "Electricity (ELEC2, normalised), OpenML 151",
  licence: "public, as listed by OpenML",
  sources: [[arff]],
  paperTypes: "numeric",
  read(originals, source) {
    const { attributes, data } = readArff(decodeUtf8(originals.get(arff.name)!, arff.name), arff.name);
    const names = (wanted: "numeric" | "categorical") =>
      attributes.filter(({ kind }) => kind === wanted).map(({ name }) => name);
    return parseTable(
      data,
      arff.name,
      {
        header: attributes.map(({ name }) => name),
        delimiter: ",",
        target: "class",
        numeric: names("numeric"),
        categorical: names("categorical"),
        missing: ["?"],
      },
      source,
    );
  },
};
