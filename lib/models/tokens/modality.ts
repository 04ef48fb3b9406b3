/** What the transformer model asks of its data; tables, patches of images and others each answer it. */
import type { DiagonalGaussian } from "../../distributions/diagonal-gaussian.js";
import type { Key } from "../../engine/random.js";
import type * as tf from "../../engine/tf.js";
import type { InitialParameter, Parameters } from "../../layers/parameters.js";
import type { Masks } from "./masks.js";

/** The two sets of heads: on s_x for the context, on s_w (or a prediction of it) for targets. */
export type DecoderPath = "contextDecoder" | "targetDecoder";

/** log σ of a path's continuous tokens: one for all, or `[D]`. */
export type LogSigma = tf.Scalar | tf.Tensor1D;

/** Which token of the data each row of latents stands for. */
export interface Cells {
  /** Row of the data. */
  readonly row: Int32Array;
  /** Token within its row, counted from 0: of a table, the feature. */
  readonly feature: Int32Array;
}

/**
 * A kind of data: how rows become tokens, which tokens are masked together, and how a token's latent becomes a
 * likelihood.
 * @typeParam Input some rows
 * @typeParam Decoded what the decoders say about some cells
 */
export interface Modality<Input, Decoded> {
  /** D, the tokens of a row. */
  readonly tokens: number;
  /** Start values of the tokenizer. */
  readonly initialTokenizer: (key: Key, width: number) => Record<string, InitialParameter>;
  /** Fixed positions of the D tokens of a row, `[D, width]`; left out, they are numbered one after the other. */
  readonly positions?: (width: number) => tf.Tensor2D;
  /** Tokens of all rows, row-major `[rows · D, width]`; the first of a row stands at `firstPosition`. */
  readonly tokenize: (parameters: Parameters, input: Input, firstPosition: number) => tf.Tensor2D;
  /** Masks of the rows at `firstRow` and on of a batch: a batch cut in pieces has the masks of the whole. */
  readonly drawMasks: (key: Key, rows: number, firstRow?: number) => Masks;
  /** Start values of one set of heads. */
  readonly initialDecoder: (key: Key, path: DecoderPath, width: number) => Record<string, InitialParameter>;
  /** Decodes latents `[cells, width]`. */
  readonly decode: (parameters: Parameters, path: DecoderPath, s: tf.Tensor2D, cells: Cells) => Decoded;
  /** −log p(cell | s) averaged over the decoded cells; `logSigma` is the log scale of continuous ones. */
  readonly negativeLogLikelihood: (decoded: Decoded, input: Input, logSigma: LogSigma) => tf.Scalar;
  /**
   * −log ∫ p(cell | s) q(s) ds averaged over cells: exact where it has a closed form, else for one draw of s.
   * @param noise ε of that draw, `[cells, width]`; without it the mean of q is the draw
   */
  readonly negativeLogMarginal: (
    parameters: Parameters,
    path: DecoderPath,
    q: DiagonalGaussian,
    cells: Cells,
    input: Input,
    logSigma: LogSigma,
    noise: tf.Tensor2D | undefined,
  ) => tf.Scalar;
  /** The rows with the given indices, in that order. */
  readonly select: (input: Input, indices: ArrayLike<number>) => Input;
  /** @throws when rows do not fit. */
  readonly check: (input: Input) => void;
}

/** What a model that decodes nothing asks of its data. */
export type Tokenization<Input> = Pick<
  Modality<Input, unknown>,
  "tokens" | "positions" | "initialTokenizer" | "tokenize" | "drawMasks" | "select" | "check"
>;
