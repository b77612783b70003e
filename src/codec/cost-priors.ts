import type { CostPriors } from './cost-model.ts';

/** Measured by `npm run bench -- --scenario codec`; what the machine in use says soon takes their place. */
export const ENCODE_PRIORS: CostPriors = {
  inlineNsPerByte: 0.9,
  poolNsPerShard: 25_000,
  poolNsPerByte: 0.15,
};
export const DECODE_PRIORS: CostPriors = {
  inlineNsPerByte: 1.2,
  poolNsPerShard: 25_000,
  poolNsPerByte: 0.6,
};
/** Of a user's codec nothing is known except that somebody wanted it off this thread. */
export const MODULE_PRIORS: CostPriors = {
  inlineNsPerByte: 50,
  poolNsPerShard: 25_000,
  poolNsPerByte: 2,
};
