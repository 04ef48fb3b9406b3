import { existsSync } from "node:fs";
import { open } from "node:fs/promises";
import type { Files } from "../engine/world.js";
import { writeWhole } from "../files/whole-file.js";

/** The files of the disk. */
export const files: Files = {
  exists: existsSync,
  write: writeWhole,
  async open(file) {
    const handle = await open(file);
    return {
      size: (await handle.stat()).size,
      async read(bytes, position) {
        let filled = 0;
        while (filled < bytes.length) {
          const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, position + filled);
          if (bytesRead === 0) break;
          filled += bytesRead;
        }
        return bytes.subarray(0, filled);
      },
      close: () => handle.close(),
    };
  },
};
