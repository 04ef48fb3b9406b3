/**
 * Multi-head self-attention softmax(QKᵀ/√dh)V over many short sequences, forward and backward (Vaswani et al. 2017,
 * equation 1). The backward pass computes the probabilities again: they take more memory than time.
 */
import { pack, packedSize, packTransposed, product } from "./product.js";
import { bytes, exp4, fma, max4, sum4 } from "./simd.js";

/** Bytes of scratch that both passes need for sequences of `length` and heads of `width`. */
export function attentionScratch(length: i32, width: i32): i32 {
  const padded = (length + 7) & ~7;
  return (2 * length * padded + packedSize(width, length) + packedSize(length, width) + 16) << 2;
}

/**
 * @param qkv `[sequences · length, 3 · heads · width]`, columns query | key | value
 * @param out `[sequences · length, heads · width]`
 */
export function attention(
  qkv: usize,
  out: usize,
  sequences: i32,
  length: i32,
  heads: i32,
  width: i32,
  scratch: usize,
): void {
  const row = bytes(3 * heads * width);
  const outRow = bytes(heads * width);
  const padded = (length + 7) & ~7;
  const probabilities = scratch;
  const panels = scratch + bytes(length * padded);
  for (let s = 0; s < sequences; s++)
    for (let h = 0; h < heads; h++) {
      const query = qkv + <usize>(s * length) * row + bytes(h * width);
      const value = query + 2 * outRow;
      attend(query, query + outRow, row, length, width, panels, probabilities);
      pack(value, row, length, width, panels);
      product(
        probabilities, bytes(padded), 4,
        panels, 0,
        out + <usize>(s * length) * outRow + bytes(h * width), outRow,
        length, length, width, false,
      );
    }
}

/** probabilities `[length, padded]` = softmax over keys of query · keyᵀ / √width; the padding is 0. */
function attend(
  query: usize,
  key: usize,
  row: usize,
  length: i32,
  width: i32,
  panels: usize,
  probabilities: usize,
): void {
  const padded = (length + 7) & ~7;
  const scale = f32x4.splat(<f32>1 / sqrt<f32>(<f32>width));
  packTransposed(key, row, width, length, panels);
  product(query, row, 4, panels, 0, probabilities, bytes(padded), length, width, padded, false);
  for (let i = 0; i < length; i++) {
    const p = probabilities + bytes(i * padded);
    for (let j = length; j < padded; j++) f32.store(p + bytes(j), -1e30);
    let largest = v128.load(p);
    for (let j = 4; j < padded; j += 4) largest = f32x4.pmax(largest, v128.load(p + bytes(j)));
    const top = f32x4.splat(max4(largest));
    let sums = f32x4.splat(0);
    for (let j = 0; j < padded; j += 4) {
      const e = exp4(f32x4.mul(f32x4.sub(v128.load(p + bytes(j)), top), scale));
      v128.store(p + bytes(j), e);
      sums = f32x4.add(sums, e);
    }
    const inverse = f32x4.splat(<f32>1 / sum4(sums));
    for (let j = 0; j < padded; j += 4) v128.store(p + bytes(j), f32x4.mul(v128.load(p + bytes(j)), inverse));
    for (let j = length; j < padded; j++) f32.store(p + bytes(j), 0);
  }
}

/** dqkv `[sequences · length, 3 · heads · width]` from dout `[sequences · length, heads · width]`. */
export function attentionGradient(
  qkv: usize,
  dout: usize,
  dqkv: usize,
  sequences: i32,
  length: i32,
  heads: i32,
  width: i32,
  scratch: usize,
): void {
  const row = bytes(3 * heads * width);
  const outRow = bytes(heads * width);
  const padded = (length + 7) & ~7;
  const square = bytes(padded);
  const p = scratch;
  const dp = p + bytes(length * padded);
  const panels = dp + bytes(length * padded);
  const scale: f32 = <f32>1 / sqrt<f32>(<f32>width);
  for (let s = 0; s < sequences; s++)
    for (let h = 0; h < heads; h++) {
      const at = <usize>(s * length) * row + bytes(h * width);
      const query = qkv + at;
      const key = query + outRow;
      const value = key + outRow;
      const dQuery = dqkv + at;
      const dKey = dQuery + outRow;
      const dValue = dKey + outRow;
      const d = dout + <usize>(s * length) * outRow + bytes(h * width);
      attend(query, key, row, length, width, panels, p);
      // dV = Pᵀ dO
      pack(d, outRow, length, width, panels);
      product(p, 4, square, panels, 0, dValue, row, length, length, width, false);
      // dP = dO Vᵀ, then dS = P ⊙ (dP − Σ P ⊙ dP) / √dh
      packTransposed(value, row, width, length, panels);
      product(d, outRow, 4, panels, 0, dp, square, length, width, padded, false);
      for (let i = 0; i < length; i++) {
        const pi = p + bytes(i * padded);
        const di = dp + bytes(i * padded);
        let sums = f32x4.splat(0);
        for (let j = 0; j < padded; j += 4) sums = fma(v128.load(pi + bytes(j)), v128.load(di + bytes(j)), sums);
        const mean = f32x4.splat(sum4(sums));
        for (let j = 0; j < padded; j += 4) {
          const scaled = f32x4.mul(v128.load(pi + bytes(j)), f32x4.splat(scale));
          v128.store(di + bytes(j), f32x4.mul(scaled, f32x4.sub(v128.load(di + bytes(j)), mean)));
        }
      }
      // dQ = dS K, dK = dSᵀ Q
      pack(key, row, length, width, panels);
      product(dp, square, 4, panels, 0, dQuery, row, length, length, width, false);
      pack(query, row, length, width, panels);
      product(dp, 4, square, panels, 0, dKey, row, length, length, width, false);
    }
}
