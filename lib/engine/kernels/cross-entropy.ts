/** Softmax cross-entropy of logits `[rows, classes]` against labels, forward and backward. */
import { logarithm } from "./random.js";
import { bytes, exp4, loadPart, max4, storePart, sum4 } from "./simd.js";

/** Lanes beyond `width` are set to `filler`. */
@inline
function fill(v: v128, width: i32, filler: f32): v128 {
  if (width <= 1) v = f32x4.replace_lane(v, 1, filler);
  if (width <= 2) v = f32x4.replace_lane(v, 2, filler);
  if (width <= 3) v = f32x4.replace_lane(v, 3, filler);
  return v;
}

/** Σ e^(logit − largest); `probabilities` gets the summands. */
function exponentials(logits: usize, probabilities: usize, largest: f32, classes: i32): f32 {
  let sums = f32x4.splat(0);
  for (let i = 0; i < classes; i += 4) {
    const width = classes - i;
    const e = fill(exp4(f32x4.sub(loadPart(logits + bytes(i), width), f32x4.splat(largest))), width, 0);
    storePart(probabilities + bytes(i), e, width);
    sums = f32x4.add(sums, e);
  }
  return sum4(sums);
}

function largestOf(logits: usize, classes: i32): f32 {
  let largest = f32x4.splat(-Infinity);
  for (let i = 0; i < classes; i += 4) {
    const width = classes - i;
    largest = f32x4.pmax(largest, fill(loadPart(logits + bytes(i), width), width, -Infinity));
  }
  return max4(largest);
}

/**
 * loss[r] = log Σ e^logit − logit[label]; `probabilities` `[rows, classes]` = softmax, saved for the backward pass.
 */
export function crossEntropy(
  logits: usize,
  labels: usize,
  loss: usize,
  probabilities: usize,
  rows: i32,
  classes: i32,
): void {
  for (let r = 0; r < rows; r++) {
    const largest = largestOf(logits, classes);
    const sum = exponentials(logits, probabilities, largest, classes);
    const chosen = f32.load(logits + bytes(i32.load(labels + bytes(r))));
    f32.store(loss + bytes(r), largest - chosen + <f32>logarithm(<f64>sum));
    const inverse = f32x4.splat(<f32>1 / sum);
    for (let i = 0; i < classes; i += 4) {
      const width = classes - i;
      storePart(probabilities + bytes(i), f32x4.mul(loadPart(probabilities + bytes(i), width), inverse), width);
    }
    logits += bytes(classes);
    probabilities += bytes(classes);
  }
}

/** dLogits = dLoss (probabilities − one-hot label); dLoss `[rows]`. */
export function crossEntropyGradient(
  dLoss: usize,
  labels: usize,
  probabilities: usize,
  dLogits: usize,
  rows: i32,
  classes: i32,
): void {
  for (let r = 0; r < rows; r++) {
    const g = f32.load(dLoss + bytes(r));
    for (let i = 0; i < classes; i += 4) {
      const width = classes - i;
      storePart(dLogits + bytes(i), f32x4.mul(loadPart(probabilities + bytes(i), width), f32x4.splat(g)), width);
    }
    const at = dLogits + bytes(i32.load(labels + bytes(r)));
    f32.store(at, f32.load(at) - g);
    probabilities += bytes(classes);
    dLogits += bytes(classes);
  }
}
