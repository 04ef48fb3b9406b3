import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { downloadFile } from "./download.js";
import { type OriginalFile, sha256 } from "./original-file.js";
import { environmentFetch } from "./proxy.js";

/** What the server does with the n-th request for a path. */
type Answer = (request: IncomingMessage, response: ServerResponse, n: number) => void;

const content = Buffer.from(Array.from({ length: 20_000 }, (_, i) => `${i},${i * i}`).join("\n"));
const middle = Math.floor(content.length / 2);
const answers = new Map<string, Answer>();
const requests = new Map<string, IncomingMessage[]>();
const server = createServer((request, response) => {
  const seen = requests.get(request.url!) ?? [];
  requests.set(request.url!, [...seen, request]);
  answers.get(request.url!)!(request, response, seen.length);
});
let origin = "";
let scratch = "";

/** Whoever runs the tests may be behind a proxy. */
const proxyVariables = ["https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY", "no_proxy", "NO_PROXY"];
const kept = proxyVariables.map((name) => [name, process.env[name]] as const);
/** Targets of the tunnels that the proxy was asked for. */
const tunnels: string[] = [];
const proxy = createServer().on("connect", (request, socket, head) => {
  tunnels.push(request.url!);
  const { hostname, port } = new URL(`http://${request.url}`);
  // Whatever its name, every host is this machine.
  const there = connect(Number(port), hostname === "nowhere.invalid" ? "127.0.0.1" : hostname, () => {
    socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
    there.write(head);
    there.pipe(socket).pipe(there);
  });
  there.on("error", () => socket.destroy());
});

