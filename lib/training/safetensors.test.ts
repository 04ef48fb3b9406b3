import "../node/world.js";
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodeSafetensors, encodeSafetensors } from "./safetensors.js";

/** A file made by hand: any header before any data. */
function fileOf(header: unknown, data: Uint8Array = new Uint8Array()): Uint8Array {
  const json = Buffer.from(typeof header === "string" ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, data]);
}

const entry = (shape: number[], begin: number, end: number, dtype = "F32") => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

test("a file laid out as the format says is read, whatever the order of its header", () => {
  const numbers = Float32Array.of(1.5, -2, 0.25);
  const header = {
    second: entry([1], 8, 12),
    first: entry([2, 1], 0, 8),
    empty: entry([0, 5], 8, 8),
    __metadata__: { format: "pt" },
  };
  const { tensors, metadata } = decodeSafetensors(fileOf(header, new Uint8Array(numbers.buffer)), "x");
  assert.deepEqual(metadata, { format: "pt" });
  assert.deepEqual(tensors, [
    { name: "first", shape: [2, 1], values: Float32Array.of(1.5, -2) },
    { name: "empty", shape: [0, 5], values: Float32Array.of() },
    { name: "second", shape: [1], values: Float32Array.of(0.25) },
  ]);
});

test("what is written begins with the header's length, is aligned to 8 bytes and has data in order", () => {
  const bytes = encodeSafetensors({
    tensors: [{ name: "w", shape: [2], values: Float32Array.of(1, 2) }],
    metadata: { a: "ä" },
  });
  const view = new DataView(bytes.buffer);
  const length = Number(view.getBigUint64(0, true));
  assert.equal(length % 8, 0);
  assert.equal(bytes.length, 8 + length + 8);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  assert.match(header.__metadata__.sha256, /^[0-9a-f]{64}$/);
  assert.deepEqual(header, {
    __metadata__: { a: "ä", sha256: header.__metadata__.sha256 },
    w: { dtype: "F32", shape: [2], data_offsets: [0, 8] },
  });
  assert.equal(view.getFloat32(8 + length + 4, true), 2);
});

test("whatever is written comes back bit for bit", () => {
  const tensor = fc
    .record({ name: fc.string(), shape: fc.array(fc.nat(4), { maxLength: 3 }), seed: fc.nat() })
    .map(({ name, shape, seed }) => {
      const bits = Uint32Array.from(
        { length: shape.reduce((a, b) => a * b, 1) },
        (_, i) => seed * 31 + i * 977,
      );
      return { name: `t${name}`, shape, values: new Float32Array(bits.buffer) };
    });
  fc.assert(
    fc.property(
      fc.uniqueArray(tensor, { selector: ({ name }) => name, maxLength: 6 }),
      fc.dictionary(
        fc.string().map((key) => `k${key}`),
        fc.string(),
      ),
      (tensors, metadata) => {
        const read = decodeSafetensors(encodeSafetensors({ tensors, metadata }), "x");
        assert.deepEqual({ ...read.metadata }, { ...metadata });
        const sizes = (list: typeof tensors) => list.filter(({ values }) => values.length > 0);
        assert.deepEqual(sizes([...read.tensors] as typeof tensors), sizes(tensors));
        assert.equal(read.tensors.length, tensors.length);
      },
    ),
  );
});

