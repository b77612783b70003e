import type { ValueCodec } from '../codec/value-codec.ts';
import type { WireKey } from '../protocol/key.ts';
import type { StoreAnswer } from '../server/store-command.ts';
import { ManyAnswer, SingleAnswer } from './answers.ts';
import { checkAsIs } from './as-is.ts';
import type { Call } from './call.ts';
import type { StoreOptions } from './call-options.ts';
import type { Core } from './core.ts';
import type { StoreCall } from './key-calls.ts';
import { storingQuietly } from './noreply.ts';
import { bytesIn } from './pending.ts';
import type { Key } from './read.ts';
import { type SendStore, store } from './stores.ts';

/** Begins to store a value. Throws what is wrong with the call. */
export function beginStore<R, A>(
  core: Core,
  given: {
    what: StoreCall<A>;
    wire: WireKey;
    options: StoreOptions | undefined;
    read: (answer: A) => R;
  },
): Call<R> {
  const { what, wire, options, read } = given;
  const { verb, key, value, cas } = what;
  const deadline = core.deadline(verb, options);
  const exact = what.counter === true ? 'exact' : undefined;
  const exptime = core.exptime(options?.ttl ?? core.options.ttl, exact);
  const codec = codecFor(core, what, options);
  const quiet = options?.noreply === true;
  const call = new SingleAnswer<A, R>(deadline, quiet ? nothing<R> : read);
  call.bytes = bytesIn(value);
  const by = options?.routeBy ?? key;
  const send = quiet ? storingQuietly : (what.send ?? (storing as SendStore<A>));
  if (core.begin(call, options))
    store(core, { verb, key, by, wire, value, exptime, cas, codec, call, tag: 0, send });
  return call;
}

/** Begins to store many values. Throws what is wrong with the call. */
export function beginStores(
  core: Core,
  given: {
    pairs: readonly [Key, unknown][];
    wires: readonly WireKey[];
    options: StoreOptions | undefined;
  },
): Call<true> {
  const { pairs, wires, options } = given;
  const verb = 'set';
  const deadline = core.deadline('setMany', options);
  const codec = core.codecFor(options?.codec);
  const keys = pairs.map(([key]) => key);
  const exptimes = pairs.map(() => core.exptime(options?.ttl ?? core.options.ttl));
  const quiet = options?.noreply === true;
  const done = quiet ? nothing<true> : (): true => true;
  const call = new ManyAnswer<Key, StoreAnswer, true>(deadline, keys, done);
  for (const [, value] of pairs) call.bytes += bytesIn(value);
  if (!core.begin(call, options)) return call;
  const items = pairs.map(([key, value], tag) => {
    const wire = wires[tag];
    return {
      verb,
      key,
      by: options?.routeBy ?? key,
      wire,
      value,
      exptime: exptimes[tag],
      cas: undefined,
      codec,
      call,
      send: quiet ? storingQuietly : storing,
      tag,
    } as const;
  });
  for (const item of items) store(core, item);
  return call;
}

/** None for what goes out as it is. */
function codecFor(
  core: Core,
  { verb, value, asIs }: Omit<StoreCall<never>, 'send'>,
  options: StoreOptions | undefined,
): ValueCodec | undefined {
  if (asIs !== true) return core.codecFor(options?.codec);
  checkAsIs(verb, value, core.options.checksum);
  return undefined;
}

const storing: SendStore<StoreAnswer> = (server, request, waiting) => {
  server.store(request, waiting);
};

/** What a call with `noreply` is answered, which its type says: there is nothing to make an answer of. */
const nothing = <R>(): R => undefined as R;
