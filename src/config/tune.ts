import { IllegalInputError } from '../errors.ts';
import { kindOf } from '../primitives/kind.ts';
import { check, illegalOption, object } from './check.ts';
import type { OptionPath } from './config.ts';
import type { ClientOptions } from './options.ts';
import { flat } from './paths.ts';
import { RULES } from './rules.ts';

/** What can change; of groups every part. */
const TUNABLE = [
  'timeoutMs',
  'stallTimeoutMs',
  'connectTimeoutMs',
  'idleProbeMs',
  'closeTimeoutMs',
  'ttl',
  'ttlJitter',
  'maxTtl',
  'onError',
  'onUnreadable',
  'retry',
  'health',
  'volleyKeys',
  'volleyBytes',
  'flush',
  'connections',
  'reconnect',
  'maxQueued',
  'maxPending',
  'maxInFlight',
  'maxQueueMs',
  'whenFull',
  'bulkBytes',
  'warnValueBytes',
  'compressFromBytes',
  'minGain',
  'offload',
  'offloadFromBytes',
  'movedGraceMs',
] as const;

type Tunable = (typeof TUNABLE)[number];

/** The options that can change while a client is in use. All else takes a new client. */
export interface TuneOptions extends Pick<ClientOptions, Tunable> {
  /** Both bounds of the adaptive window, where the client has one. */
  readonly window?: Pick<NonNullable<ClientOptions['window']>, 'min' | 'max'> | undefined;
}

/** What `tune` has changed, by path; nothing that was so before. */
export type TuneChanges = Readonly<
  Partial<
    Record<
      OptionPath,
      {
        /** As it was. */
        readonly before: unknown;
        /** As it is from now on. */
        readonly after: unknown;
      }
    >
  >
>;

const ALSO = ['window.min', 'window.max'];

/** What to do instead, where that is not a new client. */
const INSTEAD: Readonly<Record<string, string>> = {
  servers: 'use setServers',
  discovery: 'rediscover() asks it again',
  auth: 'make a new client; a function would be asked for each new connection',
  tls: 'make a new client; a function would be asked for each new connection',
};

export const isTunable = (path: string): boolean =>
  (TUNABLE as readonly string[]).includes(path.split('.')[0]) || ALSO.includes(path);

/** What is to change, by path. Throws IllegalInputError (ERR_MEMCACHE_OPTION) for the first option that cannot. */
export function tuned(changes: TuneOptions): Map<string, unknown> {
  if (!object.accepts(changes)) {
    const message = `tune takes an object of options; got ${kindOf(changes)}`;
    throw new IllegalInputError('ERR_MEMCACHE_OPTION', message);
  }
  check(changes, RULES);
  const said = flat(changes);
  for (const path of said.keys()) {
    if (isTunable(path)) continue;
    const instead = INSTEAD[path] ?? 'make a new client';
    throw illegalOption(path, `cannot change while the client is in use: ${instead}`);
  }
  return said;
}
