import { setTimeout as pause } from 'node:timers/promises';
import { createClient, type FleetClient } from '../../src/index.ts';
import { type Address, hostPort } from '../contenders/contender.ts';
import type { Manners } from './manners.ts';

const BATCH = 100;
/** What a client had sent before it was ended may arrive after the first deletion: the second is of all keys again. */
const OF_ALL_KEYS = 2;
const ATTEMPTS = 3;
const BETWEEN_ATTEMPTS_MS = 200;

/** Knows every key that a client may have stored, and deletes them wherever that client may have placed them. */
export class Tidying {
  readonly #manners: Manners;
  readonly #servers: readonly Address[];
  readonly #keys = new Set<string>();

  constructor(manners: Manners, servers: readonly Address[]) {
    this.#manners = manners;
    this.#servers = servers;
  }

  /** To be said before the first of them is stored. */
  expect(keys: readonly string[]): void {
    for (const key of keys) this.#keys.add(key);
  }

  /** Answers what became of it, in a sentence for each server. No client may be at work any more. */
  async tidy(): Promise<string[]> {
    if (this.#keys.size === 0) return [];
    const names = this.#servers.map(hostPort);
    const told = await Promise.allSettled(names.map((server) => this.#tidyServer(server)));
    return told.map((one, i) =>
      one.status === 'fulfilled'
        ? one.value
        : `${names[i]}: ${this.#mayBeLeft()} (${(one.reason as Error).message})`,
    );
  }

  #mayBeLeft(): string {
    const { prefix, ttlSeconds } = this.#manners;
    return `keys that begin with ${prefix} may be left and expire in ${ttlSeconds} s`;
  }

  async #tidyServer(server: string): Promise<string> {
    const client = createClient({ servers: [server] });
    try {
      const all = [...this.#keys];
      let left = all;
      for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
        if (attempt > 1) await pause(BETWEEN_ATTEMPTS_MS);
        left = await this.#delete(client, attempt <= OF_ALL_KEYS ? all : left);
        if (left.length === 0 && attempt >= OF_ALL_KEYS) break;
      }
      const { prefix, ttlSeconds } = this.#manners;
      return left.length === 0
        ? `${server}: no key that begins with ${prefix} is left`
        : `${server}: ${left.length} keys that begin with ${prefix} could not be deleted and expire in ${ttlSeconds} s`;
    } finally {
      await client.close({ timeoutMs: 0 });
    }
  }

  /** Answers those of the keys that are there nevertheless, or of which that is not known. */
  async #delete(client: FleetClient, keys: readonly string[]): Promise<string[]> {
    const left: string[] = [];
    const perSecond = this.#manners.limits?.operationsPerSecond;
    for (let at = 0; at < keys.length; at += BATCH) {
      const batch = keys.slice(at, at + BATCH);
      try {
        await client.deleteMany(batch);
        const there = await client.getMany(batch);
        left.push(...batch.filter((key) => there.has(key)));
      } catch {
        left.push(...batch);
      }
      if (perSecond !== undefined) await pause((2000 * BATCH * this.#servers.length) / perSecond);
    }
    return left;
  }
}
