import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { createMeetings, markFinder, withoutMarks } from "./raw-output.js";

const key = randomUUID();
const mark = (serial: number) => `\0${key}${String(serial).padStart(10, "0")}`;

test("marks are found wherever the output is cut, and nothing else is taken for one", () => {
  const parts = fc.array(fc.oneof(fc.nat(99), fc.constantFrom("a\n", "\0", `\0${key.slice(0, 20)}`, "é")), {
    maxLength: 8,
  });
  fc.assert(
    fc.property(parts, fc.array(fc.nat(200), { maxLength: 8 }), (wanted, cuts) => {
      const bytes = Buffer.from(
        wanted.map((each) => (typeof each === "number" ? mark(each) : each)).join(""),
      );
      const places = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
      const find = markFinder(key);
      const found = places.slice(1).flatMap((end, i) => find(bytes.subarray(places[i], end)));
      const text = (pieces: unknown[]) =>
        pieces.map((each) => (typeof each === "number" ? mark(each) : (each as string | Buffer))).join("");
      const rest = bytes.subarray(Buffer.byteLength(Buffer.concat(found.map(bytesOf))));
      assert.ok(Buffer.concat([...found.map(bytesOf), rest]).equals(bytes));
      assert.deepEqual(
        found.filter((each) => typeof each === "number"),
        wanted.filter((each) => typeof each === "number"),
      );
      if (wanted.at(-1) === "a\n") assert.equal(rest.length, 0);
      assert.ok(!withoutMarks(text(wanted)).includes(key));
    }),
    { numRuns: 500 },
  );
  function bytesOf(piece: Buffer | number): Buffer {
    return typeof piece === "number" ? Buffer.from(mark(piece)) : piece;
  }
});

test("the three meet at each mark, and nobody waits for ever", async () => {
  const meet = createMeetings();
  const order: string[] = [];
  const arrive = async (who: "stdout" | "stderr" | "messages", serial: number) => {
    await meet(who, serial);
    order.push(who);
  };
  const first = arrive("messages", 1);
  await sleep(20);
  order.push("nobody yet");
  await Promise.all([first, arrive("stdout", 1), arrive("stderr", 1)]);
  assert.equal(order[0], "nobody yet");
  assert.equal(order.length, 4);
  await arrive("messages", 2); // the others are closed
  await Promise.all([arrive("stdout", 3), arrive("stderr", 3), arrive("messages", 3)]);
  assert.equal(order.length, 8);
});
