import { ALWAYS, AUTO, INLINE } from './codec-modes.ts';
import type { Contender } from './contender.ts';
import { ioredis } from './ioredis.ts';
import { loopAlone } from './loop-alone.ts';
import { memcache } from './memcache.ts';
import { memcacheClient } from './memcache-client.ts';
import { memcached } from './memcached.ts';
import { memjs } from './memjs.ts';
import { memvolley } from './memvolley.ts';
import { CHECKED, GUARDED, MARKED, UNGUARDED } from './memvolley-guards.ts';
import { METRICS_PRODUCED, METRICS_RECORDED, TRACED } from './memvolley-opentelemetry.ts';
import {
  BATCHES_HEARD,
  COMMANDS_HEARD,
  PERCENTILES,
  TIMED,
  UNHEARD,
} from './memvolley-telemetry.ts';
import { memvolleyVerbs } from './memvolley-verbs.ts';
import { memvolleyWithNamed } from './memvolley-with.ts';
import { noCache } from './no-cache.ts';
import { nodeRedis } from './node-redis.ts';
import { pylibmc, pymemcache } from './python-rivals.ts';
import { rawSocket, rawSocketQuiet } from './raw-socket.ts';
import { valkeyGlide } from './valkey-glide.ts';

export const SUBJECT: Contender = memvolley;
export const CEILINGS: readonly Contender[] = [rawSocket, rawSocketQuiet];
export const NO_CACHE: Contender = noCache;
export const LOOP_ALONE: Contender = loopAlone;
export const RIVALS: readonly Contender[] = [
  memjs,
  memcached,
  memcacheClient,
  memcache,
  ioredis,
  nodeRedis,
  valkeyGlide,
  pylibmc,
  pymemcache,
];

const EVERYBODY = [
  SUBJECT,
  memvolleyVerbs,
  GUARDED,
  UNGUARDED,
  MARKED,
  CHECKED,
  UNHEARD,
  BATCHES_HEARD,
  COMMANDS_HEARD,
  PERCENTILES,
  TIMED,
  METRICS_PRODUCED,
  METRICS_RECORDED,
  TRACED,
  ...RIVALS,
  ...CEILINGS,
  NO_CACHE,
  LOOP_ALONE,
  INLINE,
  AUTO,
  ALWAYS,
];

export function contenderNamed(name: string): Contender {
  const found = EVERYBODY.find((contender) => contender.name === name) ?? memvolleyWithNamed(name);
  if (found === undefined) throw new Error(`no contender is called ${name}`);
  return found;
}
