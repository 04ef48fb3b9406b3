import { randomBytes } from "node:crypto";
import {
  access,
  constants,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  utimes,
} from "node:fs/promises";
import path from "node:path";
import type { ReadableStream } from "node:stream/web";
import { setTimeout as sleep } from "node:timers/promises";
import { CannotWrite, writeProblem, writeWhole } from "../../files/whole-file.js";
import {
  acceptedNames,
  largestFileBytes,
  type OriginalFile,
  originalContent,
  sha256,
} from "./original-file.js";
import { environmentFetch } from "./proxy.js";

/** How patient a download is and where it reports. */
export interface DownloadSettings {
  /** Takes the progress line, which rewrites itself; standard output by default. */
  readonly write?: (text: string) => void;
  /** Tries per address; 3 by default. */
  readonly tries?: number;
  /** Wait before the second try in milliseconds, doubled before each further one; 1000 by default. */
  readonly waitMs?: number;
  /** A connection that sends nothing for so many milliseconds is dropped; 15,000 by default. */
  readonly idleMs?: number;
}

const defaults: Required<DownloadSettings> = {
  write: (text) => process.stdout.write(text),
  tries: 3,
  waitMs: 1000,
  idleMs: 15_000,
};

/** A problem after which the same address is worth another try. */
class PassingProblem extends Error {}

/**
 * Downloads a file into a folder, from its first address that delivers the original, and returns its content.
 * What an interrupted download has received is kept beside it (`.part`) and continued by the next one. Any number of
 * downloads may run at once: each writes to a part of its own, and the finished file appears in one step.
 * Proxies are taken from the environment (`HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`).
 * @throws in one sentence, with what went wrong at each address and what to do without a network, or with the folder
 *   that cannot be written.
 */
export async function downloadFile(
  file: OriginalFile,
  folder: string,
  settings: DownloadSettings = {},
): Promise<Uint8Array> {
  const patience = { ...defaults, ...settings };
  await checkWritable(folder, file);
  const problems: string[] = [];
  for (const url of file.urls) {
    const outcome = await tryAddress(file, url, folder, patience);
    if (typeof outcome !== "string") {
      writeWhole(path.join(folder, file.name), outcome);
      return outcome;
    }
    problems.push(`${new URL(url).host}: ${outcome}`);
  }
  throw new Error(
    `${file.name} could not be downloaded (${[...new Set(problems)].join("; ") || "it has no address"}): put ${orList(acceptedNames(file))} into a folder and set VARJEPA_DATA=<that folder>`,
  );
}

async function checkWritable(folder: string, file: OriginalFile): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Error(
      `${folder} cannot be written (${code ?? message}): set XDG_CACHE_HOME=<a folder that can be>, or put ${orList(acceptedNames(file))} into a folder and set VARJEPA_DATA=<that folder>`,
    );
  }
}

/** The content, or the problem in words. */
async function tryAddress(
  file: OriginalFile,
  url: string,
  folder: string,
  patience: Required<DownloadSettings>,
): Promise<Uint8Array | string> {
  let problem = "";
  for (let attempt = 0; attempt < patience.tries; attempt++) {
    if (attempt > 0) await sleep(patience.waitMs * 2 ** (attempt - 1));
    try {
      return await downloadOnce(file, url, folder, patience);
    } catch (error) {
      problem = (error as Error).message;
      if (error instanceof CannotWrite) throw error;
      if (!(error instanceof PassingProblem)) break;
    }
  }
  return problem;
}

async function downloadOnce(
  file: OriginalFile,
  url: string,
  folder: string,
  patience: Required<DownloadSettings>,
): Promise<Uint8Array> {
  const part = await claimPart(
    folder,
    `${file.name}.${sha256(Buffer.from(url)).slice(0, 8)}`,
    patience.idleMs,
  );
  const received = await sizeOf(part);
  try {
    await receive(url, part, received, progressOf(file.name, url, patience.write), patience.idleMs);
  } catch (error) {
    await setFree(part);
    throw error;
  }
  const bytes = await readFile(part);
  await rm(part, { force: true });
  try {
    return originalContent(file, bytes, url);
  } catch (error) {
    throw received > 0 ? new PassingProblem((error as Error).message) : error;
  }
}

