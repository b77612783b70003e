import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseServer, type ServerAddress } from '../connection/address.ts';
import { CONNECTION_DEFAULTS, type ConnectionOptions } from '../connection/options.ts';
import type { TlsOption } from '../connection/tls.ts';
import { MemcacheConnectionError, type MemcacheError } from '../errors.ts';
import type { ClusterConfig, ClusterNode, ConfigQuestion } from './cluster-config.ts';
import { askConfig } from './config-call.ts';
import type { DiscoverContext, Discovery } from './discovery.ts';

export interface ClusterParts {
  readonly name: string;
  readonly pollMs: number;
  readonly endpoint: ServerAddress;
  /** Nodes in use are asked before the endpoint. */
  readonly asksNodes: boolean;
  readonly question: ConfigQuestion;
  readonly timeoutMs: number;
  /** Which of its two addresses a node is reached by; undefined: the host with TLS, else the ip. */
  readonly address: 'ip' | 'host' | undefined;
  /** Undefined: as the client. */
  readonly tls: TlsOption | undefined;
  readonly connect: ((address: ServerAddress) => Duplex) | undefined;
}

/** A list with the version it was told under. */
interface VersionedList {
  readonly version: number;
  readonly servers: readonly ServerAddress[];
}

/** Amazon's own client asks as often and waits as long in between. */
const TRIES = 3;
const PAUSE_MS = 500;

/** Asks the nodes or the endpoint of a managed cluster which servers it has. */
export class ClusterDiscovery implements Discovery {
  readonly name: string;
  readonly pollMs: number;
  readonly #parts: ClusterParts;
  #turn = 0;
  /** The last answer. Only its use shows that it was believed. */
  #told: VersionedList | undefined;
  /** The answer in use. No older one replaces it: nodes learn of a change one after the other. */
  #inUse: VersionedList | undefined;

  constructor(parts: ClusterParts) {
    this.name = parts.name;
    this.pollMs = parts.pollMs;
    this.#parts = parts;
  }

  async discover(context: DiscoverContext): Promise<readonly ServerAddress[]> {
    const connection = this.#connection(context.connection);
    const config = await this.#ask(context, connection);
    const told = { version: config.version, servers: this.#servers(config, connection) };
    this.#inUse = [this.#told, this.#inUse].find(
      (list) => list !== undefined && sameServers(list.servers, context.known),
    );
    if (this.#inUse !== undefined && context.force !== true && !isNewer(told, this.#inUse)) {
      return this.#inUse.servers;
    }
    this.#told = told;
    return told.servers;
  }

  #connection(given: ConnectionOptions = CONNECTION_DEFAULTS): ConnectionOptions {
    const { timeoutMs, tls = given.tls, connect = given.connect } = this.#parts;
    return { ...given, connectTimeoutMs: timeoutMs, tls, connect };
  }

  async #ask(context: DiscoverContext, connection: ConnectionOptions): Promise<ClusterConfig> {
    const { question, timeoutMs, endpoint } = this.#parts;
    const { signal } = context;
    const targets = this.#targets(context.known);
    const last = targets.length - 1;
    for (let i = 0; ; i++) {
      try {
        return await askConfig(targets[i], { question, connection, timeoutMs, signal });
      } catch (error) {
        const { retryable } = error as MemcacheError;
        const hopeless = targets[i] === endpoint && !retryable;
        if (i === last || hopeless || signal.aborted) throw error;
      }
      // An abort is found by the next try.
      await sleep(PAUSE_MS, undefined, { signal, ref: !connection.unref }).catch(() => {});
    }
  }

  /** Known nodes in turn, and the endpoint last: its name is resolved anew each time. */
  #targets(known: readonly ServerAddress[]): ServerAddress[] {
    const { endpoint, asksNodes } = this.#parts;
    const targets: ServerAddress[] = Array.from({ length: TRIES }, () => endpoint);
    if (!asksNodes || known.length === 0) return targets;
    for (let i = 0; i < TRIES - 1; i++) targets[i] = known[(this.#turn + i) % known.length];
    this.#turn = (this.#turn + 1) % known.length;
    return targets;
  }

  #servers(config: ClusterConfig, { tls }: ConnectionOptions): ServerAddress[] {
    const { address = tls === false ? 'ip' : 'host' } = this.#parts;
    return config.nodes.map((node) => this.#server(node, address));
  }

  #server({ host, ip, port }: ClusterNode, address: 'ip' | 'host'): ServerAddress {
    const chosen = address === 'ip' ? ip : host;
    try {
      // However it is reached, its certificate is for its name.
      const named = host === '' ? {} : { servername: host };
      return parseServer({ host: chosen === '' ? `${ip}${host}` : chosen, port, ...named });
    } catch (cause) {
      const message = `${this.name} named a node whose host is none`;
      throw new MemcacheConnectionError('ERR_MEMCACHE_PROTOCOL', message, { cause, sent: 'yes' });
    }
  }
}

/** One version has one order, that of its first telling: nodes may tell the same list in different ones. */
function isNewer(told: VersionedList, inUse: VersionedList): boolean {
  if (told.version !== inUse.version) return told.version > inUse.version;
  return !sameServers(told.servers, inUse.servers);
}

function sameServers(a: readonly ServerAddress[], b: readonly ServerAddress[]): boolean {
  const names = new Set(a.map(({ name }) => name));
  return a.length === b.length && b.every(({ name }) => names.has(name));
}
