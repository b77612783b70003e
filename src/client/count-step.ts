import type { CountOptions } from './call-options.ts';
import type { Key } from './read.ts';

/** A count comes back as what the delta was. */
export type Count<D extends number | bigint> = D extends bigint ? bigint : number;

/** One step of a counter. */
export interface Step<D extends number | bigint> {
  readonly verb: 'incr' | 'decr';
  readonly key: Key;
  readonly delta: D;
  readonly options: CountOptions | undefined;
}
