import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { projectFolder } from "../../lib/settings.js";

const require = createRequire(import.meta.url);

/** Style sheets of fonts: mathematics, and the text in the cuts and alphabets that the book uses. */
const fontSheets = [
  "katex/dist/katex.min.css",
  ...["latin-400", "latin-400-italic", "latin-600", "greek-400"].map(
    (cut) => `@fontsource/source-serif-4/${cut}.css`,
  ),
];

/** Licences that ask to go along with what is copied. */
const licences = [
  "katex/LICENSE",
  "@fontsource/source-serif-4/LICENSE",
  "plotly.js-cartesian-dist-min/LICENSE",
];

/** The files that all pages share, by their paths in the site: styles, fonts, programs. */
export async function sharedFiles(): Promise<Map<string, Buffer | string>> {
  const files = new Map<string, Buffer | string>();
  const sheets = fontSheets.map((sheet) => fontSheet(require.resolve(sheet), files));
  files.set("assets/fonts.css", sheets.join("\n"));
  const sources = path.join(projectFolder, "environment", "book");
  files.set("assets/book.css", readFileSync(path.join(sources, "book.css")));
  files.set("assets/icon.svg", readFileSync(path.join(sources, "icon.svg")));
  const program = (name: string) => bundled(new URL(name, import.meta.url));
  files.set("assets/book.js", await program("page.js"));
  files.set("assets/before.js", await program("page-before.js"));
  const plotly = require.resolve("plotly.js-cartesian-dist-min/plotly-cartesian.min.js");
  files.set("assets/plotly.js", readFileSync(plotly));
  const texts = licences.map((file) => `${file}\n\n${readFileSync(require.resolve(file), "utf8")}`);
  files.set("assets/licences.txt", texts.join("\n\n"));
  return files;
}

/** A style sheet whose fonts come from the site, in the one format that all browsers of today read. */
function fontSheet(sheet: string, files: Map<string, Buffer | string>): string {
  const css = readFileSync(sheet, "utf8").replace(/\/\*[\s\S]*?\*\//g, "");
  const one = css.replace(/,\s*url\([^)]*\.(?:woff|ttf)\)\s*format\([^)]*\)/g, "");
  return one.replace(/url\(([^)]*\.woff2)\)/g, (_, file: string) => {
    const name = path.basename(file);
    files.set(`assets/fonts/${name}`, readFileSync(path.join(path.dirname(sheet), file)));
    return `url(fonts/${name})`;
  });
}

/**
 * A program of a page, with the modules that it imports.
 * @param define code that stands for names of the program
 */
export async function bundled(entry: URL, define: Record<string, string> = {}): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(entry)],
    define,
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2022",
    write: false,
    logLevel: "error",
    logOverride: { "empty-import-meta": "silent" },
  });
  return outputFiles[0].text;
}
