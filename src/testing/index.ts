export { startMemcached } from './start-memcached.ts';
export type { RunningMemcached, StartMemcachedOptions } from './start-memcached.ts';
