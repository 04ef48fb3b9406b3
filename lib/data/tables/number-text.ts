/** Numbers as they are written in cells. */

/** Every repetition is followed by what it cannot match itself, so that the time is linear in the length. */
const decimal = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

/** The largest magnitude that a model can compute with: it works in single precision. */
export const largestNumber = 3.4e38;

/** A decimal number with a point as `Number` reads it, or NaN for any other text. */
export function readNumber(cell: string): number {
  return decimal.test(cell) ? Number(cell) : Number.NaN;
}

const longestForm = 40;
const symbols = "$€£¥%‰";
const symbolBefore = new RegExp(`^([+-]?)[${symbols}] ?`);
const symbolAfter = new RegExp(`\\s?[${symbols}]$`);

/**
 * What is to be done with a text that means a number but is none (separators of thousands, decimal comma, sign of a
 * currency or per cent, typographic minus, infinity), as the end of a sentence; `undefined` for any other text.
 */
export function numberForm(cell: string): string | undefined {
  if (cell.length > longestForm) return undefined;
  if (/^[+-]?inf(inity)?$/i.test(cell) || Math.abs(readNumber(cell)) === Number.POSITIVE_INFINITY)
    return "is no finite number: correct it";
  const hyphen = cell.replace(/^[−–‒﹣-]/, "-");
  if (hyphen !== cell && Number.isFinite(readNumber(hyphen)))
    return `has a typographic minus: write ${hyphen}`;
  const bare = hyphen.replace(symbolBefore, "$1").replace(symbolAfter, "");
  const plain = Number.isFinite(readNumber(bare)) ? bare : undefined;
  if (bare !== hyphen && plain !== undefined) return `is a number with a sign: write ${plain}`;
  if (/^[+-]?\d{1,3},\d{3}$/.test(bare))
    return `has a separator of thousands or a decimal comma: write ${bare.replace(",", "")} or ${bare.replace(",", ".")}`;
  if (/^[+-]?\d{1,3}(,\d{2,3})*,\d{3}(\.\d*)?$/.test(bare))
    return `has separators of thousands: write ${bare.replaceAll(",", "")}`;
  if (/^[+-]?\d{1,3}(\.\d{3})+,\d+$/.test(bare) || /^[+-]?\d{1,3}(\.\d{3}){2,}$/.test(bare))
    return `has separators of thousands: write ${bare.replaceAll(".", "").replace(",", ".")}`;
  if (/^[+-]?\d{1,3}([ '’\u00a0\u2009\u202f]\d{3})+([.,]\d+)?$/.test(bare))
    return `has separators of thousands: write ${bare.replace(/[ '’\u00a0\u2009\u202f]/g, "").replace(",", ".")}`;
  if (/^[+-]?\d*,\d+$/.test(bare)) return `has a decimal comma: write ${bare.replace(",", ".")}`;
  return undefined;
}
