/** NumPy's file format, for arrays of single-precision numbers: version 1.0, little-endian, in C order. */

/**
 * The bytes in front of an array's numbers. They are a multiple of 64 long, as the format asks for.
 * @param shape for example `[rows, columns]`
 */
export function npyHeader(shape: readonly number[]): Uint8Array {
  const tuple = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const description = `{'descr': '<f4', 'fortran_order': False, 'shape': (${tuple}), }`;
  const length = 64 * Math.ceil((10 + description.length + 1) / 64) - 10;
  const text = `${description.padEnd(length - 1)}\n`;
  return Buffer.concat([
    Buffer.from([0x93]),
    Buffer.from("NUMPY"),
    Buffer.from([1, 0, length & 0xff, length >> 8]),
    Buffer.from(text, "latin1"),
  ]);
}

/** Numbers as the file holds them, whatever the processor's byte order. */
export function npyNumbers(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(4 * values.length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < values.length; i++) view.setFloat32(4 * i, values[i], true);
  return bytes;
}
