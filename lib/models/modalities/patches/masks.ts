/**
 * Masks of blocks of patches, as in I-JEPA (Assran et al. 2023, Section 3): several target blocks, and a context block from
 * which the targets are taken out.
 */
import { checkNumber, checkRecord, checkWhole, shown } from "../../../checks.js";
import { fold, type Key, uniforms } from "../../../engine/random.js";
import { choose, type Masks } from "../../tokens/masks.js";
import { type ImageShape, patchGrid } from "./images.js";

/** Which blocks are drawn. */
export interface BlockMaskConfig {
  /** Share of the patches that the context block covers, before the targets are taken out. */
  readonly contextMin: number;
  readonly contextMax: number;
  /** Share of the patches that each target block covers. */
  readonly targetMin: number;
  readonly targetMax: number;
  /** Height of any block divided by its width, in patches. */
  readonly aspectMin: number;
  readonly aspectMax: number;
  /** K, the target blocks of each image. */
  readonly targetViews: number;
}

/** A block's size in patches. */
export interface Block {
  readonly down: number;
  readonly across: number;
}

/**
 * Draws the masks of one training step. Sizes are drawn once for the whole batch, as in I-JEPA's published code, each with
 * equal chances among the blocks of whole patches that keep to the shares and the aspect ratio; then every image has a
 * context block and K target blocks of these sizes at places of its own, drawn independently of each other.
 *
 * How many patches the targets leave of a context block differs from image to image, yet contexts must be of one size.
 * I-JEPA cuts them to the smallest of the batch, from the end. Here they are cut to the smallest that these blocks can
 * leave, |context| − K · |target|, and what goes is drawn at random: the size then follows from the step's key
 * alone, so that a batch cut in pieces has the masks of the whole, and no part of the image is favoured.
 * @param key the step's own key
 * @param rows how many images to draw for
 * @param firstRow place in the batch of the first of them
 * @throws when no block, or not enough of a context, is possible.
 */
export function drawBlockMasks(
  key: Key,
  config: BlockMaskConfig,
  image: ImageShape,
  rows: number,
  firstRow = 0,
): Masks {
  const { contexts, targets: blocks } = checkedBlocks(config, image);
  const [u, v] = uniforms(fold(key, "sizes"), 2);
  const around = contexts[Math.floor(u * contexts.length)];
  const block = blocks[Math.floor(v * blocks.length)];
  const { targetViews } = config;
  const targetSize = areaOf(block);
  const contextSize = areaOf(around) - targetViews * targetSize;
  const context = new Int32Array(rows * contextSize);
  const targets = new Int32Array(rows * targetViews * targetSize);
  const rowKey = fold(key, "rows");
  for (let i = 0; i < rows; i++) {
    const draws = uniforms(fold(rowKey, firstRow + i), 2 * (targetViews + 1) + contextSize);
    const hidden = new Set<number>();
    for (let k = 0; k < targetViews; k++) {
      const view = placedBlock(image, block, draws[2 * k], draws[2 * k + 1]);
      targets.set(view, (i * targetViews + k) * targetSize);
      for (const patch of view) hidden.add(patch);
    }
    const [down, across] = draws.subarray(2 * targetViews);
    const left = placedBlock(image, around, down, across).filter((patch) => !hidden.has(patch));
    const chosen = context.subarray(i * contextSize, (i + 1) * contextSize);
    choose(left, chosen, draws.subarray(2 * (targetViews + 1)));
  }
  return { rows, contextSize, targetSize, targetViews, context, targets };
}

/** The blocks of whole patches whose share of the image and aspect ratio lie within the given ones. */
export function blocksWithin(
  image: ImageShape,
  [shareMin, shareMax]: readonly [number, number],
  [aspectMin, aspectMax]: readonly [number, number],
): Block[] {
  const [gridDown, gridAcross] = patchGrid(image);
  const patches = gridDown * gridAcross;
  const blocks: Block[] = [];
  for (let down = 1; down <= gridDown; down++)
    for (let across = 1; across <= gridAcross; across++)
      if (
        within((down * across) / patches, shareMin, shareMax) &&
        within(down / across, aspectMin, aspectMax)
      )
        blocks.push({ down, across });
  return blocks;
}

/** @throws when a share or ratio makes no sense, no block keeps to them, or the targets can cover a whole context block. */
export function checkBlockMasks(config: BlockMaskConfig, image: ImageShape): void {
  checkedBlocks(config, image);
}

function checkedBlocks(config: BlockMaskConfig, image: ImageShape): { contexts: Block[]; targets: Block[] } {
  checkRecord("masks", config);
  for (const [low, high, most] of [
    ["contextMin", "contextMax", 1],
    ["targetMin", "targetMax", 1],
    ["aspectMin", "aspectMax", 4096],
  ] as const) {
    checkNumber(`masks: ${low}`, config[low], 0, most);
    checkNumber(`masks: ${high}`, config[high], config[low], most);
  }
  checkWhole("masks: targetViews", config.targetViews, 1, 1024);
  const { contextMin, contextMax, targetMin, targetMax, aspectMin, aspectMax, targetViews } = config;
  const [down, across] = patchGrid(image);
  const found = (min: number, max: number, name: string) => {
    const blocks = blocksWithin(image, [min, max], [aspectMin, aspectMax]);
    if (blocks.length === 0)
      throw new Error(
        `masks: ${name}Min is ${shown(min)} and ${name}Max is ${shown(max)}, which no block of ${down} × ${across} patches with an aspect ratio from ${aspectMin} to ${aspectMax} has; widen them`,
      );
    return blocks;
  };
  const contexts = found(contextMin, contextMax, "context");
  const targets = found(targetMin, targetMax, "target");
  const [smallest, largest] = [Math.min(...contexts.map(areaOf)), Math.max(...targets.map(areaOf))];
  if (targetViews * largest >= smallest)
    throw new Error(
      `masks: targetViews is ${targetViews}; ${targetViews} targets of up to ${largest} patches can cover a context block of ${smallest}, use fewer or a smaller targetMax`,
    );
  return { contexts, targets };
}

const areaOf = ({ down, across }: Block): number => down * across;

/** The tiny addend undoes what fractions lose. */
function within(value: number, low: number, high: number): boolean {
  return value >= low - 1e-9 && value <= high + 1e-9;
}

/** A block's patches at one of its places in the grid, ascending; `u` and `v` are uniform on (0, 1). */
function placedBlock(image: ImageShape, { down, across }: Block, u: number, v: number): Int32Array {
  const [gridDown, gridAcross] = patchGrid(image);
  const top = Math.floor(u * (gridDown - down + 1));
  const left = Math.floor(v * (gridAcross - across + 1));
  return Int32Array.from(
    { length: down * across },
    (_, i) => (top + Math.floor(i / across)) * gridAcross + left + (i % across),
  );
}
