import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import type { KeyVerbs } from '../../src/client/key-verbs.ts';
import type { Key } from '../../src/index.ts';

/** One that no item of these tests will have. */
export const NO_TOKEN = '9999999999999999999';

export const KEYS: readonly string[] = ['a', 'b', 'c', 'd', 'ключ', 'with a blank'];
const BINARY = Buffer.from('with a blank');

/** A key of the model as a caller gives it: one of them only a meta command can carry. */
export const as = (key: string): Key => (isBinary(key) ? BINARY : key);
const isBinary = (key: string): boolean => key === 'with a blank';

/** What a call answers by its caller's keys, by those of the model. */
export const byName = <V>(answers: Map<Key, V>): Map<string, V> =>
  new Map([...answers].map(([key, answer]) => [String(key), answer]));

/** Seconds by which a server's clock, which ticks once a second, and ours may differ. */
const CLOCKS_APART = 3;

/** Values from this length on may be compressed. */
export const LONG = 4096;

/** The value of an item that says there is none: a read misses it, all else finds it. */
export const NOTHING: unique symbol = Symbol('nothing');

/** An item as a server with room for everything holds it. */
export interface Item {
  readonly value: unknown;
  /** What its writer notes of it; undefined where that is a matter of options. */
  readonly flags: number | undefined;
  /** Its cas token: the next one of all there are. */
  readonly token: number;
  /** Bytes of a counter: those of the longest value it had since it was stored. */
  readonly width: number;
  /** Seconds of the clock; undefined for no end. */
  readonly ends: number | undefined;
  readonly fetched: boolean;
  readonly stale: boolean;
  /** Somebody has been told to renew it. */
  readonly won: boolean;
}

/** In the client's own format; text that may be compressed is a matter of options. */
function flagsOf(value: unknown): number | undefined {
  if (typeof value === 'string') return value.length < LONG ? 16 : undefined;
  if (Buffer.isBuffer(value)) return value.length > 0 ? 0 : 0x600;
  if (value === NOTHING) return 0x1000;
  return Number.isSafeInteger(value) ? 2 : 32;
}

const seconds = (): number => Date.now() / 1000;

const endOf = (ttl: number): number | undefined => (ttl === 0 ? undefined : seconds() + ttl);

/** What a server with room for everything would hold. */
export class Model {
  readonly items: Map<string, Item> = new Map();
  /** The token each key had when it was last looked at. */
  readonly seen: Map<string, number> = new Map();
  #token = 0;

  /** An item of its own, in place of whatever was there. */
  store(key: string, value: unknown, ttl: number = 0): void {
    this.#put(key, { ...FRESH, ...writing(value), ends: endOf(ttl) }, ttl);
  }

  /** Another value in an item that keeps its ttl: the server makes it a fresh one. */
  amend(key: string, value: unknown): void {
    const item = this.items.get(key);
    if (item === undefined) return;
    const { flags, ends } = item;
    this.#put(key, { ...FRESH, ...writing(value), flags, ends });
  }

  /** Another value in the same item where it fits into its bytes. */
  count(key: string, value: number): void {
    const item = this.items.get(key);
    if (item === undefined || widthOf(value) > item.width) this.amend(key, value);
    else this.#put(key, { ...item, value });
  }

  /** A use of the item, with another ttl or none. Where that is `mg`, it is the one that is told to renew it. */
  touch(key: string, ttl?: number): void {
    const item = this.items.get(key);
    if (item === undefined) return;
    const ends = ttl === undefined ? item.ends : endOf(ttl);
    const won = item.won || (item.stale && isBinary(key));
    this.#put(key, { ...item, fetched: true, ends, won }, ttl, item.token);
  }

  invalidate(key: string, ttl: number): void {
    const item = this.items.get(key);
    if (item !== undefined)
      this.#put(key, { ...item, stale: true, won: false, ends: endOf(ttl) }, ttl);
  }

  /** What a look at the item by `mg` makes of it: the first at a stale one is told to renew it. */
  look(key: string, bump: boolean): { won: boolean; lost: boolean } {
    const item = this.items.get(key);
    if (item === undefined) return { won: false, lost: false };
    const won = item.stale && !item.won;
    const fetched = item.fetched || bump;
    this.items.set(key, { ...item, fetched, won: item.won || won });
    return { won, lost: item.won };
  }

  /** What a read finds. */
  value(key: string): unknown {
    const stored = this.items.get(key)?.value;
    return stored === NOTHING ? undefined : stored;
  }

