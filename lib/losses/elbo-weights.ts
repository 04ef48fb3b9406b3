/** The plain ELBO: every weight is 1. Apart from its terms, so that what only names objectives loads no engine. */
export const elboWeights = { rec: 1, gen: 1, klSx: 1, klZ: 1, klSy: 1 } as const;
