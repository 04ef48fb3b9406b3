import { readFile, realpath } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import path from "node:path";

const types: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".wasm": "application/wasm",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".gif": "image/gif",
  ".webp": "image/webp",
  ".woff2": "font/woff2",
  ".txt": "text/plain; charset=utf-8",
};

/**
 * Serves the files of a folder to this machine alone.
 * @param port 0 for any that is free.
 * @throws when the port is taken or not ours to take.
 */
export async function serveFolder(folder: string, port: number): Promise<{ server: Server; url: string }> {
  const root = await realpath(folder);
  const server = createServer(async (request, response) => {
    const answer = (status: number, type: string, body: Buffer | string) => {
      response.writeHead(status, {
        "Content-Type": type,
        "Content-Length": Buffer.byteLength(body),
        "Cache-Control": "no-cache",
        "X-Content-Type-Options": "nosniff",
      });
      response.end(request.method === "HEAD" ? undefined : body);
    };
    const refuse = (status: number, why: string) => answer(status, types[".txt"], `${why}\n`);
    if (request.method !== "GET" && request.method !== "HEAD") return refuse(405, "Only GET and HEAD");
    const file = await fileOf(root, request.url ?? "/");
    if (file === undefined) return refuse(404, "Not found");
    try {
      answer(200, types[path.extname(file)] ?? "application/octet-stream", await readFile(file));
    } catch {
      refuse(404, "Not found");
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", ({ code, message }: NodeJS.ErrnoException) =>
      reject(
        new Error(
          `port ${port} cannot be used (${code ?? message}); give another, or 0 for any that is free`,
        ),
      ),
    );
    server.listen(port, "127.0.0.1", resolve);
  });
  const address = server.address() as { port: number };
  return { server, url: `http://127.0.0.1:${address.port}/` };
}

/** The file that an address means; nothing where that is not in the folder, whatever the address or a link says. */
async function fileOf(root: string, url: string): Promise<string | undefined> {
  try {
    const name = decodeURIComponent(url.replace(/[?#].*$/s, ""));
    if (!name.startsWith("/") || /[\\\0]/.test(name)) return undefined;
    const file = await realpath(path.join(root, name.endsWith("/") ? `${name}index.html` : name));
    return file.startsWith(root + path.sep) ? file : undefined;
  } catch {
    return undefined;
  }
}
