/**
 * Runs every built test (`dist/**\/*.test.js`) with Node's own runner; words on the command line keep only
 * the files whose path contains one of them: `npm test -- sigreg`.
 */
import { readdirSync } from "node:fs";
import path from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { fileURLToPath } from "node:url";

const dist = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const wanted = process.argv.slice(2);
const files = (readdirSync(dist, { recursive: true }) as string[])
  .filter((file) => file.endsWith(".test.js"))
  .filter((file) => wanted.length === 0 || wanted.some((word) => file.includes(word)))
  .sort()
  .map((file) => path.join(dist, file));

if (files.length === 0) {
  console.error(`no test file matches ${wanted.join(", ") || "dist/**/*.test.js"}; run npm run build first`);
  process.exit(1);
}
run({ files, concurrency: 2 })
  .on("test:fail", () => {
    process.exitCode = 1;
  })
  .compose(new spec())
  .pipe(process.stdout);
