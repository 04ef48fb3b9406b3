import assert from "node:assert/strict";
import { test } from "node:test";
import { readPlace } from "./address.js";
import { differences } from "./scene-run.js";
import { sceneNames, scenes } from "./scenes.js";
import type { Setup } from "./setup.js";

/** In what the run of a link differs from that of its scene. */
function differ(hash: string): string[] {
  const { setup, scene } = readPlace(hash);
  return differences(scenes[scene!], setup);
}

test("a scene's own run differs in nothing, however far it is made and whatever is turned after its end", () => {
  for (const name of sceneNames) {
    assert.deepEqual(differ(`scene=${name}`), [], name);
    assert.deepEqual(differ(`scene=${name}&kernels=plain`), [], name);
    assert.deepEqual(differ(`scene=${name}&seed=7`), [], name);
  }
  assert.deepEqual(differ("scene=collapse&steps=900&turn=600:sigregSx:10"), []);
  assert.deepEqual(differ("scene=rescue&steps=100"), []);
  assert.deepEqual(differ("scene=rescue&steps=600&turn=300:sigregSx:10&turn=300:sigregSy:10"), []);
});

test("what is turned at a step differs once the step is made", () => {
  assert.deepEqual(differ("scene=collapse&steps=40&turn=40:sigregSx:3"), []);
  assert.deepEqual(differ("scene=collapse&steps=41&turn=40:sigregSx:3"), [
    "SIGReg of s_x 3 in place of 0 from step 40 on",
  ]);
});

test("another model or knob is named, each once, with what the scene has", () => {
  assert.deepEqual(differ("scene=collapse&configuration=A&seed=7&klSx=3&steps=9"), [
    "configuration A in place of jepa",
  ]);
  assert.deepEqual(differ("scene=digits&data=simulation&d=4"), [
    "data simulation in place of digits",
    "latent dimensions 4 in place of 8",
  ]);
  assert.deepEqual(differ("scene=rescue&sigregSx=10&steps=301"), [
    "SIGReg of s_x 10 in place of 0 from step 0 on",
    "SIGReg of s_y 0 in place of 10 from step 300 on",
  ]);
  assert.deepEqual(differ("scene=rescue&steps=600&turn=310:sigregSx:10&turn=310:sigregSy:10"), [
    "SIGReg of s_x 0 in place of 10 from step 300 on",
    "SIGReg of s_y 0 in place of 10 from step 300 on",
  ]);
  assert.deepEqual(differences(scenes.collapse, undefined), ["more knobs were turned than can be told"]);
  const run: Setup = { ...scenes.collapse.setup, steps: 1 };
  assert.deepEqual(differences(scenes.collapse, run), []);
});
