/** Reads the header of an ARFF file; its data lines are CSV. */
export interface Arff {
  readonly attributes: readonly { readonly name: string; readonly kind: "numeric" | "categorical" }[];
  /** The lines after `@data`, without comments. */
  readonly data: string;
}

const attributeLine = /^@attribute\s+('[^']*'|"[^"]*"|\S+)\s+(.+)$/i;

/**
 * Takes a dense ARFF file apart (Weka's attribute-relation file format).
 * @throws naming file and line when there is no `@data`, or an attribute is neither a number nor a list of names.
 */
export function readArff(text: string, file: string): Arff {
  const lines = text.split(/\r?\n/);
  const dataLine = lines.findIndex((line) => /^@data\s*$/i.test(line));
  if (dataLine < 0) throw new Error(`${file} has no line "@data"; give an ARFF file`);
  const attributes = lines.slice(0, dataLine).flatMap((line, i) => {
    if (!/^@attribute\s/i.test(line)) return [];
    const [, name, type] = attributeLine.exec(line) ?? [];
    return [{ name: name?.replace(/^(['"])(.*)\1$/, "$2"), kind: kindOf(type, `${file}, line ${i + 1}`) }];
  });
  const data = lines.slice(dataLine + 1).filter((line) => !line.startsWith("%"));
  return { attributes, data: data.join("\n") };
}

function kindOf(type: string | undefined, place: string): "numeric" | "categorical" {
  if (type && /^(numeric|real|integer)\s*$/i.test(type)) return "numeric";
  if (type && /^\{.*\}\s*$/.test(type)) return "categorical";
  throw new Error(`${place}: an attribute must be numeric, real, integer or {a,b,…}; it is "${type ?? ""}"`);
}
