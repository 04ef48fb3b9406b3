import assert from "node:assert/strict";
import { test } from "node:test";
import { runTeam } from "./team.js";
import { enterWorld, type World, world } from "./world.js";

test("without a world it is said what to do; where there are no threads, so is that", async () => {
  assert.throws(world, /import var-jepa or lib\/node\/world\.js, or call enterWorld/);
  enterWorld({} as World);
  await assert.rejects(runTeam(new URL("file:///job.js"), {}, { workers: 2 }), /no threads here/);
});