/**
 * A part of our own: one that an earlier download left, or a new name. A part is left when nobody has written to it
 * for longer than a live connection may be silent; renaming makes it ours, since only one rename can succeed.
 */
async function claimPart(folder: string, prefix: string, idleMs: number): Promise<string> {
  const own = path.join(folder, `${prefix}.${randomBytes(6).toString("hex")}.part`);
  const parts = (await readdir(folder)).filter((name) => name.startsWith(prefix) && name.endsWith(".part"));
  for (const name of parts) {
    try {
      const part = path.join(folder, name);
      if (Date.now() - (await stat(part)).mtimeMs < 2 * idleMs) continue;
      await rename(part, own);
      await utimes(own, new Date(), new Date());
      return own;
    } catch {
      // Another download took it between our look and our rename.
    }
  }
  return own;
}

/** Marks a part as left behind, so that the next download continues it at once. */
async function setFree(part: string): Promise<void> {
  if ((await sizeOf(part)) === 0) await rm(part, { force: true });
  else await utimes(part, 0, 0);
}

async function sizeOf(file: string): Promise<number> {
  return (await stat(file).catch(() => ({ size: 0 }))).size;
}

/** Fetches what is still missing and appends it; starts over where the server does not continue. */
async function receive(
  url: string,
  part: string,
  received: number,
  progress: Progress,
  idleMs: number,
): Promise<void> {
  const stop = new AbortController();
  const idle = setTimeout(() => stop.abort(), idleMs);
  try {
    const response = await (await environmentFetch())(url, {
      headers: { "accept-encoding": "identity", ...(received > 0 && { range: `bytes=${received}-` }) },
      signal: stop.signal,
    });
    const continued = response.headers.get("content-range")?.startsWith(`bytes ${received}-`) ?? false;
    if (response.status === 416 || (response.status === 206 && !continued)) {
      await rm(part, { force: true });
      throw new PassingProblem("the server cannot continue the download");
    }
    checkStatus(response.status);
    let bytes = continued ? received : 0;
    const length = response.headers.get("content-length");
    const total = length === null ? undefined : bytes + Number(length);
    const out = await open(part, continued ? "a" : "w");
    try {
      for await (const chunk of response.body as ReadableStream<Uint8Array>) {
        idle.refresh();
        bytes += chunk.length;
        if (bytes > largestFileBytes) throw new Error(`it sends more than ${largestFileBytes} bytes`);
        await out.writeFile(chunk).catch((error) => {
          throw writeProblem(part, error);
        });
        progress(bytes, total);
      }
    } finally {
      await out.close();
    }
    progress(bytes, bytes, true);
  } catch (error) {
    throw stop.signal.aborted ? new PassingProblem(`no data for ${idleMs / 1000} s`) : networkProblem(error);
  } finally {
    clearTimeout(idle);
  }
}

function checkStatus(status: number): void {
  if (status >= 200 && status < 300) return;
  const problem = `HTTP status ${status}`;
  throw status >= 500 || status === 408 || status === 429 ? new PassingProblem(problem) : new Error(problem);
}

/** What `fetch` throws when the network fails is a TypeError whose cause tells more. */
function networkProblem(error: unknown): Error {
  if (!(error instanceof TypeError)) return error as Error;
  const cause = error.cause as (Error & { code?: string }) | undefined;
  const problem = cause?.code ?? cause?.message ?? error.message;
  return problem === "ENOTFOUND"
    ? new Error("no such host, or no network (ENOTFOUND)")
    : new PassingProblem(problem);
}

type Progress = (bytes: number, total: number | undefined, finished?: boolean) => void;

/** A progress line such as "adult.data from archive.ics.uci.edu: 1.2 of 4.0 MB", at most five a second. */
function progressOf(name: string, url: string, write: (text: string) => void): Progress {
  const { host } = new URL(url);
  let last = Number.NEGATIVE_INFINITY;
  return (bytes, total, finished = false) => {
    if (!finished && performance.now() - last < 200) return;
    last = performance.now();
    const of = total === undefined ? "" : ` of ${megabytes(total)}`;
    write(`\r${name} from ${host}: ${megabytes(bytes)}${of} MB`.padEnd(80) + (finished ? "\n" : ""));
  };
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

function orList(names: readonly string[]): string {
  return names.length === 1 ? names[0] : `${names.slice(0, -1).join(", ")} or ${names[names.length - 1]}`;
}
