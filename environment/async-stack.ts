/**
 * Node counts what runs within what, its async stack, and ends the process when the count does not come out even,
 * as it cannot when an interrupt ends a cell's code where it stands. So the interrupt has the stack emptied first,
 * as Node itself does after an error that nobody caught.
 */
const place = "var-jepa.forget-async-stack";
/**
 * In milliseconds: so long whoever has the async stack emptied has to end what runs, which ends this wait as well. On a busy machine
 * it may be put off for a while; what ran on meanwhile would count anew.
 */
const patience = 200;

/** The JavaScript that empties the async stack. */
export const forgetAsyncStack = `globalThis[Symbol.for("${place}")]()`;

/** Makes that JavaScript work in this thread. */
export function offerAsyncStack(): void {
  const forget = binding()?.clearAsyncIdStack ?? (() => {});
  const now = Date.now;
  const value = () => {
    forget();
    for (const until = now() + patience; now() < until; ); // `Atomics.wait` may be what runs, and cannot be nested
  };
  Object.defineProperty(globalThis, Symbol.for(place), { value });
}

function binding(): { clearAsyncIdStack?(): void } | undefined {
  const node = process as unknown as { noDeprecation?: boolean; binding(name: string): object };
  const before = node.noDeprecation;
  node.noDeprecation = true; // there is no other way to it
  try {
    return node.binding("async_wrap");
  } catch {
    return undefined;
  } finally {
    node.noDeprecation = before;
  }
}
