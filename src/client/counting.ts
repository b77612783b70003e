import { IllegalInputError, MemcacheClientError } from '../errors.ts';
import { kindOf } from '../primitives/kind.ts';
import { exptime } from '../protocol/ttl.ts';
import type { Calls } from './calls.ts';
import type { CountOptions } from './call-options.ts';
import type { Core } from './core.ts';
import type { Key } from './read.ts';

/** A count comes back as what the delta was. */
export type Count<D extends number | bigint> = D extends bigint ? bigint : number;

const LARGEST = 2n ** 64n - 1n;

/** One step of a counter. */
export interface Step<D extends number | bigint> {
  readonly verb: 'incr' | 'decr';
  readonly key: Key;
  readonly delta: D;
  readonly options: CountOptions | undefined;
}

/**
 * Steps a counter. One that is missing and has an `initial` is made with `add`, so that of several callers one makes
 * it and all count; it carries the flags of an integer, which one made by the server itself would lack.
 */
export async function count<D extends number | bigint>(
  core: Core,
  calls: Calls,
  step: Step<D>,
): Promise<Count<D> | undefined> {
  const { verb, key, options } = step;
  const delta = whole(step.delta, 'delta');
  const initial = options?.initial === undefined ? undefined : whole(options.initial, 'initial');
  const { initial: _initial, ttl, ...callOptions } = options ?? {};
  // Refused now, or it would be refused only where the counter is missing, after it has been asked for.
  exptime(ttl ?? core.options.ttl);
  const ends = core.deadline(verb, options);
  const left = (): number => Math.max(1, ends - performance.now());
  const once = (): Promise<bigint | undefined> =>
    calls.askOne<bigint | undefined>(
      { verb, key, options: { ...callOptions, timeoutMs: left() } },
      (answer) => answer,
      (server, wire, sink) => server.count({ verb, key: wire, delta }, { sink, tag: 0 }),
    );
  let result = await once();
  if (result === undefined && initial !== undefined) {
    const sum = stepped(verb, initial, delta);
    const made = await calls.storeOne(
      { verb: 'add', key, value: sum },
      { ...callOptions, ttl, timeoutMs: left(), codec: core.counter },
      (answer) => answer === 'stored',
    );
    result = made ? sum : await once();
  }
  return result === undefined ? undefined : asGiven(result, step);
}

function whole(value: unknown, name: string): bigint {
  const number = typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value;
  if (typeof number === 'bigint' && number >= 0n && number <= LARGEST) return number;
  const message = `${name} must be a whole number from 0 to 2^64 - 1, not ${kindOf(value)}`;
  throw new IllegalInputError('ERR_MEMCACHE_VALUE', message);
}

/** As the server counts: up it wraps, down it stops at 0. */
function stepped(verb: 'incr' | 'decr', from: bigint, delta: bigint): bigint {
  if (verb === 'incr') return (from + delta) & LARGEST;
  return from > delta ? from - delta : 0n;
}

function asGiven<D extends number | bigint>(result: bigint, { verb, delta }: Step<D>): Count<D> {
  if (typeof delta === 'bigint') return result as Count<D>;
  if (result <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(result) as Count<D>;
  throw new MemcacheClientError(
    'ERR_MEMCACHE_VALUE',
    'the counter has passed 2^53: count with a bigint delta; the cause of this error is its exact value',
    { command: verb, sent: 'yes', cause: result },
  );
}
