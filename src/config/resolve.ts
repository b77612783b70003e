import { CODEC_DEFAULTS, resolveCodecOptions } from '../codec/codec-options.ts';
import type { CodecOptions, ResolvedCodecOptions } from '../codec/codec-options.ts';
import { parseServers } from '../connection/address.ts';
import { CONNECTION_DEFAULTS } from '../connection/options.ts';
import { IllegalInputError } from '../errors.ts';
import { kindOf } from '../primitives/kind.ts';
import { SERVER_DEFAULTS } from '../server/options.ts';
import { check, illegalOption } from './check.ts';
import type { Rules } from './check.ts';
import { FACADE_DEFAULTS } from './options.ts';
import type { ClientOptions, ResolvedOptions } from './options.ts';
import { LONGEST_MS, RULES } from './rules.ts';
import { secret } from './secret.ts';
import { optionsFromUrl } from './url.ts';

const DEFAULTS = { ...FACADE_DEFAULTS, ...CONNECTION_DEFAULTS, ...SERVER_DEFAULTS };

/** From a URL, a string of servers or options: every option checked, filled in and frozen. */
export function resolveOptions(input: string | URL | ClientOptions): ResolvedOptions {
  const given = optionsOf(input);
  check(given, RULES);
  const servers = Object.freeze(parseServers(given.servers));
  const defaults = { ...DEFAULTS, ...codecOptionsOf(given) };
  const filled = fill(defaults, given, RULES) as unknown as ResolvedOptions;
  checkRelations(filled);
  return Object.freeze({
    ...filled,
    servers,
    stallTimeoutMs: given.stallTimeoutMs ?? Math.min(2 * filled.timeoutMs, LONGEST_MS),
    tls: typeof filled.tls === 'object' ? secret(filled.tls) : filled.tls,
  });
}

function optionsOf(input: unknown): ClientOptions {
  if (input instanceof URL) return optionsFromUrl(input.href);
  if (typeof input === 'string') {
    return input.includes('://') ? optionsFromUrl(input) : { servers: input };
  }
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    const allowed = 'a memcached:// URL or an object of options with servers';
    const message = `a client is made from ${allowed}; got ${kindOf(input)}`;
    throw new IllegalInputError('ERR_MEMCACHE_OPTION', message);
  }
  return input as ClientOptions;
}

/** A codec's defaults depend on its format, so its own room fills them in. */
function codecOptionsOf(given: object): ResolvedCodecOptions {
  const own = Object.entries(given).filter(([name]) => Object.hasOwn(CODEC_DEFAULTS, name));
  return resolveCodecOptions(Object.fromEntries(own) as CodecOptions);
}

/**
 * The defaults with the given options over them, group by group. Nothing of it changes when the
 * caller's own do.
 */
function fill(defaults: object, given: object, rules: Rules): Record<string, unknown> {
  const filled: Record<string, unknown> = { ...defaults };
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    filled[name] = value instanceof Uint8Array ? new Uint8Array(value) : value;
  }
  for (const [name, { parts }] of Object.entries(rules)) {
    if (parts === undefined) continue;
    const givenPart = (given as Record<string, object | undefined>)[name] ?? {};
    const defaultPart = (defaults as Record<string, object>)[name];
    filled[name] = Object.freeze(fill(defaultPart, givenPart, parts));
  }
  return filled;
}

function checkRelations({ reconnect }: ResolvedOptions): void {
  if (reconnect.maxMs < reconnect.minMs) {
    throw illegalOption(
      'reconnect.maxMs',
      `must not be less than reconnect.minMs, which is ${reconnect.minMs}`,
    );
  }
}
