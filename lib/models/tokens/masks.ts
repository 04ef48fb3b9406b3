/** Which tokens of a row are context and which are targets (Appendix A.2 of the paper). */

/** The masks of some rows, as token indices; of a table, the tokens are its features. */
export interface Masks {
  readonly rows: number;
  /** Tokens in the context of each row: M_ctx. */
  readonly contextSize: number;
  /** Tokens in each target mask: M_trg. */
  readonly targetSize: number;
  /** K, the target masks of each row. */
  readonly targetViews: number;
  /** Row-major `[rows, contextSize]`, ascending in each row. */
  readonly context: Int32Array;
  /** Row-major `[rows, targetViews, targetSize]`, ascending in each mask. */
  readonly targets: Int32Array;
}

/** Every token in the context and one target mask of every token: what embeddings are computed with. */
export function fullMasks(tokens: number, rows: number): Masks {
  const all = Int32Array.from({ length: rows * tokens }, (_, i) => i % tokens);
  return { rows, contextSize: tokens, targetSize: tokens, targetViews: 1, context: all, targets: all };
}

/** A context for every row, all of one size, and the same single target mask for all rows. */
export function fixedMasks(contexts: readonly (readonly number[])[], target: readonly number[]): Masks {
  return {
    rows: contexts.length,
    contextSize: contexts[0].length,
    targetSize: target.length,
    targetViews: 1,
    context: Int32Array.from(contexts.flat()),
    targets: Int32Array.from(contexts.flatMap(() => target)),
  };
}

/**
 * Moves `chosen.length` random members of `pool` to its front (Fisher–Yates) and copies them, ascending, to `chosen`.
 * @param draws uniform on (0, 1), at least as many as are chosen
 */
export function choose(pool: Int32Array, chosen: Int32Array, draws: Float64Array): void {
  for (let i = 0; i < chosen.length; i++) {
    const j = i + Math.floor(draws[i] * (pool.length - i));
    const kept = pool[i];
    pool[i] = pool[j];
    pool[j] = kept;
  }
  chosen.set(pool.subarray(0, chosen.length));
  chosen.sort();
}
