import type { CodecOption } from '../codec/codec-options.ts';
import type { Ttl } from '../protocol/ttl.ts';

/** What a verb is to assume where its call does not say. */
export interface CallDefaults {
  readonly ttl: Ttl;
  readonly ttlJitter: number;
  readonly maxTtl: number | undefined;
  /** An item without flags and bytes is no value: it may hold the place of one. */
  readonly emptyIsNothing: boolean;
  /** Another codec than the client's. */
  readonly codec?: CodecOption | undefined;
}
