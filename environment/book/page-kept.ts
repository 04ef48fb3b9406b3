/** A choice of the reader that was kept; nothing where there is none, or where the browser keeps none. */
export function kept(name: string): string | undefined {
  try {
    return localStorage.getItem(`book-${name}`) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Keeps a choice for all pages and later visits, where the browser does. */
export function keep(name: string, value: string): void {
  try {
    localStorage.setItem(`book-${name}`, value);
  } catch {
    // The choice then holds on this page only.
  }
}