before(async () => {
  for (const name of proxyVariables) delete process.env[name];
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  scratch = mkdtempSync(path.join(tmpdir(), "download-"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => {
  for (const [name, value] of kept) if (value !== undefined) process.env[name] = value;
  proxy.closeAllConnections();
  proxy.close();
  server.closeAllConnections();
  server.close();
  rmSync(scratch, { recursive: true });
});

/** Serves a path with an answer and gives a file that lies there, with a folder for it. */
function setUp(name: string, ...served: Answer[]): { file: OriginalFile; folder: string } {
  const urls = served.map((answer, i) => {
    answers.set(`/${name}/${i}/tiny.csv`, answer);
    return `${origin}/${name}/${i}/tiny.csv`;
  });
  return {
    file: { name: "tiny.csv", sha256: sha256(content), urls },
    folder: path.join(scratch, name),
  };
}

const asked = (name: string, mirror = 0) => requests.get(`/${name}/${mirror}/tiny.csv`) ?? [];
const whole: Answer = (_, response) => response.end(content);
const refuse =
  (status: number): Answer =>
  (_, response) =>
    response.writeHead(status).end();
/** Sends the first half under the full length, then breaks the connection. */
const half: Answer = (_, response) => {
  response.writeHead(200, { "content-length": content.length });
  response.write(content.subarray(0, middle), () => setTimeout(() => response.destroy(), 30));
};
/** Continues from the byte asked for. */
const rest: Answer = (request, response) => {
  const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1]);
  response
    .writeHead(206, { "content-range": `bytes ${start}-${content.length - 1}/${content.length}` })
    .end(content.subarray(start));
};
const inTurn =
  (...turns: Answer[]): Answer =>
  (request, response, n) =>
    turns[Math.min(n, turns.length - 1)](request, response, n);

const patience = { write: () => {}, waitMs: 1, idleMs: 2_000 };
const finished = (folder: string) => {
  assert.deepEqual(readdirSync(folder), ["tiny.csv"]);
  assert.deepEqual(readFileSync(path.join(folder, "tiny.csv")), content);
};

test("a file is downloaded, also packed, and kept unpacked; progress names file, host and size", async () => {
  const { file, folder } = setUp("plain", whole);
  let shown = "";
  const bytes = await downloadFile(file, folder, { ...patience, write: (text) => (shown += text) });
  assert.deepEqual(Buffer.from(bytes), content);
  finished(folder);
  assert.match(shown, /^(\rtiny.csv from 127.0.0.1:\d+: 0.\d of 0.3 MB +)+\n$/);
  const packed = setUp("packed", (_, response) => response.end(gzipSync(content)));
  await downloadFile(packed.file, packed.folder, patience);
  finished(packed.folder);
});

/** A broken connection may lose what was sent last; how much depends on how busy the machine is. */
function continuesInTheMiddle(range: string | undefined): void {
  const start = Number(/^bytes=(\d+)-$/.exec(range ?? "")?.[1]);
  assert.ok(start > 0 && start <= middle, range);
}

test("a connection that breaks is continued where it broke", async () => {
  const { file, folder } = setUp("broken", inTurn(half, rest));
  await downloadFile(file, folder, patience);
  finished(folder);
  const [first, second, ...more] = asked("broken").map(({ headers }) => headers.range);
  assert.deepEqual([first, more], [undefined, []]);
  continuesInTheMiddle(second);
});

test("a download that failed is continued by the next one", async () => {
  const { file, folder } = setUp("later", inTurn(half, refuse(404), rest));
  await assert.rejects(downloadFile(file, folder, patience), /HTTP status 404/);
  assert.equal(readdirSync(folder).length, 1);
  await downloadFile(file, folder, patience);
  finished(folder);
  continuesInTheMiddle(asked("later")[2].headers.range);
});

test("a server that cannot continue sends the whole file again", async () => {
  for (const [name, second] of [
    ["ignores", whole],
    ["refuses", inTurn(refuse(416), refuse(416), whole)],
  ] as const) {
    const { file, folder } = setUp(name, inTurn(half, second));
    await downloadFile(file, folder, patience);
    finished(folder);
  }
});

test("a part that belongs to something else costs one more try, not a wrong file", async () => {
  const { file, folder } = setUp("changed", inTurn(half, rest, whole));
  await assert.rejects(downloadFile(file, folder, { ...patience, tries: 1 }));
  const [part] = readdirSync(folder);
  const bytes = readFileSync(path.join(folder, part));
  bytes[0] ^= 1;
  writeFileSync(path.join(folder, part), bytes);
  utimesSync(path.join(folder, part), 0, 0);
  await downloadFile(file, folder, patience);
  finished(folder);
  assert.equal(asked("changed").length, 3);
});

test("busy servers are tried again, silent ones given up, and then the mirror is asked", async () => {
  const busy = setUp("busy", inTurn(refuse(503), refuse(429), whole));
  await downloadFile(busy.file, busy.folder, patience);
  finished(busy.folder);
  const silent = setUp("silent", () => {}, whole);
  await downloadFile(silent.file, silent.folder, { ...patience, idleMs: 100 });
  finished(silent.folder);
  assert.deepEqual([asked("silent").length, asked("silent", 1).length], [3, 1]);
});

test("a wrong file is not kept, and the mirror is asked at once", async () => {
  const { file, folder } = setUp("wrong", (_, response) => response.end("<html>busy</html>"), whole);
  await downloadFile(file, folder, patience);
  finished(folder);
  assert.equal(asked("wrong").length, 1);
});

test("when every address fails, one sentence says why and what to do offline", async () => {
  const { file, folder } = setUp("gone", refuse(404), (_, response) => response.end("other"));
  const closed = "http://127.0.0.1:9/tiny.zip";
  const { host } = new URL(origin);
  await assert.rejects(
    downloadFile({ ...file, urls: [...file.urls, closed] }, folder, patience),
    (error: Error) => {
      assert.ok(
        error.message.startsWith(`tiny.csv could not be downloaded (${host}: HTTP status 404; ${host}: `),
      );
      assert.ok(
        error.message.includes(`its sha256 is ${sha256(Buffer.from("other"))}, expected ${file.sha256}`),
      );
      assert.ok(
        error.message.endsWith(
          "): put tiny.csv, tiny.csv.gz or tiny.zip into a folder and set VARJEPA_DATA=<that folder>",
        ),
      );
      return true;
    },
  );
  assert.deepEqual(readdirSync(folder), []);
});

test("downloads at the same time do not disturb each other", async () => {
  const slow: Answer = (_, response) => {
    response.write(content.subarray(0, 1000));
    setTimeout(() => response.end(content.subarray(1000)), 50);
  };
  const { file, folder } = setUp("together", slow);
  const all = await Promise.all(Array.from({ length: 5 }, () => downloadFile(file, folder, patience)));
  for (const bytes of all) assert.deepEqual(Buffer.from(bytes), content);
  finished(folder);
});

test("downloads go through the proxy that the environment names, but for the hosts of NO_PROXY", async () => {
  const { file, folder } = setUp("proxied", whole);
  const { port } = server.address() as AddressInfo;
  const hidden = { ...file, urls: [file.urls[0].replace("127.0.0.1", "nowhere.invalid")] };
  try {
    process.env.HTTP_PROXY = `http://user:secret@127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    await downloadFile(hidden, folder, patience);
    finished(folder);
    assert.deepEqual(tunnels, [`nowhere.invalid:${port}`]);
    process.env.NO_PROXY = "example.org,127.0.0.1";
    const direct = setUp("direct", whole);
    await downloadFile(direct.file, direct.folder, patience);
    assert.equal(tunnels.length, 1);
    process.env.HTTP_PROXY = "http://user:secret@127.0.0.1:9";
    await assert.rejects(
      downloadFile(hidden, path.join(scratch, "refused"), { ...patience, tries: 1 }),
      ({ message }: Error) =>
        /nowhere\.invalid:\d+: ECONNREFUSED/.test(message) && !message.includes("secret"),
    );
  } finally {
    delete process.env.HTTP_PROXY;
    delete process.env.NO_PROXY;
  }
});

test("a variable that holds no proxy is named, without its value; without any, Node's own fetch is used", async () => {
  await assert.rejects(
    environmentFetch({ HTTPS_PROXY: "user:secret@proxy" }),
    ({ message }: Error) => message.startsWith("HTTPS_PROXY is no address") && !message.includes("secret"),
  );
  assert.equal(await environmentFetch({ HTTPS_PROXY: "", NO_PROXY: "a" }), fetch);
});

test("a folder that cannot be written is told with the variables that name another", async () => {
  const { file } = setUp("unwritable", whole);
  writeFileSync(path.join(scratch, "taken"), "");
  await assert.rejects(
    downloadFile(file, path.join(scratch, "taken", "sim"), patience),
    /taken.sim cannot be written \(ENOTDIR\): set XDG_CACHE_HOME=.*, or put tiny\.csv or .* set VARJEPA_DATA=/,
  );
});
