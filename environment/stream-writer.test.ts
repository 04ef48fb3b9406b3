import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createStreamWriter, type Printed } from "./stream-writer.js";

const piece = (text: string, name: Printed["name"] = "stdout", msg_id = "a"): Printed => ({
  name,
  text,
  parent: { msg_id },
});

test("pieces of one stream and cell are joined; another stream or cell goes after them", async () => {
  const published: Printed[] = [];
  const writer = createStreamWriter((each) => published.push(each));
  for (const each of [piece("1"), piece("2"), piece("3", "stderr"), piece("4", "stderr", "b")])
    writer.write(each);
  assert.deepEqual(published, [piece("12"), piece("3", "stderr")]);
  await sleep(150);
  assert.deepEqual(published.at(-1), piece("4", "stderr", "b"));
  writer.flush();
  assert.equal(published.length, 3);
});

test("much text does not wait", () => {
  const published: Printed[] = [];
  const writer = createStreamWriter((each) => published.push(each));
  writer.write(piece("x".repeat(60_000)));
  assert.equal(published.length, 0);
  writer.write(piece("y".repeat(60_000)));
  assert.equal(published[0].text.length, 120_000);
});
