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

/** Some of each family, as far apart as they can be. */
export function reduced(cases: readonly FaultCase[], perFamily: number): FaultCase[] {
  return familiesOf(cases).flatMap((family) => {
    const own = cases.filter((one) => one.family === family);
    const step = Math.max(1, Math.floor(own.length / perFamily));
    return own.filter((_, index) => index % step === 0).slice(0, perFamily);
  });
}

export const familiesOf = (cases: readonly { readonly family: string }[]): string[] => [
  ...new Set(cases.map(({ family }) => family)),
];
