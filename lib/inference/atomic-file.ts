import { createWriteStream, rmSync } from "node:fs";
import { mkdir, rename } from "node:fs/promises";
import path from "node:path";
import { finished } from "node:stream/promises";

/** Appends to a file that is being written. */
export type Append = (chunk: string | Uint8Array) => Promise<void>;

/**
 * Writes a file piece by piece. It has its name only once it is whole; if `write` throws, nothing is left behind. Its
 * folder is made if need be.
 */
export async function writeAtomically(file: string, write: (append: Append) => Promise<void>): Promise<void> {
  await inPlaceOf(file, async (temporary) => {
    const stream = createWriteStream(temporary);
    const done = finished(stream);
    done.catch(() => {});
    try {
      await write(async (chunk) => {
        if (stream.write(chunk)) return;
        await Promise.race([new Promise<void>((resolve) => stream.once("drain", resolve)), done]);
      });
      stream.end();
      await done;
    } finally {
      stream.destroy();
    }
  });
}

/** Lets `make` write a file beside the one that is meant, and gives it its name when it is whole. */
export async function inPlaceOf(file: string, make: (temporary: string) => Promise<void>): Promise<void> {
  await mkdir(path.dirname(path.resolve(file)), { recursive: true });
  const temporary = `${file}.${process.pid}.tmp`;
  const discard = () => rmSync(temporary, { force: true });
  process.once("exit", discard);
  try {
    await make(temporary);
    await rename(temporary, file);
  } finally {
    process.off("exit", discard);
    discard();
  }
}
