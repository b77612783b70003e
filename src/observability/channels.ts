import type { Guard, MemcacheError } from '../errors.ts';
import type { OperationResult } from './results.ts';

/**
 * The names of the channels of `node:diagnostics_channel` on which this package tells what it does. `command`, `batch`
 * and `connect` are tracing channels: `diagnostics_channel.tracingChannel(CHANNELS.command)`. The others are plain ones:
 * `diagnostics_channel.subscribe(CHANNELS.retry, listener)`. Names and messages (`ChannelMessages`) are API: they change
 * with a major version only; fields may be added with any. No message holds a key or a value.
 */
export const CHANNELS = {
  /** Each operation of a caller, from the call until it is settled. */
  command: 'memvolley:command',
  /** Each request that carries what several callers asked for. */
  batch: 'memvolley:batch',
  /** Each attempt to make a connection, until it is ready: DNS, TCP, TLS, login, what the server is asked first. */
  connect: 'memvolley:connect',
  /** A connection carries commands from now on. */
  connectionReady: 'memvolley:connection:ready',
  /** A connection that was ready is gone. */
  connectionClosed: 'memvolley:connection:closed',
  /** A server is trusted more, or less. */
  serverState: 'memvolley:server:state',
  /** An operation is tried again. */
  retry: 'memvolley:retry',
  /** Operations were turned away, or failed before they were sent, because too much waits. */
  shed: 'memvolley:shed',
  /** A worker has encoded or decoded a shard of values. */
  codec: 'memvolley:codec',
  /** The list of servers has changed, or could not be learned. */
  discovery: 'memvolley:discovery',
  /** A connection was given up rather than believed, or a failed read was answered as a miss. */
  guard: 'memvolley:guard',
} as const;

/** Which server; on every message that is about one. */
export interface ServerFields {
  /** Its name, as in `metrics().servers` and in errors. */
  readonly server: string;
  /** Host name, IP address, or the path of a Unix socket. */
  readonly serverAddress: string;
  /** Undefined for a Unix socket. */
  readonly serverPort: number | undefined;
}

/**
 * One operation of a caller: `get` and `getMany` alike are one. It is the same object in all events of the operation,
 * and fields are added to it: `batchSize` at the latest with `end`; the server and `batches` when a request leaves;
 * `result` or `error` with `asyncEnd`. Subscribers may keep things of their own on it, under symbols.
 */
export interface CommandMessage {
  /** The caller's verb: `get`, `getMany`, `setMany`, `fetch`, `meta.get`, `stats`, … */
  readonly command: string;
  /** The client, counted from 1 in this process. */
  readonly client: number;
  /** How many keys, or pairs, or servers; undefined for a verb about one key. */
  batchSize: number | undefined;
  /** The server that was asked last; undefined as long as none was, and where several had a part of its keys. */
  server: string | undefined;
  /** Its host name, IP address, or the path of its Unix socket. */
  serverAddress: string | undefined;
  /** Its port; undefined for a Unix socket. */
  serverPort: number | undefined;
  /**
   * The requests that carried it, in the order in which they left: `id` of `BatchMessage`. Several for keys on several
   * servers and for what was tried again; none for a command that has a request of its own.
   */
  readonly batches: number[];
  /** What came of it; undefined where it failed. */
  result: OperationResult | undefined;
  /** What it rejected with; absent until then. That of a `fetch` may be whatever the loader threw. */
  error?: unknown;
}

/** One request that stands for several callers: a volley of reads, or a group of commands with `noreply`. */
export interface BatchMessage extends ServerFields {
  /** Counted from 1 in this process. */
  readonly id: number;
  /** The client, counted from 1 in this process. */
  readonly client: number;
  /** The verb on the wire: `get`, `gets`, `gat`, `mg`, `set`, …; `noreply` for a group of different commands. */
  readonly command: string;
  /** Keys on the wire: one that several callers asked for counts once. */
  readonly keys: number;
  /** Operations it stands for: a `getMany` counts once for each of its keys. */
  readonly callers: number;
  /** Bytes of the keys and values it sends. */
  readonly bytes: number;
  /** Why it was not answered; absent until then. */
  error?: MemcacheError;
}

