import assert from "node:assert/strict";
import { test } from "node:test";
import { openChoices } from "./open-choices.js";
import { simulationPresets } from "./simulation-study.js";

/** Paths of all plain values in a configuration. */
function leaves(value: unknown, path = ""): Map<string, unknown> {
  if (typeof value !== "object" || value === null) return new Map([[path, value]]);
  return new Map(
    Object.entries(value).flatMap(([key, inner]) => [...leaves(inner, path ? `${path}.${key}` : key)]),
  );
}

test("each open choice changes the field that it names, and nothing else", () => {
  const base = simulationPresets.quick;
  const before = leaves(base);
  for (const { field, change } of openChoices) {
    const after = leaves(change(base));
    const paths = new Set([...before.keys(), ...after.keys()]);
    const changed = [...paths].filter((path) => before.get(path) !== after.get(path));
    const name = field.split(" ")[0];
    assert.ok(changed.length > 0, `${field} changes nothing`);
    assert.ok(
      changed.every((path) => path.startsWith(name)),
      `${field} changes ${changed}`,
    );
  }
});
