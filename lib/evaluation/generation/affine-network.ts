import { checkChoice } from "../../checks.js";
import { sizeOf } from "../../engine/shape.js";
import type { FlatParameters } from "../../layers/parameters.js";
import type { VarJepaConfig } from "../../models/var-jepa.js";
import type { Affine } from "./affine-density.js";

/**
 * Parameters in which one network of a Var-JEPA is an affine map, exactly up to rounding: its hidden layers carry every
 * input as the pair f(v), f(−v), and f(v) − f(−v) = v for GELU and for ReLU.
 * @param trunk name of the network, such as `predictor`
 * @param heads maps from the network's inputs by the name of the affine layer that ends in them, such as `predictor.mean`
 * @returns new parameters; all others are as before
 * @throws when the activation is another, or the hidden layers are too narrow.
 */
export function withAffineNetwork(
  { values, layout }: FlatParameters,
  { activation, hidden, hiddenLayers }: VarJepaConfig,
  trunk: string,
  heads: Readonly<Record<string, Affine>>,
): FlatParameters {
  checkChoice("activation", activation, ["gelu", "relu"]);
  const changed = values.slice();
  /** Puts a parameter to zero and gives what writes its entries. */
  const write = (name: string) => {
    const slot = layout.find((own) => own.name === name);
    if (!slot) throw new Error(`the model has no parameter "${name}"; give one of its networks`);
    const columns = slot.shape[slot.shape.length - 1];
    changed.fill(0, slot.offset, slot.offset + sizeOf(slot.shape));
    return (row: number, column: number, value: number) => {
      changed[slot.offset + row * columns + column] = value;
    };
  };
  const [{ matrix, bias }] = Object.values(heads);
  const inputs = matrix.length / bias.length;
  if (hidden < 2 * inputs)
    throw new Error(
      `hidden is ${hidden}; an affine map of ${inputs} inputs needs hidden layers of at least ${2 * inputs}`,
    );
  for (let layer = 0; layer < hiddenLayers; layer++) {
    write(`${trunk}.${layer}.bias`);
    const weight = write(`${trunk}.${layer}.weight`);
    for (let j = 0; j < inputs; j++)
      for (const [column, sign] of [
        [2 * j, 1],
        [2 * j + 1, -1],
      ])
        if (layer === 0) weight(j, column, sign);
        else {
          weight(2 * j, column, sign);
          weight(2 * j + 1, column, -sign);
        }
  }
  for (const [name, map] of Object.entries(heads)) {
    const outputs = map.bias.length;
    const [weight, offset] = [write(`${name}.weight`), write(`${name}.bias`)];
    for (let o = 0; o < outputs; o++) {
      offset(0, o, map.bias[o]);
      for (let j = 0; j < inputs; j++) {
        weight(2 * j, o, map.matrix[j * outputs + o]);
        weight(2 * j + 1, o, -map.matrix[j * outputs + o]);
      }
    }
  }
  return { values: changed, layout };
}

/** The head of a log variance that is the same for all inputs, before the bound B·tanh(·/B). */
export function constantLogVariance(logVariances: ArrayLike<number>, inputs: number, bound: number): Affine {
  return {
    matrix: new Float64Array(inputs * logVariances.length),
    bias: Float64Array.from(logVariances, (v) => bound * Math.atanh(v / bound)),
  };
}
