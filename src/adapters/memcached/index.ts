/**
 * The callback API of npm `memcached`.
 *
 * @module memvolley/memcached
 */
import { Memcached } from './memcached.ts';

export { Memcached };
/** What `import Memcached from 'memcached'` becomes. */
export default Memcached;
/** What `require` answers: the class itself, as that of npm `memcached` (Node.js 20.19, 22.12 and newer). */
export { Memcached as 'module.exports' };
export type { ServerLocations } from './fleet.ts';
export type { IssueDetails, IssueEvent } from './issues.ts';
export type { PerServer, WithCas } from './memcached.ts';
export type { MemcachedOptions } from './options.ts';
export type {
  Callback,
  ManyCallback,
  Query,
  QueryType,
  ServersCallback,
  Validation,
} from './query.ts';
export type { Share } from './ring.ts';
export type { DumpedItem, ServerStat, ServerStats, ServerVersion } from './server-answers.ts';
