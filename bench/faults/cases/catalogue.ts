import type { FaultCase } from '../fault-case.ts';
import { CONNECTING } from './connecting.ts';
import { ENDS } from './ends.ts';
import { FLEETS } from './fleets.ts';
import { LIES } from './lies.ts';
import { LIMITS } from './limits.ts';
import { LOOP } from './loop.ts';
import { NETWORK } from './network.ts';
import { PROCESSES } from './processes.ts';

/** Every case there is. */
export const CASES: readonly FaultCase[] = [
  ...PROCESSES,
  ...FLEETS,
  ...LIMITS,
  ...NETWORK,
  ...CONNECTING,
  ...ENDS,
  ...LIES,
  ...LOOP,
];

/** A stride through the cases of a family, so that no two families are represented by the same kind of load. */
const STRIDE = 7;

/** One of each family. */
export function reduced(cases: readonly FaultCase[]): FaultCase[] {
  return familiesOf(cases).map((family, index) => {
    const own = cases.filter((one) => one.family === family);
    return own[(index * STRIDE) % own.length];
  });
}

export const familiesOf = (cases: readonly { readonly family: string }[]): string[] => [
  ...new Set(cases.map(({ family }) => family)),
];
