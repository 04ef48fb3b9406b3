import { existsSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import path from "node:path";
import { cacheFolder } from "./cache-folder.js";
import { type DownloadSettings, downloadFile } from "./download.js";
import { acceptedNames, type OriginalFile, originalContent } from "./original-file.js";

/** Content of original files by name. */
export type Originals = ReadonlyMap<string, Uint8Array>;

/**
 * The original files of a data set, from the first of its sources that is at hand in the folder `VARJEPA_DATA`
 * (there or in a subfolder of the data set's name, plain, gzipped or in the donors' zip) or in the cache; else its
 * first source is downloaded into the cache.
 * @throws when `VARJEPA_DATA` does not exist, a file in it is not the original or cannot be read, or a download fails.
 */
export async function originalFiles(
  { name, sources }: { readonly name: string; readonly sources: readonly (readonly OriginalFile[])[] },
  settings: DownloadSettings = {},
): Promise<Originals> {
  const cache = path.join(cacheFolder(), name);
  for (const source of sources) {
    const found = await all(source, (file) => findLocally(file, name, cache, settings));
    if (found) return found;
  }
  const originals = new Map<string, Uint8Array>();
  for (const file of sources[0])
    originals.set(
      file.name,
      (await findLocally(file, name, cache, settings)) ?? (await downloadFile(file, cache, settings)),
    );
  return originals;
}

/** All files by name, or `undefined` as soon as one is not found. */
async function all(
  files: readonly OriginalFile[],
  find: (file: OriginalFile) => Promise<Uint8Array | undefined>,
): Promise<Originals | undefined> {
  const found = new Map<string, Uint8Array>();
  for (const file of files) {
    const content = await find(file);
    if (!content) return undefined;
    found.set(file.name, content);
  }
  return found;
}

async function findLocally(
  file: OriginalFile,
  dataSet: string,
  cache: string,
  settings: DownloadSettings,
): Promise<Uint8Array | undefined> {
  return (await findGiven(file, dataSet)) ?? (await findCached(file, cache, settings));
}

async function findGiven(file: OriginalFile, dataSet: string): Promise<Uint8Array | undefined> {
  const given = process.env.VARJEPA_DATA;
  if (!given) return undefined;
  if (!existsSync(given))
    throw new Error(`VARJEPA_DATA names the folder ${given}, which does not exist; correct or unset it`);
  for (const folder of [path.join(given, dataSet), given])
    for (const name of acceptedNames(file)) {
      const place = path.join(folder, name);
      const bytes = await readIfThere(place);
      if (bytes) return originalContent(file, bytes, place);
    }
  return undefined;
}

/** A cached file that is no longer the original is said so, removed, and counts as absent. */
async function findCached(
  file: OriginalFile,
  cache: string,
  { write = (text) => process.stdout.write(text) }: DownloadSettings,
): Promise<Uint8Array | undefined> {
  const place = path.join(cache, file.name);
  const bytes = await readIfThere(place);
  if (!bytes) return undefined;
  try {
    return originalContent(file, bytes, place);
  } catch (error) {
    write(`${(error as Error).message}: removed, it will be downloaded anew\n`);
    await rm(place, { force: true });
    return undefined;
  }
}

async function readIfThere(place: string): Promise<Uint8Array | undefined> {
  return readFile(place).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
    throw new Error(
      `${place} cannot be read (${error.code ?? error.message}); make it readable, or set XDG_CACHE_HOME (for downloads) or VARJEPA_DATA (for files of your own) to another folder`,
    );
  });
}
