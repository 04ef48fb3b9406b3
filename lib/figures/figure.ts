/** One plotly trace as plain data; `type` is plotly's trace type, the other keys are its attributes. */
export interface Trace {
  type: string;
  [attribute: string]: unknown;
}

/** Plotly's layout as plain data; `width` and `height` in pixels. */
export interface Layout {
  width?: number;
  height?: number;
  [attribute: string]: unknown;
}

/** A plotly figure as plain data: what every figure function returns and `show` draws. */
export interface Figure {
  data: Trace[];
  layout: Layout;
}

const significantDigits = 6;

/**
 * The figure as JSON holds it, so that what is drawn and what is saved are the same: typed arrays become
 * arrays, traces' fractions keep six significant digits (whole numbers keep all), not-a-number becomes null.
 */
export function plainFigure(figure: Figure): Figure {
  const data = JSON.stringify(figure.data, (_, value) => rounded(unpacked(value)));
  const layout = JSON.stringify(figure.layout, (_, value) => unpacked(value));
  return { data: JSON.parse(data), layout: JSON.parse(layout) };
}

function unpacked(value: unknown): unknown {
  return ArrayBuffer.isView(value) && !(value instanceof DataView)
    ? Array.from(value as unknown as ArrayLike<unknown>)
    : value;
}

function rounded(value: unknown): unknown {
  return typeof value === "number" && !Number.isInteger(value)
    ? Number(value.toPrecision(significantDigits))
    : value;
}
