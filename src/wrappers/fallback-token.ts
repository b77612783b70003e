import { IllegalInputError } from '../errors.ts';

/** A cas token, and the place of the client that gave it. */
export interface Token {
  readonly at: number;
  readonly cas: string;
}

/** An item whose token says which client it is for. */
export const tokenFor = <I extends { readonly cas: string }>(
  client: number,
  item: I | undefined,
): I | undefined => (item === undefined ? undefined : { ...item, cas: `${client}.${item.cas}` });

/** Undefined for what none of so many clients gave. */
export function readToken(token: unknown, clients: number): Token | undefined {
  const parts = typeof token === 'string' ? /^(\d{1,9})\.(.+)$/.exec(token) : null;
  if (parts === null || Number(parts[1]) >= clients) return undefined;
  return { at: Number(parts[1]), cas: parts[2] };
}

export const wrongToken = (
  code: 'ERR_MEMCACHE_VALUE' | 'ERR_MEMCACHE_OPTION',
  what: string,
): IllegalInputError => new IllegalInputError(code, `${what} must be one that gets answered`);
