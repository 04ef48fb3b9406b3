import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { scratchFolder } from "./testing.js";
import { decode, encode, type Message, newMessage, readConnection } from "./wire.js";

test("a message survives the way over the wire", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.string({ minLength: 1 }), (content, key) => {
      const message = { ...newMessage("session", "stream", content), identities: [Buffer.from("peer")] };
      const received = decode(encode(message, key), key);
      assert.equal(JSON.stringify(received), JSON.stringify(message));
    }),
  );
});

test("a message with another key, a changed part or a missing part is refused", () => {
  const frames = encode(newMessage("session", "execute_request", { code: "1" }), "key");
  assert.throws(() => decode(frames, "other"), /signature/);
  const changed = [...frames.slice(0, -1), Buffer.from('{"code":"2"}')];
  assert.throws(() => decode(changed, "key"), /signature/);
  assert.throws(() => decode([frames[0], Buffer.alloc(0), ...frames.slice(2)], "key"), /signature/);
  assert.throws(() => decode(frames.slice(0, -1), "key"), /missing/);
  assert.throws(() => decode(frames.slice(1), "key"), /delimiter/);
});

test("what is not as it should be inside a signed message is refused, or counts as empty", () => {
  const message = newMessage("session", "execute_request", { code: "1" });
  const changed = (change: object) => decode(encode({ ...message, ...change } as Message, "key"), "key");
  for (const header of [
    null,
    5,
    [],
    {},
    { msg_id: "a" },
    { msg_id: 1, msg_type: "x" },
    { msg_id: "a", msg_type: "" },
  ])
    assert.throws(() => changed({ header }), /msg_(id|type) is missing; it must be a text/);
  const { parent, metadata, content } = changed({ parent: null, metadata: "x", content: [1] });
  assert.deepEqual([parent, metadata, content], [{}, {}, {}]);
  const deep = changed({ header: { ...message.header, extra: { deep: [] } } });
  assert.deepEqual(deep.header, message.header);
});

test("a connection file without a key or with another transport is refused", (t) => {
  const file = path.join(scratchFolder(t), "connection.json");
  const good = { transport: "tcp", ip: "127.0.0.1", key: "k", signature_scheme: "hmac-sha256" };
  const write = (change: object) => writeFileSync(file, JSON.stringify({ ...good, ...change }));
  write({});
  assert.equal(readConnection(file).ip, "127.0.0.1");
  write({ key: "" });
  assert.throws(() => readConnection(file), /key is empty/);
  write({ transport: "ipc" });
  assert.throws(() => readConnection(file), /transport is "ipc"/);
  write({ signature_scheme: "hmac-md5" });
  assert.throws(() => readConnection(file), /signature_scheme/);
});
