import { CODEC_DEFAULTS, resolveCodecOptions } from '../codec/codec-options.ts';
import type { CodecOptions, ResolvedCodecOptions } from '../codec/codec-options.ts';
import { parseServers } from '../connection/address.ts';
import { checkCredentials } from '../connection/auth.ts';
import { CONNECTION_DEFAULTS } from '../connection/options.ts';
import { checkTls } from '../connection/tls.ts';
import { discoveryOf } from '../discovery/discovery-option.ts';
import { IllegalInputError } from '../errors.ts';
import { kindOf } from '../primitives/kind.ts';
import { FLEET_DEFAULTS, type FleetOptions } from '../routing/fleet-options.ts';
import { hasherOf } from '../routing/hashers.ts';
import { SERVER_DEFAULTS } from '../server/options.ts';
import { check, illegalOption } from './check.ts';
import type { Rules } from './check.ts';
import { FACADE_DEFAULTS } from './options.ts';
import type { ClientOptions, ResolvedOptions } from './options.ts';
import { from } from './origin.ts';
import { PROFILES } from './profiles.ts';
import { LONGEST_MS, RULES } from './rules.ts';
import { secret } from './secret.ts';
import { optionsFromUrl } from './url.ts';

const DEFAULTS = {
  ...FACADE_DEFAULTS,
  ...FLEET_DEFAULTS,
  ...CONNECTION_DEFAULTS,
  ...SERVER_DEFAULTS,
};

/** From a URL, a string of servers or options: every option checked, filled in and frozen. */
export function resolveOptions(input: string | URL | ClientOptions): ResolvedOptions {
  const asGiven = optionsOf(input);
  check(asGiven, RULES);
  const given = withProfile(asGiven);
  const defaults = { ...DEFAULTS, ...codecOptionsOf(given) };
  const filled = fill(defaults, given, RULES);
  const { reconnect, retry, health, window, timeoutMs, tls, auth, gutter } =
    filled as unknown as ClientDefaults;
  checkOrder('reconnect', reconnect, ['minMs', 'maxMs']);
  checkOrder('retry', retry, ['delayMs', 'maxDelayMs']);
  checkOrder('window', window, ['min', 'max']);
  checkOrder('health', health, ['probeMs', 'deadTimeoutMs']);
  const resolved = {
    ...filled,
    ...placesOf(given, gutter),
    stallTimeoutMs: given.stallTimeoutMs ?? Math.min(2 * timeoutMs, LONGEST_MS),
    tls: typeof tls === 'object' ? secret(checkTls(tls, true)) : tls,
    auth: typeof auth === 'object' ? secret(checkCredentials(auth)) : auth,
  };
  return Object.freeze(resolved as unknown as ResolvedOptions);
}

type ClientDefaults = typeof DEFAULTS;

/** What the profile sets, where nothing else is given. */
function withProfile(given: ClientOptions): ClientOptions {
  if (given.profile === undefined) return given;
  const { format, hash, hashes, keys } = PROFILES[given.profile];
  const asked = Object.entries(given).filter(([, value]) => value !== undefined);
  return {
    format,
    hash,
    hashedPart: hashes,
    keyRule: keys,
    ...(Object.fromEntries(asked) as ClientOptions),
  };
}

/** Everything that says where servers are, looked into before a byte is sent. */
function placesOf(
  given: ClientOptions,
  gutter: FleetOptions['gutter'],
): Pick<ResolvedOptions, 'servers' | 'gutter' | 'discovery'> {
  const { discovery, failover } = given;
  const servers = serversOf(given);
  hasherOf(given.hash ?? FLEET_DEFAULTS.hash);
  const spares = gutter.servers.length === 0 ? [] : parseServers(gutter.servers, 'gutter.servers');
  if ((failover === 'gutter') !== spares.length > 0) {
    const problem = "must name the spare servers with failover 'gutter', and none without it";
    throw illegalOption('gutter.servers', problem);
  }
  const addresses = servers === undefined ? [] : parseServers(servers);
  const both = spares.find((spare) => addresses.some(({ name }) => name === spare.name));
  if (both !== undefined)
    throw illegalOption('gutter.servers', `must be spare: ${both.name} is one of servers, too`);
  return {
    servers: Object.freeze(addresses),
    gutter: Object.freeze({ servers: Object.freeze(spares), ttl: gutter.ttl }),
    discovery: discovery === undefined ? undefined : discoveryOf(discovery),
  };
}

/** The servers as given; undefined where a discovery stands in their place. */
function serversOf({ servers, discovery }: ClientOptions): ClientOptions['servers'] {
  if (discovery === undefined) {
    if (servers !== undefined) return servers;
    throw illegalOption('servers', "must be given, or 'discovery' instead of it");
  }
  // What a client with a discovery has in its `config`.
  if (servers === undefined || servers.length === 0) return undefined;
  throw illegalOption('discovery', "stands in the place of 'servers': give one of them");
}

/** What a client is made from, as options. Throws IllegalInputError for a URL it cannot read, and what is neither. */
export function optionsOf(input: unknown): ClientOptions {
  if (input instanceof URL) return from('URL', optionsFromUrl(input.href));
  if (typeof input === 'string') {
    return input.includes('://') ? from('URL', optionsFromUrl(input)) : { servers: input };
  }
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    const allowed = 'a memcached:// URL or an object of options with servers';
    const message = `a client is made from ${allowed}; got ${kindOf(input)}`;
    throw new IllegalInputError('ERR_MEMCACHE_OPTION', message);
  }
  return input;
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

/** The second of two parts of a group must not be less than the first. */
function checkOrder<Part extends string>(
  name: string,
  group: Readonly<Record<Part, unknown>>,
  [least, most]: readonly [Part, Part],
): void {
  if ((group[most] as number) >= (group[least] as number)) return;
  const problem = `must not be less than ${name}.${least}, which is ${String(group[least])}`;
  throw illegalOption(`${name}.${most}`, problem);
}
