import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { cellText, readCsv, withChanges } from "./read-csv.js";

const changed = (text: string, changes: Parameters<typeof withChanges>[1]) =>
  Buffer.concat([...withChanges(readCsv(Buffer.from(text), "my.csv"), changes)]).toString();

test("cells change, and all else stays byte for byte", () => {
  const text = '\ufeffnote ;"x1"; x2\r\n"  padded 0 "; ? ;0\n\n\r"a;""b""";"";1\r\n 5" ;;2';
  assert.equal(changed(text, []), text);
  assert.equal(
    changed(text, [
      { row: 2, column: 1, text: "7" },
      { row: 0, column: 1, text: "0.5" },
      { row: 1, column: 1, text: "a;b" },
    ]),
    '\ufeffnote ;"x1"; x2\r\n"  padded 0 "; 0.5 ;0\n\n\r"a;""b""";"a;b";1\r\n 5" ;7;2',
  );
});

test("what is written into a cell is read from it, whatever its text; its neighbours stay", () => {
  const cell = fc.string({ unit: fc.constantFrom("a", ",", '"', "\n", "\r", "é", "1") });
  fc.assert(
    fc.property(cell, fc.nat(2), fc.nat(2), (written, row, column) => {
      const text = 'a,b,c\r\n"1 ",x,\n2, "y,""",\r3,z,"w"';
      const before = readCsv(Buffer.from(text), "my.csv");
      const after = readCsv(Buffer.from(changed(text, [{ row, column, text: written }])), "my.csv");
      for (let i = 0; i < 3; i++)
        for (let j = 0; j < 3; j++)
          assert.equal(
            cellText(after, i, j),
            i === row && j === column ? written.trim() : cellText(before, i, j),
          );
    }),
    { numRuns: 200 },
  );
});

test("what is no text in UTF-8 is refused with what it is", () => {
  const refuses = (bytes: Buffer, message: RegExp) => assert.throws(() => readCsv(bytes, "my.csv"), message);
  refuses(Buffer.from("\ufeffa,b\n1,2\n", "utf16le"), /my.csv is UTF-16 text; save it as CSV in UTF-8/);
  refuses(Buffer.from("a,b\n1,2\n", "utf16le"), /line 1 holds a NUL byte/);
  const rows = Array.from({ length: 50 }, (_, i) => `${i},é`).join("\n");
  const bytes = Buffer.concat([
    Buffer.from(`a,b\n${rows}\n50,`),
    Buffer.of(0xe9),
    Buffer.from(`\n${rows}\n`),
  ]);
  refuses(bytes, /my.csv, line 52 is not UTF-8 text/);
});
