/** One plotly trace as plain data; `type` is plotly's trace type, the other keys are its attributes. */
export interface Trace {
  type: string;
  [attribute: string]: unknown;
}

/** Plotly's layout as plain data; `width` and `height` in pixels. */
export interface Layout {
  width?: number;
  height?: number;
  /** What is seen, in words and numbers, for readers who do not see it. */
  meta?: { readonly alternative: string };
  [attribute: string]: unknown;
}

/** A plotly figure as plain data: what every figure function returns and `show` draws. */
export interface Figure {
  data: Trace[];
  layout: Layout;
}

/** Digits that a fraction keeps in any case, … */
const fewestDigits = 6;
/** … and the steps into which what it keeps must part the range of its axis: fractions of a pixel at tenfold zoom. */
const fewestSteps = 5000;

/**
 * The figure as JSON holds it, so that what is drawn and what is saved are the same: typed arrays become
 * arrays, not-a-number becomes null. Fractions in the lists of traces keep six significant digits, or as many more as
 * part the range of their axis (x and y, all its traces) or their own list (any other) into 5000 steps.
 */
export function plainFigure(figure: Figure): Figure {
  const { data, layout }: Figure = JSON.parse(JSON.stringify(figure, (_, value) => unpacked(value)));
  const spans = new Map<string, Span>();
  for (const trace of data)
    for (const field of ["x", "y"]) {
      const list = trace[field];
      if (Array.isArray(list)) extend(spans, axisOf(trace, field), list);
    }
  for (const trace of data)
    for (const [field, value] of Object.entries(trace))
      trace[field] = rounded(value, spans.get(axisOf(trace, field)));
  return { data, layout };
}

function unpacked(value: unknown): unknown {
  return ArrayBuffer.isView(value) && !(value instanceof DataView)
    ? Array.from(value as unknown as ArrayLike<unknown>)
    : value;
}

/** Smallest and largest number of a list. */
interface Span {
  least: number;
  most: number;
}

/** The axis that a field's numbers lie on; only x and y have one. */
function axisOf(trace: Trace, field: string): string {
  return `${field} on ${trace[`${field}axis`] ?? field}`;
}

function extend(spans: Map<string, Span>, axis: string, list: unknown[]): void {
  const { least, most } = spanOf(list);
  const before = spans.get(axis);
  spans.set(
    axis,
    before ? { least: Math.min(before.least, least), most: Math.max(before.most, most) } : { least, most },
  );
}

/** Of all numbers in a list and the lists in it. */
function spanOf(list: readonly unknown[], span: Span = { least: Infinity, most: -Infinity }): Span {
  for (const value of list)
    if (Array.isArray(value)) spanOf(value, span);
    else if (typeof value === "number") {
      span.least = Math.min(span.least, value);
      span.most = Math.max(span.most, value);
    }
  return span;
}

/** Rounds the lists of a trace's field, each by its own span or the one given; numbers that stand alone stay. */
function rounded(value: unknown, span?: Span): unknown {
  if (Array.isArray(value)) return roundedList(value, digitsFor(span ?? spanOf(value)));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, child]) => [name, rounded(child)]));
}

function roundedList(list: readonly unknown[], digits: number): unknown[] {
  return list.map((value) => {
    if (Array.isArray(value)) return roundedList(value, digits);
    if (typeof value === "number") return Number.isInteger(value) ? value : Number(value.toPrecision(digits));
    return rounded(value);
  });
}

function digitsFor({ least, most }: Span): number {
  const range = most - least;
  const largest = Math.max(Math.abs(least), Math.abs(most));
  if (!(range > 0) || !(largest > 0)) return fewestDigits;
  const needed = Math.floor(Math.log10(largest)) + 1 - Math.floor(Math.log10(range / fewestSteps));
  return Math.min(17, Math.max(fewestDigits, needed));
}
