/** A share of so many rows with its standard error, √(p (1 − p) / n). */
export function proportion(value: number, rows: number): { readonly value: number; readonly error: number } {
  return { value, error: Math.sqrt((value * (1 - value)) / rows) };
}
