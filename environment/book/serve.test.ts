import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { serveFolder } from "./serve.js";

const outside = mkdtempSync(path.join(tmpdir(), "book-serve-test-"));
const folder = path.join(outside, "site");
let served: Awaited<ReturnType<typeof serveFolder>>;
before(async () => {
  mkdirSync(path.join(folder, "assets"), { recursive: true });
  mkdirSync(path.join(outside, "site-beside"));
  for (const file of ["index.html", "assets/a.js", "assets/a.woff2", "a.wasm", "a b.json"])
    writeFileSync(path.join(folder, file), file);
  writeFileSync(path.join(outside, "secret.txt"), "secret");
  writeFileSync(path.join(outside, "site-beside", "secret.txt"), "secret");
  symlinkSync(path.join(outside, "secret.txt"), path.join(folder, "link.txt"));
  served = await serveFolder(folder, 0);
});
after(() => {
  served.server.close();
  rmSync(outside, { recursive: true });
});

/** Asks for exactly this path: a URL would be tidied up on the way. */
function ask(target: string, method = "GET"): Promise<{ status?: number; type?: string; body: string }> {
  const { port } = served.server.address() as { port: number };
  return new Promise((resolve, reject) => {
    const request = http.request(
      { host: "127.0.0.1", port, path: target, method, agent: false },
      (response) => {
        let body = "";
        response.on("data", (chunk) => {
          body += chunk;
        });
        response.on("end", () =>
          resolve({ status: response.statusCode, type: response.headers["content-type"], body }),
        );
      },
    );
    request.on("error", reject).end();
  });
}

test("files come with their types, a folder as its index", async () => {
  const types = {
    "/": "text/html; charset=utf-8",
    "/index.html?a=b": "text/html; charset=utf-8",
    "/assets/a.js": "text/javascript; charset=utf-8",
    "/assets/a.woff2": "font/woff2",
    "/a.wasm": "application/wasm",
    "/a%20b.json": "application/json",
  };
  for (const [target, type] of Object.entries(types)) {
    const answer = await ask(target);
    assert.deepEqual([answer.status, answer.type], [200, type], target);
  }
  assert.deepEqual(await ask("/index.html", "HEAD"), { status: 200, type: types["/"], body: "" });
});

test("nothing outside the folder is handed out", async () => {
  const paths = [
    "/../secret.txt",
    "/assets/../../secret.txt",
    "/%2e%2e/secret.txt",
    "/..%2fsecret.txt",
    "/..%5csecret.txt",
    "/../site-beside/secret.txt",
    "/link.txt",
    "/secret.txt%00.html",
    `//${outside}/secret.txt`,
    "/%zz",
    "/assets",
  ];
  for (const target of paths) {
    const { status, body } = await ask(target);
    assert.deepEqual([status, body], [404, "Not found\n"], target);
  }
});

test("other methods are refused, and other machines have no way in", async () => {
  assert.equal((await ask("/", "POST")).status, 405);
  assert.equal((served.server.address() as { address: string }).address, "127.0.0.1");
  await assert.rejects(
    serveFolder(folder, (served.server.address() as { port: number }).port),
    /port \d+ cannot be used \(EADDRINUSE\); give another/,
  );
});