const data = new Uint8Array(16);
for (const [what, bytes, message] of [
  ["no header length", new Uint8Array(7), /it has 7 bytes/],
  ["a header longer than the file", fileOf({}).subarray(0, 9), /header should have 2 bytes, the file has 9/],
  ["a length beyond any file", Buffer.alloc(16, 255), /header should have 18446744073709551615 bytes/],
  ["a header that is no JSON", fileOf("{w"), /its header is no JSON/],
  ["a header that is no UTF-8", Buffer.from([1, 0, 0, 0, 0, 0, 0, 0, 255]), /its header is no JSON/],
  ["a header that is a list", fileOf([]), /its header is no JSON object/],
  ["a tensor that is no object", fileOf({ w: 1 }), /w is not described/],
  ["another dtype", fileOf({ w: entry([2], 0, 4, "BF16") }, data), /w is "BF16"; only F32/],
  ["a shape of fractions", fileOf({ w: entry([1.5], 0, 6) }, data), /the shape of w is \[1.5\]/],
  ["a negative shape", fileOf({ w: entry([-1, -4], 0, 16) }, data), /the shape of w is/],
  ["offsets of text", fileOf({ w: { ...entry([1], 0, 4), data_offsets: "04" } }, data), /data_offsets of w/],
  ["bytes that do not fit the shape", fileOf({ w: entry([3], 0, 16) }, data), /w has 16 bytes, .* needs 12/],
  ["a tensor past the end", fileOf({ w: entry([5], 0, 20) }, data), /w ends at byte 20 of the data, past/],
  ["a hole", fileOf({ v: entry([1], 0, 4), w: entry([2], 8, 16) }, data), /w begins at byte 8 .* not at 4/],
  [
    "an overlap",
    fileOf({ v: entry([3], 0, 12), w: entry([2], 8, 16) }, data),
    /w begins at byte 8 .* not at 12/,
  ],
  ["data left over", fileOf({ w: entry([3], 0, 12) }, data), /4 bytes belong to no tensor/],
  [
    "a name given twice",
    fileOf(
      '{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"w":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}',
      data,
    ),
    /w begins at byte 8 of the data, not at 0/,
  ],
  ["metadata that is no object", fileOf({ __metadata__: "x" }), /__metadata__ is no object/],
  ["metadata that is no text", fileOf({ __metadata__: { a: 1 } }), /__metadata__\.a is no text/],
] as const)
  test(`a file with ${what} is refused`, () => {
    assert.throws(
      () => decodeSafetensors(bytes, "some.file"),
      (error: Error) => {
        assert.match(error.message, /^some\.file is not a safetensors file that can be read: /);
        assert.match(error.message, message);
        return true;
      },
    );
  });

test("a file whose numbers, names or metadata are not those written is refused by its sum, in any order of tensors", () => {
  const [v, w] = [Float32Array.of(1, 2), Float32Array.of(3)];
  const tensors = [
    { name: "w", shape: [1], values: w },
    { name: "v", shape: [2], values: v },
  ];
  const bytes = encodeSafetensors({ tensors, metadata: { a: "b" } });
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  const { sha256 } = header.__metadata__;
  const written = (metadata: object, name: string, ...numbers: number[]) =>
    decodeSafetensors(
      fileOf(
        { v: entry([2], 0, 8), [name]: entry([1], 8, 12), __metadata__: metadata },
        new Uint8Array(Float32Array.from(numbers).buffer),
      ),
      "some.file",
    );
  assert.deepEqual(written({ sha256, a: "b" }, "w", 1, 2, 3).tensors[0].values, v);
  const differs = /some\.file .* the sum "sha256" in its metadata differs/;
  assert.throws(() => written({ sha256, a: "b" }, "w", 1, 2, 3.0000002), differs);
  assert.throws(() => written({ sha256, a: "b" }, "u", 1, 2, 3), differs);
  assert.throws(() => written({ sha256, a: "c" }, "w", 1, 2, 3), differs);
  assert.equal(written({}, "w", 1, 2, 4).tensors[1].values[0], 4, "files without a sum");
});

test("a refusal is one line of bounded length, whatever the file says", () => {
  const long = "x\n".repeat(100_000);
  for (const bytes of [
    fileOf(`{"${"y".repeat(100_000)}`),
    fileOf({ [long]: entry([2], 0, 4) }),
    fileOf({ w: entry([2], 0, 8, long) }, data),
    fileOf({ w: entry(Array(50_000).fill(1), 0, 8) }, data),
    fileOf({ __metadata__: { [long]: 1 } }),
  ])
    assert.throws(
      () => decodeSafetensors(bytes, "some.file"),
      ({ message }: Error) => message.length < 400 && !message.includes("\n"),
    );
});

test("what cannot be written is refused", () => {
  const w = { name: "w", shape: [1], values: Float32Array.of(1) };
  assert.throws(() => encodeSafetensors({ tensors: [w, w], metadata: {} }), /two tensors are named w/);
  assert.throws(
    () => encodeSafetensors({ tensors: [{ ...w, shape: [2] }], metadata: {} }),
    /w holds 1 values, but its shape is \[2\]/,
  );
  assert.throws(
    () => encodeSafetensors({ tensors: [], metadata: { sha256: "" } }),
    /the metadata has a field "sha256"/,
  );
});
