import { parseServer, type ServerAddress, type ServerSpec, twinIn } from '../connection/address.ts';
import { MemcacheConnectionError, type MemcacheError } from '../errors.ts';
import { kindOf } from '../primitives/kind.ts';
import { AllowList } from './allow-list.ts';
import type { Discovery } from './discovery.ts';
import { isLocal } from './local-address.ts';
import { checkBoolean, checkInteger, checkNames, illegalOption } from './option-check.ts';

/** What a discovered list must be to be believed. Whoever can forge one gets to see and answer all commands. */
export interface DiscoveryLimits {
  /** Servers a discovered list may name. Default 256, from 1. */
  readonly maxServers: number;
  /**
   * Part of the servers, 0 to 1, by which a discovered list may be shorter than the one in use; 1:
   * every step. Default 0.5.
   *
   * One server may always go, and the last one never. A longer step is held until it is asked for
   * by hand.
   */
  readonly maxShrink: number;
  /**
   * Nothing but these is believed: host names, suffixes such as `'.cache.amazonaws.com'`, IP
   * addresses, networks such as `'10.0.0.0/8'`. Default undefined, any.
   *
   * Names are not resolved: a network allows no host name.
   */
  readonly allow: readonly string[] | undefined;
  /**
   * A list from the network may name this machine and its link: loopback, link-local addresses,
   * unix sockets. Default false.
   *
   * A file and a static list may.
   */
  readonly allowLocal: boolean;
}

export const LIMITS_DEFAULTS: DiscoveryLimits = {
  maxServers: 256,
  maxShrink: 0.5,
  allow: undefined,
  allowLocal: false,
};

/** Looks at every list before it is used. */
export class Guard {
  readonly #name: string;
  readonly #limits: DiscoveryLimits;
  readonly #mayBeLocal: boolean;
  readonly #allow: AllowList | undefined;

  /** Throws IllegalInputError for limits it cannot work with. */
  constructor(discovery: Discovery, limits: Partial<DiscoveryLimits> = {}) {
    checkNames('discoveryLimits', limits, Object.keys(LIMITS_DEFAULTS));
    const { maxServers, maxShrink, allow, allowLocal } = { ...LIMITS_DEFAULTS, ...limits };
    checkInteger('discoveryLimits.maxServers', maxServers, 1, Number.MAX_SAFE_INTEGER);
    if (!Number.isFinite(maxShrink) || maxShrink < 0 || maxShrink > 1) {
      throw illegalOption('discoveryLimits.maxShrink', `must be 0 to 1; got ${kindOf(maxShrink)}`);
    }
    this.#name = discovery.name;
    this.#limits = { maxServers, maxShrink, allow, allowLocal };
    this.#mayBeLocal =
      checkBoolean('discoveryLimits.allowLocal', allowLocal) || discovery.local === true;
    this.#allow = allow === undefined ? undefined : new AllowList(allow, 'discoveryLimits.allow');
  }

  /**
   * The addresses a list stands for. Throws MemcacheConnectionError (ERR_MEMCACHE_PROTOCOL) for a
   * list that is not to be used. `force` lets it shrink by more than usual.
   */
  admit(
    specs: readonly ServerSpec[],
    inUse: readonly ServerAddress[],
    force: boolean = false,
  ): ServerAddress[] {
    const list: unknown = specs;
    if (!Array.isArray(list)) throw this.#refused(`${kindOf(list)} is no list of servers`);
    if (list.length === 0) throw this.#refused('the list is empty');
    const { maxServers } = this.#limits;
    if (list.length > maxServers) {
      throw this.#refused(`it names ${list.length} servers, more than discoveryLimits.maxServers`);
    }
    const addresses = list.map((spec: ServerSpec, index) => this.#parse(spec, index));
    const twin = twinIn(addresses);
    if (twin !== undefined) throw this.#refused(twin);
    for (const address of addresses) this.#refuseStranger(address);
    if (!force) this.#holdShrink(addresses.length, inUse.length);
    return addresses;
  }

  #parse(spec: ServerSpec, index: number): ServerAddress {
    try {
      return parseServer(spec);
    } catch (cause) {
      throw this.#refused(`what stands at place ${index + 1} is no server`, cause);
    }
  }

  #refuseStranger(address: ServerAddress): void {
    if (!this.#mayBeLocal && isLocal(address)) {
      throw this.#refused(`${address.name} is local, and discoveryLimits.allowLocal is false`);
    }
    if (this.#allow?.allows(address) === false) {
      throw this.#refused(`${address.name} is not in discoveryLimits.allow`);
    }
  }

  #holdShrink(servers: number, inUse: number): void {
    const most = Math.max(1, Math.floor(inUse * this.#limits.maxShrink));
    if (inUse - servers <= most) return;
    throw this.#refused(
      `it names ${servers} servers where ${inUse} are in use, a step longer than discoveryLimits.maxShrink; ` +
        'it is held until it is asked for by hand',
    );
  }

  #refused(problem: string, cause?: unknown): MemcacheError {
    const message = `the list of ${this.#name} is refused: ${problem}`;
    return new MemcacheConnectionError('ERR_MEMCACHE_PROTOCOL', message, { cause, sent: 'yes' });
  }
}
