import { setImmediate as turn } from 'node:timers/promises';
import type { MemcacheError } from '../../../src/errors.ts';
import type { Clock } from '../../../src/stampede/clock.ts';
import { Fetching } from '../../../src/stampede/fetching.ts';
import { KeyFetch } from '../../../src/stampede/key-fetch.ts';
import type { KeyPort } from '../../../src/stampede/key-port.ts';
import type { Leases } from '../../../src/stampede/leases.ts';
import { LockLeases } from '../../../src/stampede/lock-leases.ts';
import type { Look } from '../../../src/stampede/look.ts';
import { answerOf } from '../../../src/stampede/waiting.ts';
import { ServerLeases } from '../../../src/stampede/server-leases.ts';
import type { Terms } from '../../../src/stampede/terms.ts';

/** Time that passes when a test says so. */
export class SimulatedClock implements Clock {
  #now = 0;
  readonly #timers: { at: number; run: () => void }[] = [];
  readonly #random: () => number;

  constructor(random: () => number = () => 0.5) {
    this.#random = random;
  }

  get pending(): number {
    return this.#timers.length;
  }

  now(): number {
    return this.#now;
  }

  random(): number {
    return this.#random();
  }

  after(ms: number, run: () => void): void {
    this.#timers.push({ at: this.#now + ms, run });
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(ms, resolve);
    });
  }

  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await turn();
    for (;;) {
      const next = this.#timers.toSorted((a, b) => a.at - b.at).at(0);
      if (next === undefined || next.at > end) break;
      this.#timers.splice(this.#timers.indexOf(next), 1);
      this.#now = Math.max(this.#now, next.at);
      next.run();
      await turn();
    }
    this.#now = end;
  }
}

interface Item {
  kind: Look['kind'];
  value: unknown;
  cas: number;
  /** Milliseconds of the clock. */
  ends: number;
  spoiled: boolean;
  given: boolean;
}

/** Whole seconds, as the options of `fetch` have them. */
export interface Times {
  readonly ttl: number;
  readonly staleFor: number;
  readonly recacheBefore: number;
  readonly lock: number;
}

const TIMES: Times = { ttl: 100, staleFor: 0, recacheBefore: 0, lock: 10 };

/** What memcached does with leases and locks, as `mg` with N and R, `md` with C and I, `cas` and `add` do. */
export class SimulatedCache {
  readonly clock: SimulatedClock;
  /** Every command. */
  readonly log: string[] = [];
  /** What every command rejects with. */
  failure: Error | undefined;
  readonly #items = new Map<string, Item>();
  #cas = 0;

  constructor(clock: SimulatedClock = new SimulatedClock()) {
    this.clock = clock;
  }

  async command<T>(name: string, run: () => T): Promise<T> {
    this.log.push(name);
    if (this.failure !== undefined) throw this.failure;
    return run();
  }

  item(key: string): Item | undefined {
    const item = this.#items.get(key);
    if (item !== undefined && item.ends > this.clock.now()) return item;
    this.#items.delete(key);
    return undefined;
  }

  put(key: string, value: unknown, seconds: number, kind: Look['kind'] = 'value'): Item {
    const ends = this.clock.now() + seconds * 1000;
    const item = { kind, value, cas: ++this.#cas, ends, spoiled: false, given: false };
    this.#items.set(key, item);
    return item;
  }

  remove(key: string): void {
    this.#items.delete(key);
  }

  spoil(key: string, seconds?: number): void {
    const item = this.item(key);
    if (item === undefined) return;
    item.spoiled = true;
    item.given = false;
    item.cas = ++this.#cas;
    if (seconds !== undefined) item.ends = this.clock.now() + seconds * 1000;
  }

  read(key: string): Look {
    const item = this.item(key);
    const none = { stale: false, won: false, lost: false, lease: '' };
    if (item === undefined) return { kind: 'empty', value: undefined, ...none };
    return { kind: item.kind, value: item.value, ...none, lease: String(item.cas) };
  }

  look(key: string, { lock, staleFor, recacheBefore }: Times): Look {
    const found = this.item(key) ?? this.put(key, undefined, lock, 'empty');
    const left = found.ends - this.clock.now();
    const isDue =
      found.kind === 'empty' || found.spoiled || left < (staleFor + recacheBefore) * 1000;
    const won = isDue && !found.given;
    const lost = found.given;
    if (won) found.given = true;
    const stale = found.spoiled || (found.kind !== 'empty' && left < staleFor * 1000);
    return { kind: found.kind, value: found.value, stale, won, lost, lease: String(found.cas) };
  }
}

/** The commands about one key. */
class SimulatedPort implements KeyPort {
  readonly id: string;
  readonly #cache: SimulatedCache;
  readonly #times: Times;
  readonly #leases: boolean;

  constructor(cache: SimulatedCache, key: string, times: Times, leases: boolean) {
    this.#cache = cache;
    this.id = key;
    this.#times = times;
    this.#leases = leases;
  }

