import type { Connected } from '../contenders/contender.ts';
import type { Random } from '../support/random.ts';
import type { Distribution } from './distributions.ts';
import { drawing, type Stock } from './keys.ts';
import type { LoadOperation } from './load-case.ts';
import { namesItsKey } from './values.ts';
import type { Workload } from './workloads.ts';

/** What callers repeat, by the number of the call. All that is random was drawn beforehand. */
export interface Operation {
  /** Keys of that call. */
  keysOf(call: number): number;
  /** Waits until it may be made. Default: at once. */
  turn?(call: number): Promise<void>;
  /** Answers the client's own promise, so that no frame of ours is timed with it. */
  start(call: number): Promise<unknown>;
  /** Takes the value out of the answer and says whether it is what it should be. */
  answered(reply: unknown, call: number): boolean;
}

/** A power of two, and several for each key that is stored. */
const LEAST_DRAWS = 65_536;
const DRAWS_PER_KEY = 4;
const PAGES = 1024;
const present = (value: unknown): boolean =>
  value !== undefined && value !== null && value !== false;

/**
 * What is asked for, and how closely answers are looked at while they are timed. Checked: each for its name; else for
 * being there, and of many keys the last for its name.
 */
export interface Asking {
  readonly operation: LoadOperation;
  readonly workload: Workload;
  readonly stock: Stock;
  readonly random: Random;
  readonly checked: boolean;
}

/** Single calls: mostly an index of a key that is stored, of one that never is, or ~index of one that is to be. */
function drawsOf({ workload, stock, random }: Asking): Int32Array {
  const stored = stock.values.length;
  const draw = drawing(workload.popularity, stored);
  const length = Math.max(LEAST_DRAWS, 2 ** Math.ceil(Math.log2(DRAWS_PER_KEY * stored)));
  return Int32Array.from({ length }, () => {
    const index = draw(random);
    if (random.share() < workload.writes) return ~index;
    return random.share() < workload.misses ? index + stored : index;
  });
}

function single(asking: Asking): (client: Connected) => Operation {
  const { keys, values } = asking.stock;
  const { checked } = asking;
  const draws = drawsOf(asking);
  const mask = draws.length - 1;
  const stored = values.length;
  return (client) => ({
    keysOf: () => 1,
    start: (call) => {
      const drawn = draws[call & mask];
      return drawn >= 0 ? client.get(keys[drawn]) : client.set(keys[~drawn], values[~drawn]);
    },
    answered: (reply, call) => {
      const drawn = draws[call & mask];
      if (drawn < 0) return present(reply);
      const value = client.valueOf(reply);
      if (drawn >= stored) return !present(value);
      return present(value) && (!checked || namesItsKey(values[drawn], value));
    },
  });
}

/** Reads keys in one call and answers how to find the value of one of them in the reply. */
export interface ManyRead {
  read(keys: readonly string[]): Promise<unknown>;
  valueIn(reply: unknown, key: string, index: number): unknown;
}

export function manyRead(client: Connected, operation: LoadOperation): ManyRead {
  const { valueIn, getMany, getValues } = client;
  const read = operation === 'getValues' ? getValues : getMany;
  if (read === undefined || valueIn === undefined) throw new Error('has no many-key read');
  return { read, valueIn };
}

/** Whether a reply has a value for each of so many keys. Counted, not looked at: the callers are timed meanwhile. */
function holdsAll(reply: unknown, keys: number): boolean {
  if (reply instanceof Map) return reply.size === keys;
  if (Array.isArray(reply)) {
    return reply.length === keys && !reply.includes(undefined) && !reply.includes(null);
  }
  return typeof reply === 'object' && reply !== null && Object.keys(reply).length === keys;
}

interface Page {
  /** The index of its first key. */
  readonly first: number;
  readonly keys: readonly string[];
}

/** A page is a run of keys from the one that was drawn on: none comes twice in it. */
function pagesOf({ stock, workload, random }: Asking, length: Distribution): Page[] {
  const stored = stock.values.length;
  const draw = drawing(workload.popularity, stored);
  return Array.from({ length: PAGES }, () => {
    const count = Math.min(length(random), stored);
    const first = Math.min(draw(random), stored - count);
    return { first, keys: stock.keys.slice(first, first + count) };
  });
}

function paged(asking: Asking, length: Distribution): (client: Connected) => Operation {
  const { values } = asking.stock;
  const pages = pagesOf(asking, length);
  const mask = PAGES - 1;
  return (client) => {
    const { read, valueIn } = manyRead(client, asking.operation);
    return {
      keysOf: (call) => pages[call & mask].keys.length,
      start: (call) => read(pages[call & mask].keys),
      answered: (reply, call) => {
        const { first, keys } = pages[call & mask];
        const right = (index: number): boolean =>
          namesItsKey(values[first + index], valueIn(reply, keys[index], index));
        if (asking.checked) return keys.every((_, index) => right(index));
        return holdsAll(reply, keys.length) && right(keys.length - 1);
      },
    };
  };
}

/** Draws what is asked for once; then any number of clients may be asked for it. */
export function operationOf(asking: Asking): (client: Connected) => Operation {
  const { page } = asking.workload;
  return page === undefined ? single(asking) : paged(asking, page);
}
