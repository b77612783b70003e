import { IllegalInputError, MemcacheClientError, type MemcacheError } from '../errors.ts';
import { kindOf } from '../primitives/kind.ts';
import { asSent } from '../retry/policy.ts';
import type { ChangeOptions } from './call-options.ts';
import type { Core } from './core.ts';
import type { Count, Step } from './count-step.ts';
import type { KeyCalls } from './key-calls.ts';
import { type Change, changeOne } from './noreply.ts';

const LARGEST = 2n ** 64n - 1n;

/**
 * Steps a counter. One that is missing and has an `initial` is made with `add`, so that of several callers one makes
 * it and all count; it carries the flags of an integer, which one made by the server itself would lack. Without an
 * answer nobody learns that it is missing, so then the `add` goes before every step.
 */
export async function count<D extends number | bigint>(
  core: Core,
  calls: KeyCalls,
  step: Step<D>,
): Promise<Count<D> | undefined> {
  const { key, options } = step;
  const ends = core.deadline(step.verb, options);
  const { verb, delta } = directed(step);
  const initial = options?.initial === undefined ? undefined : whole(options.initial, 'initial');
  const { initial: _initial, signed: _signed, ttl, ...others } = options ?? {};
  // Refused now, or it would be refused only where the counter is missing, after it has been asked for.
  core.exptime(ttl ?? core.options.ttl, 'exact');
  const rest = (): ChangeOptions => ({
    ...others,
    timeoutMs: Math.max(1, ends - performance.now()),
  });
  const once = (): Promise<bigint | undefined> =>
    changeOne(calls, stepping(verb, delta), key, rest());
  const make = (value: bigint): Promise<boolean> =>
    calls.storeOne(
      { verb: 'add', key, value, counter: true },
      { ...rest(), ttl, codec: core.counter },
      (answer) => answer === 'stored',
    );
  if (options?.noreply === true) {
    await allSent(initial === undefined ? [once()] : [make(initial), once()]);
    return undefined;
  }
  let result = await once();
  if (result === undefined && initial !== undefined) {
    const sum = stepped(verb, initial, delta);
    result = (await make(sum)) ? sum : await once();
  }
  return result === undefined ? undefined : asGiven(result, step);
}

/** Which way a step goes, and how far. */
function directed({ verb, delta, options }: Step<number | bigint>): {
  verb: 'incr' | 'decr';
  delta: bigint;
} {
  const isNumber = typeof delta === 'number' || typeof delta === 'bigint';
  if (options?.signed !== true || !isNumber || delta >= 0)
    return { verb, delta: whole(delta, 'delta') };
  return { verb: verb === 'incr' ? 'decr' : 'incr', delta: whole(-delta, 'delta') };
}

const stepping = (verb: 'incr' | 'decr', delta: bigint): Change<bigint | undefined> => ({
  verb,
  send: (server, key, sink) => server.count({ verb, key, delta }, { sink, tag: 0 }),
  quiet: (key) => ({ verb, key, delta }),
});

/** Commands that left together; where one failed and another left, that failure may have had an effect. */
async function allSent(commands: readonly Promise<unknown>[]): Promise<void> {
  const outcomes = await Promise.allSettled(commands);
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed === undefined) return;
  const error = failed.reason as MemcacheError;
  throw outcomes.some(({ status }) => status === 'fulfilled') ? asSent(error) : error;
}

export function whole(value: unknown, name: string): bigint {
  const number = typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value;
  if (typeof number === 'bigint' && number >= 0n && number <= LARGEST) return number;
  const message = `${name} must be a whole number from 0 to 2^64 - 1, not ${kindOfCount(value)}`;
  throw new IllegalInputError('ERR_MEMCACHE_VALUE', message);
}

function kindOfCount(value: unknown): string {
  if (typeof value === 'bigint') return value < 0n ? 'a negative bigint' : 'a larger bigint';
  const inexact = Number.isInteger(value) && Math.abs(value as number) > Number.MAX_SAFE_INTEGER;
  return inexact ? 'a number beyond 2^53, which a bigint can say' : kindOf(value);
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
