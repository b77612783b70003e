/**
 * What tests are made with: memcached, real and in the process, and a proxy that makes trouble.
 *
 * @module memvolley/testing
 */
export { Bottleneck } from './bottleneck.ts';
export type { ChaosConditions } from './chaos-conditions.ts';
export type { ChaosConnection } from './chaos-connection.ts';
export {
  type ChaosAdmission,
  type ChaosCounters,
  type ChaosProxy,
  type ChaosProxyOptions,
  startChaosProxy,
} from './chaos-proxy.ts';
export type { ChaosTarget } from './chaos-plan.ts';
export type {
  ChaosPoint,
  ChaosStrike,
  PendingStrike,
  PointStrike,
  UnitStrike,
  ValuePlace,
} from './chaos-strike.ts';
export type { ChaosDirection } from './chaos-way.ts';
export type { Listening } from './endpoint.ts';
export type { FakeAnswer, FakeHook, FakePeer } from './fake-conversation.ts';
export {
  type FakeMemcached,
  type FakeMemcachedOptions,
  startFakeMemcached,
} from './fake-memcached.ts';
export type { FakeRequest } from './fake-request.ts';
export type { MemcachedTls } from './memcached-arguments.ts';
export type { Split } from './splitter.ts';
export type { StreamUnit } from './stream-frames.ts';
export { startMemcached } from './start-memcached.ts';
export type { RunningMemcached, StartMemcachedOptions } from './start-memcached.ts';
