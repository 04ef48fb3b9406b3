/** The files of the playground in the site. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { loadDigits } from "../../lib/data/digits.js";
import { readKernels } from "../../lib/node/kernel-files.js";
import { projectFolder } from "../../lib/settings.js";
import { bundled } from "../book/assets.js";
import { packDigits } from "./digits.js";
import { shownRows, trainRows } from "./settings.js";

const require = createRequire(import.meta.url);

/** Where they are. */
const folder = "assets/playground/";

/** Files of the book that the page needs too. */
const shared =
  /^assets\/(?:(?:fonts|book)\.css|icon\.svg|(?:book|before)\.js|headings\.json|fonts\/source-serif.*)$/;

/** Programs, kernels, digits and style of the page by their paths in the site. */
export async function playgroundFiles(): Promise<Map<string, Buffer | string>> {
  const style = path.join(projectFolder, "environment", "playground", "playground.css");
  const engine = require.resolve("@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm");
  const files: Record<string, Buffer | string> = {
    "playground.css": readFileSync(style),
    "playground.js": await program("page.js"),
    "tfjs-simd.wasm": readFileSync(engine),
    "kernels-relaxed.wasm": Buffer.from(readKernels("relaxed")),
    "kernels-plain.wasm": Buffer.from(readKernels("plain")),
    "digits.bin": digitsFile(),
  };
  return new Map([
    // Beside the page, so that the page's service worker may answer for it too.
    ["playground-worker.js", await program("worker.js")],
    ...Object.entries(files).map(([name, content]) => [`${folder}${name}`, content] as const),
  ]);
}

/**
 * The service worker that hands the page out when there is no network.
 * @param site all other files
 */
export async function offlineProgram(site: ReadonlyMap<string, Buffer | string>): Promise<string> {
  const files = [...site.keys()].filter(
    (file) => file.startsWith("playground") || file.startsWith(folder) || shared.test(file),
  );
  const sum = createHash("sha256");
  for (const file of files) sum.update(file).update(site.get(file)!);
  return program("offline.js", {
    FILES: JSON.stringify(files),
    VERSION: JSON.stringify(sum.digest("hex").slice(0, 16)),
  });
}

function program(name: string, define?: Record<string, string>): Promise<string> {
  return bundled(new URL(name, import.meta.url), define);
}

/** As many digits as a run learns from, and as many of others as it shows. */
function digitsFile(): Buffer {
  const parts = [
    loadDigits({ split: "train", limit: trainRows }),
    loadDigits({ split: "test", limit: shownRows }),
  ];
  const images = Float32Array.from(parts.flatMap((part) => Array.from(part.images)));
  const labels = Uint8Array.from(parts.flatMap((part) => Array.from(part.labels)));
  return Buffer.from(packDigits(images, labels));
}
