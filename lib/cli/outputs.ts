import { existsSync, realpathSync, statSync } from "node:fs";
import path from "node:path";
import { printable } from "../files/printable.js";
import { checkWritable } from "../files/whole-file.js";
import { UsageError } from "./usage-error.js";

/** Files by the option or argument that named them. */
export type NamedFiles = Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * Checks, before any work, that every file a command will write can be written, and that none is one of its
 * inputs or another of its outputs, by whatever name: through links too.
 * @throws UsageError naming both, or for `-`, which often stands for what is printed; CannotWrite naming the file and the fix.
 */
export function checkOutputs(outputs: NamedFiles, inputs: NamedFiles): void {
  const [written, read] = [outputs, inputs].map(flat);
  for (const [i, { option, file }] of written.entries()) {
    if (file === "-")
      throw new UsageError(
        `${option} is "-", but files are not printed; name a file (./- for one of that name)`,
      );
    const twice = written.slice(0, i).find((other) => isSameFile(other.file, file));
    if (twice)
      throw new UsageError(
        `${twice.option} and ${option} would both be written to ${quoted(file)}; give each a file of its own`,
      );
    const source = read.find((other) => isSameFile(other.file, file));
    if (source)
      throw new UsageError(
        `${option} would write over ${quoted(source.file)}, which ${source.option} reads${source.file === file ? "" : ` (${quoted(file)} is the same file)`}; name another file`,
      );
    checkWritable(file);
  }
}

function flat(files: NamedFiles): { readonly option: string; readonly file: string }[] {
  return Object.entries(files).flatMap(([option, named = []]) =>
    [named].flat().map((file) => ({ option, file })),
  );
}

/** Links followed; two names of one file on the disk are the same; on macOS and Windows, so is a name in other case. */
function isSameFile(a: string, b: string): boolean {
  if (settled(a) === settled(b)) return true;
  const [one, other] = [a, b].map((file) =>
    existsSync(file) ? statSync(file, { bigint: true }) : undefined,
  );
  return one !== undefined && one.dev === other?.dev && one.ino === other.ino;
}

/** The absolute path with links followed as far as it exists. */
function settled(file: string): string {
  const whole = path.resolve(file);
  let there = whole;
  while (!existsSync(there) && there !== path.dirname(there)) there = path.dirname(there);
  const real = path.join(realpathSync(there), path.relative(there, whole));
  return ["darwin", "win32"].includes(process.platform) ? real.toLowerCase() : real;
}

function quoted(file: string): string {
  return `"${printable(file)}"`;
}
