import { type Guard, GUARDS } from '../errors.ts';

/** Picked rather than mapped, so that each keeps what is said of it below. */
type Counters = Readonly<
  Pick<Metrics, Exclude<keyof Metrics, 'add' | 'snapshot' | 'operations' | 'guards'>>
>;

/**
 * The counters and what follows from them. Quotients are 0 as long as there is nothing to divide
 * by.
 */
export interface MetricsSnapshot extends Counters {
  /** Connections given up rather than believed, by what gave them away. */
  readonly guards: Readonly<Record<Guard, number>>;
  /** Keys on the wire per volley: how well concurrent gets coalesce. */
  readonly keysPerVolley: number;
  /** Hits among the answered gets, 0 to 1. */
  readonly hitRate: number;
  /** Requests per write to a socket, a volley being one request. */
  readonly commandsPerFlush: number;
}

/** Counters that are always on: plain integers, incremented in place by whoever sees the event. */
export class Metrics {
  /** Keys asked for by callers. */
  gets = 0;
  /** Keys that were found. */
  hits = 0;
  /** Keys that were not. */
  misses = 0;
  /** Commands that store a value. */
  stores = 0;
  /** Commands that remove a value. */
  deletes = 0;
  /** Commands that are neither a get, a store nor a delete. */
  otherCommands = 0;
  /** Multi-key requests written. */
  volleys = 0;
  /** Keys on the wire: a key that several callers wait for counts once. */
  volleyKeys = 0;
  /** Callers that joined a key already on its way to the wire. */
  sharedKeys = 0;
  /** Writes to a socket. */
  flushes = 0;
  /** Handed to sockets. */
  bytesWritten = 0;
  /** Taken from sockets. */
  bytesRead = 0;
  /** Connections that became ready for the first time. */
  connects = 0;
  /** Connects that replaced a lost connection. */
  reconnects = 0;
  /** Connections that were lost or refused. */
  connectionErrors = 0;
  /** Operations whose deadline passed. */
  timeouts = 0;
  /** Operations whose signal was aborted. */
  aborts = 0;
  /** Operations that were tried again. */
  retries = 0;
  /** Operations that went to a stand-in, because the server of their key was out. */
  failovers = 0;
  /** Items found but not decodable, answered as misses. */
  unreadable = 0;
  /** Operations turned away, or failed before they were sent, because too much waited. */
  shed = 0;
  /** Error lines that answered commands sent with `noreply`. */
  rejected = 0;
  /** Replies that made no sense and cost their connection. */
  protocolErrors = 0;
  /** Connections given up rather than believed. */
  readonly guards: Record<Guard, number> = Object.fromEntries(
    GUARDS.map((guard) => [guard, 0]),
  ) as Record<Guard, number>;

  /** Everything asked of servers so far. */
  get operations(): number {
    return this.gets + this.stores + this.deletes + this.otherCommands;
  }

  add(other: Metrics): void {
    for (const name of Object.keys(this) as (keyof Counters | 'guards')[])
      if (name !== 'guards') this[name] += other[name];
    for (const guard of GUARDS) this.guards[guard] += other.guards[guard];
  }

  snapshot(): MetricsSnapshot {
    const commands = this.volleys + this.stores + this.deletes + this.otherCommands;
    return {
      ...(this as Counters),
      guards: { ...this.guards },
      keysPerVolley: quotient(this.volleyKeys, this.volleys),
      hitRate: quotient(this.hits, this.hits + this.misses),
      commandsPerFlush: quotient(commands, this.flushes),
    };
  }
}

function quotient(dividend: number, divisor: number): number {
  return divisor === 0 ? 0 : dividend / divisor;
}