  /** Whether there is no item, or one of a kind. */
  isFree(key: string, kind: (stored: unknown) => boolean): boolean {
    const item = this.items.get(key);
    return item === undefined || kind(item.value);
  }

  /** The values that are there, in the order of the keys. */
  hits(keys: readonly string[]): Map<string, unknown> {
    return new Map(
      keys.filter((key) => this.value(key) !== undefined).map((key) => [key, this.value(key)]),
    );
  }

  see(key: string): void {
    const item = this.items.get(key);
    if (item !== undefined) this.seen.set(key, item.token);
  }

  /** What a command with the token that was last seen finds. */
  compare(key: string): 'missing' | 'exists' | 'same' {
    const item = this.items.get(key);
    if (item === undefined) return 'missing';
    return item.token === this.seen.get(key) ? 'same' : 'exists';
  }

  /** An item that has already expired is none. */
  #put(key: string, item: Omit<Item, 'token'>, ttl = 0, token: number = ++this.#token): void {
    if (ttl < 0) this.items.delete(key);
    else this.items.set(key, { ...item, token });
  }
}

const FRESH = { fetched: false, stale: false, won: false };
const widthOf = (value: unknown): number => (typeof value === 'number' ? String(value).length : 0);
const writing = (value: unknown): Pick<Item, 'value' | 'flags' | 'width'> => ({
  value,
  flags: flagsOf(value),
  width: widthOf(value),
});

export interface Real {
  /** A client or a namespace of it. */
  readonly cache: KeyVerbs;
  /** The token each key had when it was last looked at. */
  readonly tokens: Map<string, string>;
  /** Called for each step that is done alone. */
  readonly count: () => void;
}

/** What a step does to a server, and what it is answered there if the model is right. */
export interface Plan {
  readonly run: (real: Real) => Promise<unknown>;
  readonly expected: unknown;
}

/** A call. The model goes ahead when it is issued. */
export class Step implements fc.AsyncCommand<Model, Real> {
  readonly check: (model: Readonly<Model>) => boolean;
  readonly plan: (model: Model) => Plan;
  readonly #text: string;

  constructor(text: string, plan: Step['plan'], check: Step['check'] = () => true) {
    this.#text = text;
    this.plan = plan;
    this.check = check;
  }

  async run(model: Model, real: Real): Promise<void> {
    const { run, expected } = this.plan(model);
    real.count();
    assert.deepEqual(await run(real), expected, this.#text);
  }

  toString(): string {
    return this.#text;
  }
}

/** Long text says no more than where it is. */
const shown = (args: unknown): string => fc.stringify(args).replaceAll(/(?:long ){9,}/g, 'long …');

/** Steps of one verb: an arbitrary of their arguments, what they do, and to which items they can be done. */
export function steps<A>(
  verb: string,
  given: fc.Arbitrary<A>,
  plan: (args: A, model: Model) => Plan,
  check: (args: A, model: Readonly<Model>) => boolean = () => true,
): fc.Arbitrary<Step> {
  return given.map(
    (args) =>
      new Step(
        `${verb}(${shown(args)})`,
        (model) => plan(args, model),
        (model) => check(args, model),
      ),
  );
}

export const key: fc.Arbitrary<string> = fc.constantFrom(...KEYS);
export const keys: fc.Arbitrary<string[]> = fc.array(fc.oneof(key, fc.constant('never')), {
  maxLength: 8,
});
/** No end, within 30 days, beyond them, over. No test waits for an end. */
export const ttl: fc.Arbitrary<number> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(0, 100, 2_592_000, 4_000_000) },
  { weight: 1, arbitrary: fc.constant(-1) },
);
export const value: fc.Arbitrary<unknown> = fc.oneof(
  fc.nat({ max: 1000 }),
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  fc.record(
    { n: fc.integer(), list: fc.array(fc.boolean(), { maxLength: 4 }) },
    { noNullPrototype: true },
  ),
  fc.constantFrom(null, true, 1.5),
  fc.constant('long '.repeat(2000)),
);

export function sizeOf({ value: stored, width }: Item): number | undefined {
  if (typeof stored === 'string')
    return stored.length < LONG ? Buffer.byteLength(stored) : undefined;
  if (Buffer.isBuffer(stored)) return stored.length;
  if (stored === NOTHING) return 0;
  return Number.isSafeInteger(stored) ? width : undefined;
}

/** What a server says an item has left, as it is in the model where that is about the same. */
export function leftOf(told: number | undefined, ends: number | undefined): number | undefined {
  if (told === undefined || ends === undefined) return told;
  return Math.abs(ends - seconds() - told) <= CLOCKS_APART ? ends : told;
}
