import type { Ttl } from '../protocol/ttl.ts';
import type { MetaAnswer, MetaStatus } from '../server/meta-commands.ts';
import type { DebugLine } from '../server/meta-probes.ts';
import { whole } from './counting.ts';
import { type MetaItem, metaGetting, readOptions } from './inspection.ts';
import type { KeyCalls } from './key-calls.ts';
import type {
  MetaArithmeticOptions,
  MetaDeleteOptions,
  MetaGetOptions,
  MetaSetOptions,
} from './meta-options.ts';
import { checkMetaCall, needs } from './meta-rules.ts';
import type { CallOptions } from './call-options.ts';
import type { Key } from './read.ts';
import { metaSetting } from './meta-setting.ts';

/** What became of a meta store. */
export interface MetaSetAnswer {
  /** `not stored`: `mode` forbade it. `exists`: another token than `cas`. `missing`: nothing to compare with. */
  readonly status: 'stored' | 'not stored' | 'exists' | 'missing';
  /** The new token, with `returnCas`. */
  readonly cas: string | undefined;
  /** Bytes of the value as it is stored now, with `returnSize`. */
  readonly size: number | undefined;
}

/** What became of a meta delete: done, no such item, or an item with another token. */
export type MetaDeleteAnswer = 'deleted' | 'missing' | 'exists';

/** What became of a step of a counter; only a stored one tells more. */
export interface MetaArithmeticAnswer {
  /** `not stored`: somebody else made it first. `exists`: another token than `cas`. `missing`: there is none. */
  readonly status: 'stored' | 'not stored' | 'exists' | 'missing';
  /** The new value. */
  readonly value: bigint | undefined;
  /** The new token. */
  readonly cas: string | undefined;
  /** Whole seconds left; undefined for no end. */
  readonly ttl: number | undefined;
}

/** What the server keeps of an item. */
export interface ItemDebug {
  /** Whole seconds left; undefined for no end. */
  readonly ttl: number | undefined;
  /** Seconds since it was last used. */
  readonly lastAccess: number;
  /** Its token. */
  readonly cas: string;
  /** Whether it has been read since it was stored. */
  readonly fetched: boolean;
  /** The class of slabs it lies in. */
  readonly class: number;
  /** Bytes of the item, with key and header. */
  readonly size: number;
}

/**
 * The meta commands with every flag they have, as options. They need memcached 1.6.10; what a flag needs beyond that
 * stands at its option. What the server is too old for rejects with ERR_MEMCACHE_UNSUPPORTED before a byte is sent,
 * unless the server does not tell its release. Illegal options reject with ERR_MEMCACHE_OPTION.
 */
export class MetaVerbs {
  readonly #calls: KeyCalls;

  constructor(calls: KeyCalls) {
    this.#calls = calls;
  }

  /** `mg`: an item's value and what memcached knows of it, or undefined for a miss. */
  async get<T = unknown>(key: Key, options: MetaGetOptions = {}): Promise<MetaItem<T> | undefined> {
    const question = metaGetting(this.#calls, options);
    return this.#calls.readOne<MetaItem<T>>(question, key, readOptions(options));
  }

  /** `ms`: stores a value, as `set` does, under any condition there is. */
  async set(key: Key, value: unknown, options: MetaSetOptions = {}): Promise<MetaSetAnswer> {
    const { what, call } = metaSetting(this.#calls, key, value, options);
    const { returnCas, returnSize } = options;
    return this.#calls.storeOne<MetaSetAnswer, MetaAnswer>(what, call, ({ status, cas, size }) => {
      const stored = status === 'HD';
      return {
        status: STATUS[status],
        cas: stored && returnCas === true ? cas : undefined,
        size: stored && returnSize === true ? size : undefined,
      };
    });
  }

