import { MemcacheError } from '../../index.ts';
import type { LoneServer } from '../connecting.ts';
import { errorSentence } from '../error-sentence.ts';
import { type Rates, ratesOf, type Sample } from './sample.ts';

/** A server over the time that has passed since the last look. */
export interface Reading {
  readonly server: string;
  /** Undefined where it did not answer, and in the first look after it did not. */
  readonly rates: Rates | undefined;
  readonly error: string | undefined;
}

/** Round trips for each look: few, they are commands of the server too. */
const ROUND_TRIPS = 5;

/** Looks at servers again and again; one that does not answer is no reason to stop. */
export class Watch {
  readonly #servers: readonly LoneServer[];
  readonly #last = new Map<string, Sample>();

  constructor(servers: readonly LoneServer[]) {
    this.#servers = servers;
  }

  look(): Promise<Reading[]> {
    return Promise.all(this.#servers.map((server) => this.#read(server)));
  }

  async #read({ name, client }: LoneServer): Promise<Reading> {
    const before = this.#last.get(name);
    try {
      const after = await sampleOf(client);
      this.#last.set(name, after);
      const rates = before === undefined ? undefined : ratesOf(before, after);
      return { server: name, rates, error: undefined };
    } catch (error) {
      if (!(error instanceof MemcacheError)) throw error;
      this.#last.delete(name);
      return { server: name, rates: undefined, error: errorSentence(error) };
    }
  }
}

async function sampleOf(client: LoneServer['client']): Promise<Sample> {
  const [stats = new Map<string, never>()] = (await client.stats()).values();
  const atMs = performance.now();
  const roundTrips: number[] = [];
  for (let i = 0; i < ROUND_TRIPS; i++) {
    const begin = performance.now();
    await client.version();
    roundTrips.push(performance.now() - begin);
  }
  return { atMs, stats, roundTrips: roundTrips.toSorted((a, b) => a - b) };
}
