import assert from "node:assert/strict";
import { test } from "node:test";
import { progressLine } from "./progress.js";

test("a line is rewritten in place and closed when everything is done", () => {
  const written: string[] = [];
  const tell = progressLine("study", (text) => written.push(text));
  tell(1, 4, "A-0");
  tell(2, 4, "A-0");
  tell(4, 4, "B-0");
  assert.equal(written.length, 2, "updates within half a second are left out, the last one never");
  assert.match(written[0], /^\rstudy █████░{15} 25 % A-0 *$/);
  assert.match(written[1], /^\rstudy █{20} 100 % 0:00 in all B-0 *\n$/);
});

test("the time left is told in hours once there are some, and not from the first step", (context) => {
  context.mock.method(performance, "now", () => now);
  let now = 0;
  const written: string[] = [];
  const tell = progressLine("training", (text) => written.push(text));
  now = 300_000;
  tell(51, 171, "epoch 6 of 18");
  now += 90_000;
  tell(52, 171, "epoch 6 of 18");
  now += 30_000;
  tell(53, 171, "epoch 6 of 18");
  assert.match(written[0], /29 % epoch 6 of 18/, "five minutes of start say nothing about the other steps");
  assert.match(written[1], /30 % 2:58:30 left epoch 6 of 18/);
  assert.match(written[2], /30 % 1:58:00 left epoch 6 of 18/);
});

test("no time is told from a step or two that took no time", (context) => {
  context.mock.method(performance, "now", () => now);
  let now = 0;
  const written: string[] = [];
  const tell = progressLine("embedding", (text) => written.push(text));
  for (const done of [1, 2, 3, 4]) {
    tell(done, 1000);
    now += 600;
  }
  assert.deepEqual(
    written.map((text) => /% *(.*? left)?/.exec(text)?.[1]),
    [undefined, undefined, undefined, "9:58 left"],
  );
});