  /** `md`: removes an item, marks it stale, or leaves it without its value. */
  async delete(key: Key, options: MetaDeleteOptions = {}): Promise<MetaDeleteAnswer> {
    const verb = 'meta.delete';
    checkMetaCall(options, verb);
    for (const option of ['ttl', 'newCas'])
      needs(verb, options, option, ['invalidate', 'keepItem']);
    const { cas, invalidate, keepItem, ttl, newCas, opaque, proxy, ...call } = options;
    // What `x` leaves would have no end, whatever the client's `maxTtl` says.
    const exptime = this.#exptime(keepItem === true ? (ttl ?? 0) : ttl);
    const flags = { cas, invalidate, keepItem, exptime, newCas: textOf(newCas), opaque, proxy };
    return this.#calls.askOne<MetaAnswer, MetaDeleteAnswer>(
      { verb, key, options: call },
      ({ status }) => (status === 'HD' ? 'deleted' : status === 'EX' ? 'exists' : 'missing'),
      (server, wire, sink) => {
        server.meta({ verb: 'md', key: wire, ...flags }, { sink, tag: 0 });
      },
    );
  }

  /**
   * `ma`: steps a counter and answers its new value. One that `vivify` makes has the client flags 0, so that `get`
   * takes it for bytes; `incr` with `initial` makes one that it takes for a number.
   */
  async arithmetic(key: Key, options: MetaArithmeticOptions = {}): Promise<MetaArithmeticAnswer> {
    const verb = 'meta.arithmetic';
    checkMetaCall(options, verb);
    needs(verb, options, 'initial', ['vivify']);
    const {
      mode = 'incr',
      delta = 1,
      initial,
      vivify,
      ttl,
      cas,
      newCas,
      opaque,
      proxy,
      ...call
    } = options;
    const flags = {
      mode,
      delta: whole(delta, 'delta'),
      initial: initial === undefined ? undefined : whole(initial, 'initial'),
      vivify: this.#exptime(vivify, 'exact'),
      exptime: this.#exptime(ttl, 'exact'),
      cas,
      newCas: textOf(newCas),
      opaque,
      proxy,
    };
    return this.#calls.askOne<MetaAnswer, MetaArithmeticAnswer>(
      { verb, key, options: call },
      counted,
      (server, wire, sink) => {
        server.meta({ verb: 'ma', key: wire, ...flags }, { sink, tag: 0 });
      },
    );
  }

  /** `me`: what the server keeps of an item, for debugging; undefined where there is none. Changes nothing. */
  async debug(key: Key, options: CallOptions = {}): Promise<ItemDebug | undefined> {
    const verb = 'meta.debug';
    checkMetaCall(options, verb);
    return this.#calls.askOne<DebugLine | undefined, ItemDebug | undefined>(
      { verb, key, options },
      debugged,
      (server, wire, sink) => {
        server.debug(wire, { sink, tag: 0 });
      },
    );
  }

  #exptime(ttl: Ttl | undefined, exact?: 'exact'): number | undefined {
    return ttl === undefined ? undefined : this.#calls.exptime(ttl, exact);
  }
}

const STATUS: Readonly<Record<MetaStatus, MetaSetAnswer['status']>> = {
  HD: 'stored',
  VA: 'stored',
  NS: 'not stored',
  EX: 'exists',
  NF: 'missing',
};

const counted = ({ status, value, cas, ttl }: MetaAnswer): MetaArithmeticAnswer => ({
  status: STATUS[status],
  value,
  cas: cas === '' ? undefined : cas,
  ttl: ttl >= 0 ? ttl : undefined,
});

/** Before 1.6.24 the server counts the seconds that are left from the wrong end. */
function debugged(line: DebugLine | undefined): ItemDebug | undefined {
  if (line === undefined) return undefined;
  const { exp, la, cas, fetch, cls, size } = line;
  const ttl = exp === -1 ? undefined : Math.abs(exp);
  return { ttl, lastAccess: la, cas, fetched: fetch, class: cls, size };
}

const textOf = (token: bigint | string | undefined): string | undefined =>
  token === undefined ? undefined : String(token);
