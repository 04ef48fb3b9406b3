/** What I-JEPA prints (Assran et al. 2023, Section 3 and Appendix A.1) of what a model on patches has too. */
import type { BlockMaskConfig } from "../../models/modalities/patches/masks.js";

/** Its multi-block masks, but that its context block is always square: here the aspect ratio is that of any block. */
export const publishedBlockMasks: BlockMaskConfig = {
  contextMin: 0.85,
  contextMax: 1,
  targetMin: 0.15,
  targetMax: 0.2,
  aspectMin: 0.75,
  aspectMax: 1.5,
  targetViews: 4,
};

/** Its target encoder's decay. */
export const publishedEma = { start: 0.996, end: 1 } as const;
