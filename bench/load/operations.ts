import type { Connected } from '../contenders/contender.ts';
import { uniformDraws, zipfDraws } from './keys.ts';
import { GET_MANY_KEYS, type LoadCase } from './load-case.ts';
import { valueFor } from './values.ts';

/** What a caller repeats. `start` answers the client's own promise, so that no frame of ours is timed with it. */
export interface Operation {
  /** Keys per call. */
  readonly weight: number;
  start(): Promise<unknown>;
  /** Takes the value out of the answer and says whether it is there. */
  answered(reply: unknown): boolean;
}

const BATCHES = 64;
const VALUES = 16;
const present = (value: unknown): boolean =>
  value !== undefined && value !== null && value !== false;

function cycle<T>(list: ArrayLike<T>): () => T {
  let at = 0;
  return () => {
    if (at === list.length) at = 0;
    return list[at++];
  };
}

export function reading(client: Connected, keys: readonly string[]): Operation {
  const draw = cycle(uniformDraws(keys.length));
  return {
    weight: 1,
    start: () => client.get(keys[draw()]),
    answered: (reply) => present(client.valueOf(reply)),
  };
}

/** Reads keys in one call and answers how to find the value of one of them in the reply. */
export interface ManyRead {
  read(keys: readonly string[]): Promise<unknown>;
  valueIn(reply: unknown, key: string, index: number): unknown;
}

export function manyRead(client: Connected, { operation }: LoadCase): ManyRead {
  const { valueIn, getMany, getValues } = client;
  const read = operation === 'getValues' ? getValues : getMany;
  if (read === undefined || valueIn === undefined) throw new Error('has no many-key read');
  return { read, valueIn };
}

function readingMany(client: Connected, load: LoadCase, keys: readonly string[]): Operation {
  const { read, valueIn } = manyRead(client, load);
  const count = Math.min(GET_MANY_KEYS, keys.length);
  const batches = Array.from({ length: BATCHES }, () => {
    const first = Math.floor(Math.random() * (keys.length - count + 1));
    return keys.slice(first, first + count);
  });
  const next = cycle(batches);
  return {
    weight: count,
    start: () => {
      const batch = next();
      return read(batch).then((reply) => valueIn(reply, batch[count - 1], count - 1));
    },
    answered: present,
  };
}

export function writing(
  client: Connected,
  load: Pick<LoadCase, 'kind' | 'size'>,
  keys: readonly string[],
): Operation {
  const key = cycle(keys);
  const value = cycle(
    Array.from({ length: VALUES }, (_, index) => valueFor(load.kind, load.size, index)),
  );
  return { weight: 1, start: () => client.set(key(), value()), answered: present };
}

/** Nine gets to a set, on keys of Zipf popularity. */
function mixed(client: Connected, load: LoadCase, keys: readonly string[]): Operation {
  const draw = cycle(zipfDraws(keys.length));
  const value = cycle(
    Array.from({ length: VALUES }, (_, index) => valueFor(load.kind, load.size, index)),
  );
  let turn = 0;
  return {
    weight: 1,
    start: () => {
      const key = keys[draw()];
      return ++turn % 10 === 0 ? client.set(key, value()) : client.get(key);
    },
    answered: present,
  };
}

export function operationOf(client: Connected, load: LoadCase, keys: readonly string[]): Operation {
  switch (load.operation) {
    case 'getMany':
    case 'getValues':
      return readingMany(client, load, keys);
    case 'set':
      return writing(client, load, keys);
    case 'mixed':
      return mixed(client, load, keys);
    case 'get':
    case 'burst':
      return reading(client, keys);
    case 'service':
      throw new Error('a service is a process of its own');
    case 'encode':
    case 'decode':
      throw new Error('a codec has no client');
  }
}
