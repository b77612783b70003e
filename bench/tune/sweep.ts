import type { Bench } from '../bench.ts';
import type { Address } from '../contenders/contender.ts';
import { memvolleyWith } from '../contenders/memvolley-with.ts';
import { SUBJECT } from '../contenders/roster.ts';
import { describeLoad, type LoadCase } from '../load/load-case.ts';
import { race } from '../race.ts';
import { throughput } from '../report/race-table.ts';
import type { ClientOptions } from '../../src/index.ts';
import { type Gain, gainOf } from './gain.ts';

/** Where the servers are: as they are, or further away. */
export interface Place {
  readonly name: string;
  /** Default: as the bench has them. */
  readonly servers?: readonly Address[];
}

/** Options that are tried together, and what came of them under each load in each place. */
export interface Candidate {
  readonly options: ClientOptions;
  readonly gains: readonly Gain[];
  /** Why there is less than there should be, if so. */
  readonly failure?: string;
}

/** Races candidates with the default, in turns. A candidate that fails anywhere has no gains left. */
export async function sweep(
  bench: Bench,
  candidates: readonly ClientOptions[],
  { loads, places }: { readonly loads: readonly LoadCase[]; readonly places: readonly Place[] },
): Promise<Candidate[]> {
  const gains = candidates.map((): Gain[] => []);
  const failures = candidates.map((): string | undefined => undefined);
  for (const place of places) {
    for (const load of loads) {
      const title = `${describeLoad(load)}${place.name}`;
      const entries = [SUBJECT, ...candidates.map(memvolleyWith)].map((contender, number) => ({
        label: number === 0 ? 'default' : JSON.stringify(candidates[number - 1]),
        contender,
        load,
        ...(place.servers !== undefined && { servers: place.servers }),
      }));
      const [usual, ...tried] = await race(bench, title, entries);
      if (usual.failure !== undefined) throw new Error(`${title}: ${usual.failure}`);
      for (const [i, { failure, slices }] of tried.entries()) {
        failures[i] ??= failure;
        const rates = { usual: usual.slices.map(throughput), tried: slices.map(throughput) };
        if (failure === undefined) gains[i].push(gainOf({ title, ...rates }));
      }
    }
  }
  return candidates.map((options, i) => {
    const failure = failures[i];
    return failure === undefined ? { options, gains: gains[i] } : { options, gains: [], failure };
  });
}
