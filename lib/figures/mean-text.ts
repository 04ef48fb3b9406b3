/**
 * `mean ± std`: as many decimals as a deviation has that is told with two digits; three significant digits of a single run; "–" of
 * what there is not.
 */
export function meanText(cell: { readonly mean: number; readonly std: number | null } | undefined): string {
  if (!cell) return "–";
  const { mean, std } = cell;
  const decimals = (value: number, digits: number) =>
    value === 0 ? 0 : Math.min(4, Math.max(0, digits - 1 - Math.floor(Math.log10(Math.abs(value)))));
  if (std === null) return mean.toFixed(Math.max(decimals(mean, 3), 1));
  const digits = decimals(std, 2);
  return `${mean.toFixed(digits)} ± ${std.toFixed(digits)}`;
}
