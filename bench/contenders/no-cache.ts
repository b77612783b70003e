import type { Connected, Contender } from './contender.ts';

/** No cache at all: values out of a Map. What is left of a service is what HTTP costs. */
export const noCache: Contender = {
  name: 'no cache',
  role: 'ceiling',
  accepts: ['string', 'buffer', 'object'],
  performs: ['service'],
  available: () => true,
  open: async (): Promise<Connected> => {
    const values = new Map<string, unknown>();
    return {
      get: async (key) => values.get(key),
      valueOf: (reply) => reply,
      set: async (key, value) => values.set(key, value),
      close: () => {},
    };
  },
};
