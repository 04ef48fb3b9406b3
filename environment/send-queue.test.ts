import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createSendQueue } from "./send-queue.js";

test("messages go one after the other, and one that cannot be sent is left out and told", async () => {
  const sent: string[] = [];
  const errors: string[] = [];
  let busy = false;
  const socket = {
    async send([frame]: Buffer[]) {
      if (busy) throw new Error("busy");
      busy = true;
      await sleep(1);
      busy = false;
      if (String(frame) === "2") throw new Error("not this one");
      sent.push(String(frame));
    },
  };
  const queue = createSendQueue(socket, (error) => errors.push((error as Error).message));
  for (let i = 0; i < 5; i++) queue.send([Buffer.from(String(i))]);
  await queue.drained();
  assert.deepEqual(sent, ["0", "1", "3", "4"]);
  assert.deepEqual(errors, ["not this one"]);
});
