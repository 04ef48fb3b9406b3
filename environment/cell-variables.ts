import type { Variable } from "./tslab.js";

/** The variables that cells share. */
export interface CellVariables {
  /** From now on the cell of this name may declare variables. */
  open(cell: string): void;
  /** Nothing that the open cell declares from now on is taken. */
  close(): void;
  /** The code that, at the end of a cell, declares its variables. */
  declaration(cell: string, variables: Variable[]): string;
  /** The value of a variable, which is then forgotten. */
  take(name: string): unknown;
}

/** A variable as the cell that declares it hands it over. */
interface Access {
  get(): unknown;
  set?(value: unknown): void;
}

/** What tslab puts into the global object for the code of cells. */
interface Global {
  __tslab__: { declare?(cell: string, variables: Record<string, Access>): void };
}

/**
 * Lets later cells read and set the very variables of the cell that declares them, through tslab's `locals`, where
 * tslab itself leaves copies: what a later cell assigns is then seen by the functions of the earlier one.
 */
export function shareVariables(locals: Record<string, unknown>): CellVariables {
  let opened: string | undefined;
  const table: Record<string, unknown> = Object.create(null);
  Object.setPrototypeOf(locals, table);
  (globalThis as unknown as Global).__tslab__.declare = (cell, variables) => {
    if (cell !== opened) return; // abandoned meanwhile
    for (const [name, access] of Object.entries(variables)) {
      delete locals[name]; // an import of an earlier cell
      Object.defineProperty(table, name, { ...access, configurable: true, enumerable: true });
    }
  };
  return {
    open(cell) {
      opened = cell;
    },
    close() {
      opened = undefined;
    },
    declaration(cell, variables) {
      const entries = variables.map(({ name, assignable }) => {
        const set = assignable ? `, set: (__value__) => { ${name} = __value__; }` : "";
        return `["${name}"]: { get: () => ${name}${set} }`;
      });
      return `\n__tslab__.declare("${cell}", { ${entries.join(", ")} });`;
    },
    take(name) {
      const value = locals[name];
      delete table[name];
      return value;
    },
  };
}
