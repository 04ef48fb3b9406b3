import { existsSync } from "node:fs";
import path from "node:path";
import { chromium } from "playwright-core";

/** Where a Chromium is, if there is one; `VARJEPA_CHROMIUM` names it where it is not found. */
export function findChromium(): string | undefined {
  const names = ["chromium", "chromium-browser", "google-chrome", "chrome"];
  const inPath = (process.env.PATH ?? "")
    .split(path.delimiter)
    .flatMap((place) => names.map((name) => path.join(place, name)));
  return [process.env.VARJEPA_CHROMIUM ?? "", chromium.executablePath(), ...inPath].find((file) =>
    existsSync(file),
  );
}
