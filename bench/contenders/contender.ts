import type { Load, LoadCase, LoadOperation } from '../load/load-case.ts';
import type { ValueKind } from '../load/values.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** As most clients want to be told of it. */
export const hostPort = ({ host, port }: Address): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;

/**
 * One client, connected. `get`, `getMany` and `set` return the client's own promise: no frame of ours is timed with it.
 * `valueOf` and `valueIn` take the value out of the client's answer; what they cost is part of what the client costs.
 */
export interface Connected {
  get(key: string): Promise<unknown>;
  valueOf(reply: unknown): unknown;
  /** Absent where the client has no many-key read. */
  getMany?(keys: readonly string[]): Promise<unknown>;
  /** As getMany, but answering an array in key order. */
  getValues?(keys: readonly string[]): Promise<unknown>;
  valueIn?(reply: unknown, key: string, index: number): unknown;
  set(key: string, value: unknown): Promise<unknown>;
  close(): unknown;
}

/** As far as the client has such options. */
export interface OpenOptions {
  /** A call may take that long, and a lost server is asked again after it. Default: so long that no call of a race meets it. */
  readonly timeoutMs?: number;
  /** What is stored lives that long. Default: as long as there is room. */
  readonly ttlSeconds?: number;
  /** To each server, at most. Default: the client's. */
  readonly connections?: number;
}

/** A client under test. Its package is loaded by `open` or `flood`, never by importing this file. */
export interface Contender {
  readonly name: string;
  /**
   * `other language` is a client of memcached that is none for Node.js; `ceiling` is no client; `codec` is a part of
   * memvolley that needs no server.
   */
  readonly role:
    'subject' | 'memcached client' | 'other language' | 'redis client' | 'ceiling' | 'codec';
  /** The kinds of value it stores and returns by itself, without the caller converting them. */
  readonly accepts: readonly ValueKind[];
  /** All it can be asked for, and nothing beside it. Default: everything. */
  readonly performs?: readonly LoadOperation[];
  /** In what it differs from how it comes, for the report. Default: in nothing. */
  readonly settings?: string;
  /** Of its process, beside those the bench gives. */
  readonly nodeArgs?: readonly string[];
  available(): boolean;
  /** Undefined for what is a part of this bench. */
  version?(): string | undefined;
  /**
   * Several servers only for clients of memcached: keys are placed as the client does by itself.
   */
  open?(servers: readonly Address[], kind: ValueKind, options?: OpenOptions): Promise<Connected>;
  /** In place of `open`: the contender brings a load of its own. */
  flood?(server: Address, load: LoadCase, keys: readonly string[]): Promise<Load>;
}
