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
  assert.match(written[0], /^\rstudy █████░{15} 25 % 0:00 left A-0/);
  assert.match(written[1], /^\rstudy █{20} 100 % 0:00 in all B-0 *\n$/);
});
