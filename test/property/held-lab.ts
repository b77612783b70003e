// A client of a server whose answers come when a test lets them through, and a record of what it may be told.
import assert from 'node:assert/strict';
import { Duplex } from 'node:stream';
import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises';
import * as fc from 'fast-check';
import {
  type ClientOptions,
  createClient,
  type FleetClient,
  ManyError,
  MemcacheError,
} from '../../src/index.ts';
import { type ReadRequest, RequestReader } from '../../src/testing/fake-request.ts';

/** What memcached would answer at once; how much of that arrives, and when, the test decides. */
class Server {
  readonly #items = new Map<string, string>();
  readonly #streams = new Set<Held>();

  connect(): Duplex {
    const stream = new Held((request) => this.#answer(request));
    this.#streams.add(stream);
    stream.once('close', () => this.#streams.delete(stream));
    return stream;
  }

  /** Keys that have been asked for and not answered, of the connection that has most of them. */
  get owed(): number {
    return Math.max(0, ...[...this.#streams].map((stream) => stream.owed));
  }

  deliver(bytes: number): void {
    for (const stream of this.#streams) stream.deliver(bytes);
  }

  reset(): void {
    for (const stream of this.#streams) stream.destroy(new Error('reset'));
  }

  #answer({ verb, keys: [key], keys, data }: ReadRequest): string {
    switch (verb) {
      case 'version':
        return 'VERSION 1.4.0\r\n';
      case 'set':
        this.#items.set(key, data.toString());
        return 'STORED\r\n';
      case 'delete':
        return this.#items.delete(key) ? 'DELETED\r\n' : 'NOT_FOUND\r\n';
      case 'get':
        return `${keys.map((one) => this.#item(one)).join('')}END\r\n`;
      default:
        throw new Error(`nobody should ask ${verb}`);
    }
  }

  #item(key: string): string {
    const value = this.#items.get(key);
    return value === undefined ? '' : `VALUE ${key} 16 ${value.length}\r\n${value}\r\n`;
  }
}

/** A stream whose answers wait until they are let through. */
class Held extends Duplex {
  readonly #reader = new RequestReader();
  readonly #answer: (request: ReadRequest) => string;
  /** Answers, and how many keys each is about. */
  readonly #held: { text: string; keys: number }[] = [];

  constructor(answer: (request: ReadRequest) => string) {
    super();
    this.#answer = answer;
  }

  get owed(): number {
    return this.#held.reduce((sum, { keys }) => sum + keys, 0);
  }

  deliver(bytes: number): void {
    let text = '';
    while (this.#held.length > 0 && text.length < bytes) {
      const [first] = this.#held;
      const part = first.text.slice(0, bytes - text.length);
      text += part;
      first.text = first.text.slice(part.length);
      if (first.text === '') this.#held.shift();
    }
    if (text !== '') this.push(Buffer.from(text, 'latin1'));
  }

  override _write(chunk: Buffer, _encoding: unknown, done: () => void): void {
    // The caller's memory is the caller's again after this.
    for (const request of this.#reader.read(Buffer.from(chunk)))
      this.#held.push({ text: this.#answer(request), keys: request.keys.length });
    done();
  }

  override _read(): void {}
}

export type Fate = 'open' | 'done' | 'not sent' | 'maybe';

/** A change of a key, in the order in which they were asked for. */
interface Change {
  /** What the key holds afterwards; undefined for nothing. */
  readonly value: string | undefined;
  fate: Fate;
}

/** A client, what it was asked, and what it may answer. */
export class Lab {
  readonly server: Server = new Server();
  readonly client: FleetClient;
  readonly #changes = new Map<string, Change[]>();
  readonly #calls: Promise<void>[] = [];
  readonly #aborts: AbortController[] = [];
  /** An answer can be asked for a second time after one: it may then see what was asked for later. */
  resets = 0;
  #values = 0;
  /** Calls that had all the time they need, and were late. */
  #late = 0;

  constructor(options: Partial<ClientOptions> = {}) {
    this.client = createClient({
      servers: 'test',
      connect: () => this.server.connect(),
      dialect: 'classic',
      maxValueBytes: 1_000_000,
      offload: 'never',
      stallTimeoutMs: 60_000,
      reconnect: { minMs: 1, maxMs: 2 },
      timeoutMs: 10_000,
      ...options,
    });
  }

  get(keys: readonly string[], timeoutMs: number | undefined): void {
    const asked = keys.map((key) => ({ key, before: this.#of(key).length }));
    const { resets } = this;
    this.#call(timeoutMs, async (options) => {
      const found =
        keys.length === 1
          ? new Map([[keys[0], await this.client.get(keys[0], options)]])
          : await this.client.getMany(keys, options);
      for (const { key, before } of asked) {
        const last = this.resets === resets ? before : this.#of(key).length;
        this.#check(key, found.get(key), before, last);
      }
    });
  }

  change(key: string, stores: boolean, timeoutMs: number | undefined): void {
    const change = this.#begin(key, stores);
    this.#call(timeoutMs, async (options) => {
      try {
        if (change.value === undefined) await this.client.delete(key, options);
        else await this.client.set(key, change.value, options);
        change.fate = 'done';
      } catch (error) {
        change.fate = fateBy(error);
        throw error;
      }
    });
  }

  setMany(keys: readonly string[], timeoutMs: number | undefined): void {
    const changes = new Map(keys.map((key) => [key, this.#begin(key, true)]));
    this.#call(timeoutMs, async (options) => {
      try {
        await this.client.setMany(
          keys.map((key) => [key, changes.get(key)?.value] as const),
          options,
        );
        for (const change of changes.values()) change.fate = 'done';
      } catch (error) {
        for (const [key, change] of changes) {
          if (!(error instanceof ManyError)) change.fate = fateBy(error);
          else change.fate = error.errors.has(key) ? fateBy(error.errors.get(key)) : 'done';
        }
        throw error;
      }
    });
  }

  /** What became of the last change of a key. */
  latest(key: string): Fate | undefined {
    return this.#of(key).at(-1)?.fate;
  }

  abort(which: number): void {
    this.#aborts.at(-1 - which)?.abort();
  }

  /** Everything that was held comes, until every call is settled. */
  async end(): Promise<void> {
    await this.until(Promise.all(this.#calls));
    assert.equal(this.#late, 0, 'nothing moved until the deadline');
  }

  /** Lets answers come until this is settled. */
  async until(settled: Promise<unknown>): Promise<void> {
    let open = true;
    const end = settled.finally(() => (open = false));
    end.catch(() => {});
    const giveUp = Date.now() + 20_000;
    while (open) {
      assert.ok(Date.now() < giveUp, 'a call is never settled');
      this.server.deliver(Infinity);
      await turn();
    }
    await end;
  }

  /** It lies within what `before` changes, at least, and `last`, at most, may have left. */
  #check(key: string, value: unknown, before: number, last: number): void {
    const changes = this.#of(key).slice(0, last);
    const allowed: unknown[] = changes.slice(before).map((change) => change.value);
    let certain = false;
    for (const change of changes.slice(0, before).toReversed()) {
      if (change.fate === 'not sent') continue;
      allowed.push(change.value);
      certain = change.fate === 'done';
      if (certain) break;
    }
    if (!certain) allowed.push(undefined);
    assert.ok(allowed.includes(value), `${key}: ${String(value)} is none of ${String(allowed)}`);
  }

  #call(
    timeoutMs: number | undefined,
    act: (options: { signal: AbortSignal; timeoutMs?: number }) => Promise<void>,
  ): void {
    const controller = new AbortController();
    this.#aborts.push(controller);
    const options = {
      signal: controller.signal,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    };
    const call = act(options).catch((error: unknown) => {
      if (!(error instanceof MemcacheError)) throw error;
      if (timeoutMs === undefined && error.code === 'ERR_MEMCACHE_TIMEOUT') this.#late++;
    });
    // What it finds wrong is told at the end.
    call.catch(() => {});
    this.#calls.push(call);
  }

  #begin(key: string, stores: boolean): Change {
    const change: Change = { value: stores ? `${key}#${this.#values++}` : undefined, fate: 'open' };
    this.#of(key).push(change);
    return change;
  }

  #of(key: string): Change[] {
    const changes = this.#changes.get(key) ?? [];
    this.#changes.set(key, changes);
    return changes;
  }
}

const fateBy = (error: unknown): Fate =>
  error instanceof MemcacheError && error.sent === 'no' ? 'not sent' : 'maybe';

export interface Step {
  readonly what: string;
  readonly act: (lab: Lab) => unknown;
}

export const step = (what: string, act: Step['act']): Step =>
  ({ what, act, toString: () => what }) as Step;

const keys = fc.constantFrom('a', 'b', 'c');
export const timeouts: fc.Arbitrary<number | undefined> = fc.option(fc.constantFrom(1, 3), {
  freq: 4,
  nil: undefined,
});

export const gets: fc.Arbitrary<Step> = fc
  .tuple(fc.uniqueArray(keys, { minLength: 1, maxLength: 3 }), timeouts)
  .map(([some, ms]) => step(`get ${some.join(' ')} ${ms ?? ''}`, (lab) => lab.get(some, ms)));
export const changes: fc.Arbitrary<Step> = fc
  .tuple(keys, fc.boolean(), timeouts)
  .map(([key, stores, ms]) =>
    step(`${stores ? 'set' : 'delete'} ${key} ${ms ?? ''}`, (lab) => lab.change(key, stores, ms)),
  );
const deliveries = fc
  .integer({ min: 1, max: 40 })
  .map((bytes) => step(`deliver ${bytes}`, ({ server }) => server.deliver(bytes)));
const aborts = fc.nat({ max: 3 }).map((which) => step(`abort ${which}`, (lab) => lab.abort(which)));
const turns = fc.constant(step('turn', () => turn()));
const pauses = fc.constant(step('pause', () => pause(2)));
const resets = fc.constant(
  step('reset', (lab) => {
    lab.resets++;
    lab.server.reset();
  }),
);

/** These calls, each as often as it weighs, amid all that may become of them. */
export function among(...calls: fc.WeightedArbitrary<Step>[]): fc.Arbitrary<Step[]> {
  const any = fc.oneof(
    ...calls,
    { weight: 8, arbitrary: deliveries },
    { weight: 3, arbitrary: aborts },
    { weight: 8, arbitrary: turns },
    { weight: 2, arbitrary: pauses },
    { weight: 1, arbitrary: resets },
  );
  return fc.array(any, { maxLength: 60, size: 'max' });
}
