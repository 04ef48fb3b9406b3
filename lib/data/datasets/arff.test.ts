import assert from "node:assert/strict";
import { test } from "node:test";
import { readArff } from "./arff.js";

test("attributes and data lines are taken apart, whatever the case, quotes and comments", () => {
  const text = `% a comment
@RELATION prices

@attribute date numeric
@ATTRIBUTE 'day of week' {1,2, 3}
@attribute "price" REAL
@attribute n Integer
@attribute class {UP,DOWN}

@DATA
% another
0,2,0.5,1,UP\r
1,3,0.25,2,DOWN
`;
  assert.deepEqual(readArff(text, "p.arff"), {
    attributes: [
      { name: "date", kind: "numeric" },
      { name: "day of week", kind: "categorical" },
      { name: "price", kind: "numeric" },
      { name: "n", kind: "numeric" },
      { name: "class", kind: "categorical" },
    ],
    data: "0,2,0.5,1,UP\n1,3,0.25,2,DOWN\n",
  });
});

test("other files and attributes of other types are refused", () => {
  assert.throws(() => readArff("a,b\n1,2\n", "p.arff"), {
    message: 'p.arff has no line "@data"; give an ARFF file',
  });
  assert.throws(() => readArff("@relation r\n@attribute t string\n@data\n", "p.arff"), {
    message: 'p.arff, line 2: an attribute must be numeric, real, integer or {a,b,…}; it is "string"',
  });
});