/** One attempt to make a connection. */
export interface ConnectMessage extends ServerFields {
  /** The client, counted from 1 in this process. */
  readonly client: number;
  /** Why there is none; absent until then. */
  error?: MemcacheError;
}

/** A connection that carries commands from now on. */
export interface ConnectionReadyMessage extends ServerFields {
  /** The client, counted from 1 in this process. */
  readonly client: number;
  /** What the server says it is, such as `1.6.18`; '' where it does not say. */
  readonly version: string;
}

/** A connection that is gone. */
export interface ConnectionClosedMessage extends ServerFields {
  /** The client, counted from 1 in this process. */
  readonly client: number;
  /** Undefined for an end in good order. */
  readonly error: MemcacheError | undefined;
}

/** A server that came to be trusted more, or less. */
export interface ServerStateMessage extends ServerFields {
  /** The client, counted from 1 in this process. */
  readonly client: number;
  /** What is held of it from now on. */
  readonly state: 'up' | 'suspect' | 'down' | 'probing';
  /** Why, where there was an error. */
  readonly error: MemcacheError | undefined;
}

/** An operation that is tried again. */
export interface RetryMessage {
  /** The client, counted from 1 in this process. */
  readonly client: number;
  /** The protocol's verb. */
  readonly command: string;
  /** The server that failed it, where one did. */
  readonly server: string | undefined;
  /** Which attempt failed, counted from 1. */
  readonly attempt: number;
  /** Why it failed. */
  readonly error: MemcacheError;
}

/** Operations that were turned away, or failed before they were sent. */
export interface ShedMessage {
  /** The client, counted from 1 in this process. */
  readonly client: number;
  /** Undefined where it was the client as a whole that had too much pending. */
  readonly server: string | undefined;
  /** How many. */
  readonly operations: number;
  /** What they are rejected with. */
  readonly error: MemcacheError;
}

/** A shard of values that a worker has had. */
export interface CodecMessage {
  /** Which way. */
  readonly work: 'encode' | 'decode';
  /** How many. */
  readonly values: number;
  /** Bytes handed to the worker. */
  readonly bytes: number;
  /** Milliseconds from handing the shard to the pool until it came back. */
  readonly durationMs: number;
  /** It came back undone, and its values are done on this thread. */
  readonly failed: boolean;
}

/** A list of servers that changed, or could not be learned. */
export interface DiscoveryMessage {
  /** The client, counted from 1 in this process. */
  readonly client: number;
  /** The servers in use from now on; those that are kept, where there is an error. */
  readonly servers: readonly string[];
  /** Those that are new. */
  readonly added: readonly string[];
  /** Those that are no longer used. */
  readonly removed: readonly string[];
  /** Why no list could be learned, or be believed. */
  readonly error: MemcacheError | undefined;
}

/** A connection given up rather than believed, or a read answered as a miss. */
export interface GuardMessage {
  /** The client, counted from 1 in this process. */
  readonly client: number;
  /** Undefined where no single server is to blame. */
  readonly server: string | undefined;
  /** What gave a connection away, which was then given up. Undefined for a failed read that was answered as a miss. */
  readonly guard: Guard | undefined;
  /** What it failed with. */
  readonly error: MemcacheError;
}

/** What is published on each channel, by its name. */
export interface ChannelMessages {
  /** On a tracing channel. */
  'memvolley:command': CommandMessage;
  /** On a tracing channel. */
  'memvolley:batch': BatchMessage;
  /** On a tracing channel. */
  'memvolley:connect': ConnectMessage;
  /** Once for each connection. */
  'memvolley:connection:ready': ConnectionReadyMessage;
  /** Once for each connection that was ready. */
  'memvolley:connection:closed': ConnectionClosedMessage;
  /** At each change. */
  'memvolley:server:state': ServerStateMessage;
  /** Before each further attempt. */
  'memvolley:retry': RetryMessage;
  /** Once for all that are failed together. */
  'memvolley:shed': ShedMessage;
  /** Once for each shard. */
  'memvolley:codec': CodecMessage;
  /** Where a list has changed, or failed. */
  'memvolley:discovery': DiscoveryMessage;
  /** Once for each connection or read. */
  'memvolley:guard': GuardMessage;
}
