import { setTimeout as pause } from 'node:timers/promises';
import { everyOf, type Fault, type FaultCase } from '../fault-case.ts';

const BLOCKS = 3;
/** Longer than a call may take. */
const BLOCK_MS = 350;

/** This thread does something else, as a long computation would: answers lie there unread meanwhile. */
const BLOCKED: Fault = {
  label: `the event loop blocked for ${BLOCK_MS} ms`,
  proxied: false,
  async happen() {
    for (let i = 0; i < BLOCKS; i++) {
      const end = performance.now() + BLOCK_MS;
      while (performance.now() < end);
      await pause(100);
    }
    return BLOCKS;
  },
};

/** What goes wrong in the process of the client itself. */
export const LOOP: readonly FaultCase[] = [
  ...everyOf('blocked loop', [BLOCKED], ['getMany', 'set', 'large', 'fetch']),
  ...everyOf('blocked loop', [BLOCKED], ['mixed'], ['fleet', 'tls']),
];