  look(): Promise<Look> {
    return this.#cache.command('look', () =>
      this.#leases ? this.#cache.look(this.id, this.#times) : this.#cache.read(this.id),
    );
  }

  lookWithToken(): Promise<Look> {
    return this.#cache.command('lookWithToken', () => this.#cache.read(this.id));
  }

  add(value: unknown): Promise<boolean> {
    return this.#cache.command('add', () => {
      const isFree = this.#cache.item(this.id) === undefined;
      if (isFree) this.#put(value);
      return isFree;
    });
  }

  replace(token: string, value: unknown): Promise<boolean> {
    return this.#cache.command('replace', () => this.#if(token, () => this.#put(value)));
  }

  remove(token: string): Promise<boolean> {
    return this.#cache.command('remove', () => this.#if(token, () => this.#cache.remove(this.id)));
  }

  spoil(token: string): Promise<boolean> {
    return this.#cache.command('spoil', () => this.#if(token, () => this.#cache.spoil(this.id)));
  }

  lock(owner: string): Promise<boolean> {
    return this.#cache.command('lock', () => {
      const isFree = this.#cache.item(this.#beside) === undefined;
      if (isFree) this.#cache.put(this.#beside, owner, this.#times.lock);
      return isFree;
    });
  }

  lockOwner(): Promise<string | undefined> {
    return this.#cache.command(
      'lockOwner',
      () => this.#cache.item(this.#beside)?.value as string | undefined,
    );
  }

  unlock(): Promise<unknown> {
    return this.#cache.command('unlock', () => this.#cache.remove(this.#beside));
  }

  get #beside(): string {
    return `${this.id}:lock`;
  }

  #put(value: unknown): void {
    const { ttl, staleFor } = this.#times;
    this.#cache.put(this.id, value, ttl + staleFor, value === undefined ? 'nothing' : 'value');
  }

  #if(token: string, change: () => void): boolean {
    const isSame = String(this.#cache.item(this.id)?.cas) === token;
    if (isSame) change();
    return isSame;
  }
}

const TERMS: Terms = {
  lockMs: 10_000,
  wait: 'stale',
  waitMs: 10_000,
  background: false,
  remembersNothing: false,
  failsWithCache: false,
};

export interface Fetch {
  readonly terms?: Partial<Terms>;
  readonly times?: Partial<Times>;
  readonly load?: () => unknown;
  readonly signal?: AbortSignal;
  readonly key?: string;
}

/** A process of those that share a cache. */
export class SimulatedProcess {
  readonly room: Fetching;
  readonly guards: unknown[] = [];
  readonly failures: unknown[] = [];
  loads = 0;
  readonly #cache: SimulatedCache;
  readonly #leases: boolean;

  constructor(cache: SimulatedCache, leases = true) {
    this.#cache = cache;
    this.#leases = leases;
    const events = {
      guarded: (error: unknown) => this.guards.push(error),
      failedBehind: (error: unknown) => this.failures.push(error),
    };
    this.room = new Fetching(events, cache.clock);
  }

  /** A fetch by one caller, as the client makes it: the first look is its own. */
  fetch(how: Fetch = {}): Promise<unknown> {
    const [answer] = this.fetches(1, how);
    return answer;
  }

  /** Fetches of one moment: they share the first look. */
  fetches(
    count: number,
    { terms, times, load = () => 'loaded', signal, key = 'k' }: Fetch = {},
  ): Promise<unknown>[] {
    const port = new SimulatedPort(this.#cache, key, { ...TIMES, ...times }, this.#leases);
    const look = port.look();
    const counted = (): unknown => {
      this.loads++;
      return load();
    };
    const parts = { terms: { ...TERMS, ...terms }, leases: this.leases(port), load: counted };
    const waiting = { room: this.room, terms: parts.terms, signal };
    return Array.from({ length: count }, async () => {
      const fetch = new KeyFetch(this.room, parts);
      let seen: Look;
      try {
        seen = await look;
      } catch (error) {
        return answerOf(waiting, fetch, fetch.failed(error as MemcacheError));
      }
      return answerOf(waiting, fetch, fetch.begin(seen));
    });
  }

  leases(port: KeyPort): Leases {
    const { locks } = this.room;
    return this.#leases ? new ServerLeases(port, locks) : new LockLeases(port, locks);
  }
}

/** A promise that can be looked at. */
export function watched(promise: Promise<unknown>): { state: string; value: unknown } {
  const seen: { state: string; value: unknown } = { state: 'pending', value: undefined };
  promise.then(
    (value) => Object.assign(seen, { state: 'answered', value }),
    (error: unknown) => Object.assign(seen, { state: 'rejected', value: error }),
  );
  return seen;
}

/** What so many watched promises are, once they have this value. */
export const answered = (value: unknown, count: number): { state: string; value: unknown }[] =>
  Array.from({ length: count }, () => ({ state: 'answered', value }));
