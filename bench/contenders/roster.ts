import { ALWAYS, AUTO, INLINE } from './codec-modes.ts';
import type { Contender } from './contender.ts';
import { ioredis } from './ioredis.ts';
import { memcache } from './memcache.ts';
import { memcacheClient } from './memcache-client.ts';
import { memcached } from './memcached.ts';
import { memjs } from './memjs.ts';
import { memvolley } from './memvolley.ts';
import { CHECKED, MARKED, UNGUARDED } from './memvolley-guards.ts';
import { memvolleyVerbs } from './memvolley-verbs.ts';
import { noCache } from './no-cache.ts';
import { nodeRedis } from './node-redis.ts';
import { rawSocket } from './raw-socket.ts';

export const SUBJECT: Contender = memvolley;
export const CEILING: Contender = rawSocket;
export const NO_CACHE: Contender = noCache;
export const RIVALS: readonly Contender[] = [
  memjs,
  memcached,
  memcacheClient,
  memcache,
  ioredis,
  nodeRedis,
];

const EVERYBODY = [
  SUBJECT,
  memvolleyVerbs,
  UNGUARDED,
  MARKED,
  CHECKED,
  ...RIVALS,
  CEILING,
  NO_CACHE,
  INLINE,
  AUTO,
  ALWAYS,
];

export function contenderNamed(name: string): Contender {
  const found = EVERYBODY.find((contender) => contender.name === name);
  if (found === undefined) throw new Error(`no contender is called ${name}`);
  return found;
}
