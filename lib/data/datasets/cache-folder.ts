import os from "node:os";
import path from "node:path";

/** What of a process decides where its cache is. */
export interface CacheHost {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly home: string;
}

/**
 * The folder for downloaded data: `var-jepa` in `XDG_CACHE_HOME` where that is set, else in the system's usual
 * place (`~/.cache`, `~/Library/Caches`, `%LOCALAPPDATA%`). Not created here.
 */
export function cacheFolder(
  host: CacheHost = { env: process.env, platform: process.platform, home: os.homedir() },
): string {
  return path.join(host.env.XDG_CACHE_HOME || systemCache(host), "var-jepa");
}

function systemCache({ env, platform, home }: CacheHost): string {
  if (platform === "darwin") return path.join(home, "Library", "Caches");
  if (platform === "win32") return env.LOCALAPPDATA || path.join(home, "AppData", "Local");
  return path.join(home, ".cache");
}
