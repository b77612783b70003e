import type { Inspection } from '../client/inspection.ts';
import type { InspectOptions } from '../client/meta-options.ts';
import { checkMetaCall, needs } from '../client/meta-rules.ts';
import type { Key } from '../client/read.ts';
import type { FallbackClients } from './fallback-clients.ts';
import { remaining, searchMany, searchOne } from './fallback-search.ts';
import { readToken, type Token, tokenFor, wrongToken } from './fallback-token.ts';

/** One `inspect` or `inspectMany`, by its options. */
export class FallbackInspect {
  readonly #clients: FallbackClients;
  readonly #options: InspectOptions | undefined;
  readonly #unless: Token | undefined;
  readonly #began: number = performance.now();

  /** Throws IllegalInputError (ERR_MEMCACHE_OPTION). */
  constructor(
    clients: FallbackClients,
    verb: 'inspect' | 'inspectMany',
    options: InspectOptions | undefined,
  ) {
    this.#clients = clients;
    this.#options = options;
    this.#unless = readToken(options?.unlessCas, clients.all.length);
    if (options === undefined) return;
    // The inner fallbacks of a token are not looked into.
    const cas = this.#unless?.cas.split('.').at(-1);
    checkMetaCall(Object(options) === options ? { ...options, unlessCas: cas } : options, verb);
    needs(verb, options, 'newCas', ['vivify']);
    needs(verb, options, 'unlessCas', ['value']);
    if (options.unlessCas !== undefined && cas === undefined)
      throw wrongToken('ERR_MEMCACHE_OPTION', `option 'unlessCas' of ${verb}`);
  }

  async one<T>(key: Key): Promise<Inspection<T> | undefined> {
    const search = this.#clients.reading(this.#options, true);
    const found = await searchOne(search, async (client, rest, at) =>
      tokenFor(at, await client.inspect<T>(key, this.#existing(rest, at))),
    );
    if (found !== undefined || this.#options?.vivify === undefined) return found;
    return tokenFor(0, await this.#clients.first.inspect<T>(key, this.#vivifying()));
  }

  /** By place of the keys, which are all different. */
  async many<T>(keys: readonly Key[]): Promise<(Inspection<T> | undefined)[]> {
    const search = this.#clients.reading(this.#options, true);
    const found: (Inspection<T> | undefined)[] = await searchMany(
      search,
      keys,
      async (client, asked, rest, at) => {
        const items = await client.inspectMany<T>(asked, this.#existing(rest, at));
        return asked.map((key) => tokenFor(at, items.get(key)));
      },
    );
    const missing = keys.filter((_, place) => found[place] === undefined);
    if (missing.length === 0 || this.#options?.vivify === undefined) return found;
    const made = await this.#clients.first.inspectMany<T>(missing, this.#vivifying());
    return found.map((item, place) => item ?? tokenFor(0, made.get(keys[place])));
  }

  /** An item made in one client would hide that of the next; one that is only read stays as it is. */
  #existing(rest: InspectOptions | undefined, at: number): InspectOptions | undefined {
    if (rest === undefined) return undefined;
    const { vivify: _made, newCas: _its, touch, recache, ...read } = rest;
    const unlessCas = this.#unless?.at === at ? this.#unless.cas : undefined;
    return at < this.#clients.changed.length
      ? { ...read, unlessCas, touch, recache }
      : { ...read, unlessCas };
  }

  #vivifying(): InspectOptions | undefined {
    const unlessCas = this.#unless?.at === 0 ? this.#unless.cas : undefined;
    return { ...remaining(this.#options, this.#began), unlessCas };
  }
}
