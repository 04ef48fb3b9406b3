import { decodeUtf8, parseTable } from "../tables/load-table.js";
import type { PaperDataSet } from "./data-set.js";
import type { OriginalFile } from "./original-file.js";

const full: OriginalFile = {
  name: "bank-full.csv",
  sha256: "d1513ec63b385506f7cfce9f2c5caa9fe99e7ba4e8c3fa264b3aaf0f849ed32d",
  urls: [
    "https://archive.ics.uci.edu/static/public/222/bank+marketing.zip",
    "https://archive.ics.uci.edu/ml/machine-learning-databases/00222/bank.zip",
    "https://raw.githubusercontent.com/Eshani-haldorai/bank-marketing-classifier/eb5cc1ace7babca900ef7484106d073ff70164c7/bank%2Bmarketing.zip",
  ],
};

/** Bank Marketing (Moro et al. 2014; UCI 222), all 45,211 calls: does the client subscribe? "unknown" is a category. */
export const bankMarketing: PaperDataSet<"bank-marketing"> = {
  name: "bank-marketing",
  code: "BM",
  title: "Bank Marketing (bank-full), UCI, doi 10.24432/C5K306",
  licence: "CC BY 4.0",
  sources: [[full]],
  paperTypes: "numeric",
  read(originals, source) {
    const text = decodeUtf8(originals.get(full.name)!, full.name);
    return parseTable(text, full.name, { delimiter: ";", target: "y", missing: [] }, source);
  },
};
