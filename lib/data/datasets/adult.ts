import { decodeUtf8, parseTable } from "../tables/load-table.js";
import type { PaperDataSet } from "./data-set.js";
import type { OriginalFile } from "./original-file.js";

const data: OriginalFile = {
  name: "adult.data",
  sha256: "5b00264637dbfec36bdeaab5676b0b309ff9eb788d63554ca0a249491c86603d",
  urls: [
    "https://archive.ics.uci.edu/static/public/2/adult.zip",
    "https://archive.ics.uci.edu/ml/machine-learning-databases/adult/adult.data",
    "https://raw.githubusercontent.com/vukk/lfr/ed62ba97952b233be794314ce2ed748877edfeeb/data/adult-delve/Source/adult.data.gz",
  ],
};

const test: OriginalFile = {
  name: "adult.test",
  sha256: "a2a9044bc167a35b2361efbabec64e89d69ce82d9790d2980119aac5fd7e9c05",
  urls: [
    "https://archive.ics.uci.edu/static/public/2/adult.zip",
    "https://archive.ics.uci.edu/ml/machine-learning-databases/adult/adult.test",
    "https://raw.githubusercontent.com/vukk/lfr/ed62ba97952b233be794314ce2ed748877edfeeb/data/adult-delve/Source/adult.test.gz",
  ],
};

const header = [
  "age",
  "workclass",
  "fnlwgt",
  "education",
  "education-num",
  "marital-status",
  "occupation",
  "relationship",
  "race",
  "sex",
  "capital-gain",
  "capital-loss",
  "hours-per-week",
  "native-country",
  "income",
];

/** Adult, or Census Income (Kohavi 1996; UCI 2): does a person earn more than 50,000 dollars? Missing cells are "?". */
export const adult: PaperDataSet<"adult"> = {
  name: "adult",
  code: "AD",
  title: "Adult (Census Income), UCI, doi 10.24432/C5XW20",
  licence: "CC BY 4.0",
  sources: [[data, test]],
  paperTypes: "original",
  read(originals, source) {
    const training = decodeUtf8(originals.get(data.name)!, data.name);
    const testing = decodeUtf8(originals.get(test.name)!, test.name);
    return parseTable(
      training + withoutTestMarks(testing),
      `${data.name} + ${test.name}`,
      { header, delimiter: ",", target: "income", missing: ["?"] },
      source,
    );
  },
};

/** `adult.test` begins with a remark and ends its labels with a full stop. */
function withoutTestMarks(text: string): string {
  return text.replace(/^\|.*\n/, "").replace(/\.$/gm, "");
}
