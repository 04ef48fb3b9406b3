import { createRequire } from "node:module";

/** One notebook output: the same thing as several MIME types, and notes on some of them. */
export interface Output {
  data: Record<string, unknown>;
  metadata?: Record<string, unknown>;
}

interface TslabOutput {
  lastWriteDisplayData: ((content: object, update: boolean) => void) | null;
}

const require = createRequire(import.meta.url);

/**
 * The running notebook cell's way to show an output, `undefined` outside a notebook. Take it before waiting
 * for anything: it belongs to the cell that runs at that moment.
 */
export function cellDisplay(): ((output: Output) => void) | undefined {
  const tslab = require.cache[require.resolve("tslab/dist/jupyter.js")]?.exports as TslabOutput | undefined;
  const write = tslab?.lastWriteDisplayData;
  if (!write) return undefined;
  return ({ data, metadata = {} }) => write({ data, metadata, transient: {} }, false);
}
