import { CODEC_FORMS, type CodecOption, isCodecOption } from '../codec/codec-options.ts';
import type { Ttl } from '../protocol/ttl.ts';
import { ANY_CALL, type CallOptions, type CallRules, checkCall } from './call-options.ts';

/** How the items of a namespace are kept. */
export interface NamespaceOptions {
  /**
   * Milliseconds for which the version is relied on after it has been asked for; an invalidation by another process
   * is seen that much later. Default 0: it is asked for in the same moment as the items.
   */
  readonly versionCacheMs?: number | undefined;
  /** How long items live where the call does not say. Default: the client's `ttl`. */
  readonly ttl?: Ttl | undefined;
  /** Writes and reads values, unless the call names another codec. Default: the client's. */
  readonly codec?: CodecOption | undefined;
}

const RULES: CallRules = {
  versionCacheMs: {
    legal: (value) => typeof value === 'number' && value >= 0 && Number.isFinite(value),
    what: 'a number of milliseconds from 0',
  },
  ttl: {
    legal: (value) => typeof value === 'number' || value instanceof Date,
    what: 'whole seconds or a Date',
  },
  codec: { legal: isCodecOption, what: CODEC_FORMS },
};

/** Throws IllegalInputError (ERR_MEMCACHE_OPTION). */
export function checkNamespaceOptions(options: NamespaceOptions): void {
  checkCall(options, 'namespace', RULES);
}

/** What `invalidateNamespace` may be given. */
export type InvalidateNamespaceOptions = Pick<CallOptions, 'signal' | 'timeoutMs'>;

/** Throws IllegalInputError (ERR_MEMCACHE_OPTION). */
export function checkInvalidateNamespaceOptions(options: InvalidateNamespaceOptions): void {
  checkCall(options, 'invalidateNamespace', ANY_CALL);
}
