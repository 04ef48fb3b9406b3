import XLSX from "xlsx";
import { parseTable } from "../tables/load-table.js";
import type { PaperDataSet } from "./data-set.js";
import type { OriginalFile } from "./original-file.js";

const workbook: OriginalFile = {
  name: "default of credit card clients.xls",
  sha256: "30c6be3abd8dcfd3e6096c828bad8c2f011238620f5369220bd60cfc82700933",
  urls: [
    "https://archive.ics.uci.edu/static/public/350/default+of+credit+card+clients.zip",
    "https://archive.ics.uci.edu/ml/machine-learning-databases/00350/default%20of%20credit%20card%20clients.xls",
    "https://raw.githubusercontent.com/AhmeddAshour/Ensemble-Learning-for-Loan-Prediction/5a1fb3d128244e7cdb0a99a5dc69c5c0d512e0c1/default%20of%20credit%20card%20clients.xls.zip",
  ],
};

/** Codes, not amounts: nominal ones, and the repayment states −2 … 8. */
const categorical = ["SEX", "EDUCATION", "MARRIAGE", "PAY_0", "PAY_2", "PAY_3", "PAY_4", "PAY_5", "PAY_6"];

/** Default of Credit Card Clients (Yeh 2009; UCI 350): will the next payment fail? The client's ID is left out. */
export const creditDefault: PaperDataSet<"credit-default"> = {
  name: "credit-default",
  code: "CC",
  title: "Default of Credit Card Clients, UCI, doi 10.24432/C55S3H",
  licence: "CC BY 4.0",
  sources: [[workbook]],
  paperTypes: "numeric",
  read(originals, source) {
    return parseTable(
      csvOfSheet(originals.get(workbook.name)!),
      workbook.name,
      { delimiter: ",", target: "default payment next month", ignore: ["ID"], categorical, missing: [] },
      source,
    );
  },
};

/** The first sheet as CSV, without its first line: the names X1 … X23, Y, before the real ones. */
function csvOfSheet(bytes: Uint8Array): string {
  const { Sheets, SheetNames } = XLSX.read(bytes, { type: "array", dense: true });
  const csv = XLSX.utils.sheet_to_csv(Sheets[SheetNames[0]], { rawNumbers: true });
  return csv.slice(csv.indexOf("\n") + 1);
}
