import { closedLoop } from '../load/closed-loop.ts';
import type { Load } from '../load/load-case.ts';
import type { Operation } from '../load/operations.ts';
import type { Contender } from './contender.ts';

/** All who ask in one turn of the event loop wait for one promise, which the next turn keeps: per call nothing is made. */
function nobody(): Operation {
  let turn: Promise<unknown> | undefined;
  return {
    keysOf: () => 1,
    start: () =>
      (turn ??= new Promise((resolve) => {
        setImmediate(() => {
          turn = undefined;
          resolve(undefined);
        });
      })),
    answered: () => true,
  };
}

/** The bench's own callers, who ask nobody: what is left of a race is what they cost, their `await` above all. */
export const loopAlone: Contender = {
  name: 'loop alone',
  role: 'ceiling',
  accepts: ['string', 'buffer', 'object'],
  performs: ['get'],
  available: () => true,
  async flood(_server, { concurrency }): Promise<Load> {
    const asked = nobody();
    return {
      run: (seconds, latencies) => closedLoop(asked, concurrency, seconds, latencies),
      close: () => {},
    };
  },
};
