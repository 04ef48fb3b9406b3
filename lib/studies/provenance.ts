/** Which code made a result: recorded beside it, no part of its key. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { projectFolder } from "../settings.js";

/** The version of the library. */
export function libraryVersion(): string {
  return JSON.parse(readFileSync(path.join(projectFolder, "package.json"), "utf8")).version;
}

let found: { readonly commit: string | undefined } | undefined;

/** The commit that this project's folder stands at, `-dirty` behind it if files differ; `undefined` without git. */
export function codeCommit(): string | undefined {
  found ??= { commit: askGit() };
  return found.commit;
}

function askGit(): string | undefined {
  const git = (...words: string[]) =>
    execFileSync("git", words, {
      cwd: projectFolder,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  try {
    // Installed into another project, this folder lies in the repository of that one.
    if (git("rev-parse", "--show-prefix") !== "") return undefined;
    return git("describe", "--always", "--exclude=*", "--abbrev=40", "--dirty");
  } catch {
    return undefined;
  }
}

/** Where the result of a study comes from that is put together from runs, all of them or those that there are. */
export interface RunsProvenance<Config> {
  readonly config: Config;
  readonly engine: string;
  readonly version: string;
  readonly startedAt: string;
  /** Wall-clock seconds in which any run was made. */
  readonly durationSeconds: number;
  /** Processor seconds of all runs together. */
  readonly cpuSeconds: number;
  /** How many runs are not finished, of which nothing is in the results. */
  readonly missing: number;
}
