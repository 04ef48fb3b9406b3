/** Four-lane single-precision building blocks. Pointers are byte addresses; a partial load fills with zeros. */

/** a · b + c, rounded once in the relaxed build and twice in the plain one. */
@inline
export function fma(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** Byte offset of element `index`. */
@inline
export function bytes(index: i32): usize {
  return (<usize>index) << 2;
}

/** The first `count` (1 … 4) of four lanes. */
@inline
export function loadPart(address: usize, count: i32): v128 {
  if (count >= 4) return v128.load(address);
  if (count == 3) return v128.load32_lane(address + 8, v128.load64_zero(address), 2);
  if (count == 2) return v128.load64_zero(address);
  return v128.load32_zero(address);
}

/** Stores the first `count` (1 … 4) of four lanes. */
@inline
export function storePart(address: usize, value: v128, count: i32): void {
  if (count >= 4) v128.store(address, value);
  else {
    if (count & 2) v128.store64_lane(address, value, 0);
    if (count == 3) v128.store32_lane(address + 8, value, 2);
    if (count == 1) v128.store32_lane(address, value, 0);
  }
}

/** Sum of four lanes. */
@inline
export function sum4(v: v128): f32 {
  return (
    (f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1)) +
    (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3))
  );
}

/** Largest of four lanes. */
@inline
export function max4(v: v128): f32 {
  return max(
    max(f32x4.extract_lane(v, 0), f32x4.extract_lane(v, 1)),
    max(f32x4.extract_lane(v, 2), f32x4.extract_lane(v, 3)),
  );
}

/** Adding 1.5 · 2²³ to a small number rounds it to a whole one, which then stands in the low bits. */
const ROUNDER: f32 = 12582912;

/** e^x to about 1 ulp; −87 and 88 bound the exponent. Range reduction and polynomial as in Cephes' expf. */
@inline
export function exp4(value: v128): v128 {
  let x = f32x4.pmax(f32x4.pmin(value, f32x4.splat(88)), f32x4.splat(-87));
  const rounded = fma(x, f32x4.splat(1.44269504), f32x4.splat(ROUNDER));
  const n = f32x4.sub(rounded, f32x4.splat(ROUNDER));
  x = fma(n, f32x4.splat(-0.693359375), x);
  x = fma(n, f32x4.splat(2.1219444e-4), x);
  let p = f32x4.splat(1.987569e-4);
  p = fma(p, x, f32x4.splat(1.3981999e-3));
  p = fma(p, x, f32x4.splat(8.333452e-3));
  p = fma(p, x, f32x4.splat(4.1665795e-2));
  p = fma(p, x, f32x4.splat(0.16666665));
  p = fma(p, x, f32x4.splat(0.5));
  p = fma(p, f32x4.mul(x, x), f32x4.add(x, f32x4.splat(1)));
  // p · 2ⁿ, by adding n to the exponent bits of p.
  return i32x4.add(p, i32x4.shl(rounded, 23));
}

/** φ(x), the density of the standard normal. */
@inline
export function normalDensity4(x: v128): v128 {
  return f32x4.mul(exp4(f32x4.mul(f32x4.mul(x, x), f32x4.splat(-0.5))), f32x4.splat(0.3989422804));
}

/** Φ(x) given φ(x): erfc by Abramowitz & Stegun 7.1.26, |error| ≤ 1.5e-7. */
@inline
export function normalCdf4(x: v128, density: v128): v128 {
  const z = f32x4.mul(f32x4.abs(x), f32x4.splat(0.7071067812));
  const t = f32x4.div(f32x4.splat(1), fma(z, f32x4.splat(0.3275911), f32x4.splat(1)));
  let p = f32x4.splat(1.061405429);
  p = fma(p, t, f32x4.splat(-1.453152027));
  p = fma(p, t, f32x4.splat(1.421413741));
  p = fma(p, t, f32x4.splat(-0.284496736));
  p = fma(p, t, f32x4.splat(0.254829592));
  // ½ erfc(z) = ½ p(t) e^(−z²), and e^(−z²) = √(2π) φ(x).
  const upper = f32x4.mul(f32x4.mul(f32x4.mul(p, t), density), f32x4.splat(1.2533141373));
  return v128.bitselect(upper, f32x4.sub(f32x4.splat(1), upper), f32x4.lt(x, f32x4.splat(0)));
}

/** Quarter turns in x, |x| up to a few thousand, plus `ROUNDER`, so that their number stands in the low bits. */
@inline
export function quarterTurns4(x: v128): v128 {
  return fma(x, f32x4.splat(0.6366197724), f32x4.splat(ROUNDER));
}

/** x less its quarter turns, taken off in two parts. */
@inline
export function reduced4(x: v128, quarterTurns: v128): v128 {
  const turns = f32x4.sub(quarterTurns, f32x4.splat(ROUNDER));
  const r = fma(turns, f32x4.splat(-1.5703125), x);
  return fma(turns, f32x4.splat(-4.8382679e-4), r);
}

@inline
function sinPolynomial(r: v128): v128 {
  const q = f32x4.mul(r, r);
  let p = f32x4.splat(-1.9515296e-4);
  p = fma(p, q, f32x4.splat(8.3321609e-3));
  p = fma(p, q, f32x4.splat(-1.6666655e-1));
  return fma(f32x4.mul(p, q), r, r);
}

@inline
function cosPolynomial(r: v128): v128 {
  const q = f32x4.mul(r, r);
  let p = f32x4.splat(2.4433157e-5);
  p = fma(p, q, f32x4.splat(-1.3887316e-3));
  p = fma(p, q, f32x4.splat(4.1666646e-2));
  p = fma(p, q, f32x4.splat(-0.5));
  return fma(p, q, f32x4.splat(1));
}

/** sin(x) (`shift` 0) or cos(x) (`shift` 1) from the reduced argument and `quarterTurns4`, by Taylor polynomials on ±π/4. */
@inline
export function sine4(r: v128, turns: v128, shift: i32): v128 {
  const quadrant = i32x4.add(turns, i32x4.splat(shift));
  const odd = i32x4.eq(v128.and(quadrant, i32x4.splat(1)), i32x4.splat(1));
  const value = v128.bitselect(cosPolynomial(r), sinPolynomial(r), odd);
  return v128.xor(value, i32x4.shl(v128.and(quadrant, i32x4.splat(2)), 30));
}
