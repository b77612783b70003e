import type { Command } from '../connection/command.ts';
import { Connection, type ConnectionHost, type ConnectionParts } from '../connection/connection.ts';
import type { ConnectionState } from '../connection/state.ts';
import type { MemcacheError } from '../errors.ts';
import type { Metrics } from '../observability/metrics.ts';
import { KeyCounts } from '../primitives/key-counts.ts';
import type { WireKey } from '../protocol/key.ts';
import { AnswerCommand } from './answer-command.ts';
import type { ServerOptions } from './options.ts';
import type { ReadSink } from './sinks.ts';
import { type ReadVerb, Volley, type VolleyHost } from './volley.ts';
import { VolleyLimit } from './volley-limit.ts';

/** Answered volleys kept for another use. */
const SPARE_VOLLEYS = 128;

/** What a lane needs from the server it leads to. */
export interface LaneHost {
  readonly options: ServerOptions;
  readonly metrics: Metrics;
  prepare: ConnectionHost['prepare'];
  changed(state: ConnectionState, error: MemcacheError | undefined): void;
  /** Callers gave up waiting; for so long no byte has come. */
  late(silentMs: number): void;
  /** Somebody had an answer in time. */
  served(): void;
  /** Whether a request that was refused as a whole may be asked again in halves. */
  mayRepeat(): boolean;
  /** Commands queued, and commands gone. */
  queued(operations: number, bytes: number): void;
  misplaced(key: WireKey, bulk: boolean): void;
}

/** One connection and what is being collected for it. */
export class Lane implements ConnectionHost, VolleyHost {
  readonly bulk: boolean;
  readonly bulkBytes: number;
  readonly server: string;
  readonly #host: LaneHost;
  readonly #connection: Connection;
  readonly #limit: VolleyLimit;
  readonly #open: Record<ReadVerb, Volley | undefined> = { get: undefined, gets: undefined };
  readonly #spare: Record<ReadVerb, Volley[]> = { get: [], gets: [] };
  /** How many unanswered commands concern a key; kept where a key may take more than one way. */
  readonly #pins: KeyCounts | undefined;
  #unanswered = 0;

  constructor(
    host: LaneHost,
    parts: Omit<ConnectionParts, 'host'>,
    way: { bulk: boolean; pins: boolean },
  ) {
    this.#host = host;
    this.bulk = way.bulk;
    this.bulkBytes = host.options.bulkBytes;
    this.server = parts.address.name;
    this.#limit = new VolleyLimit(host.options.volleyKeys);
    this.#pins = way.pins ? new KeyCounts() : undefined;
    this.#connection = new Connection({ ...parts, host: this });
  }

  get connection(): Connection {
    return this.#connection;
  }

  /** Requests that are under way or being collected. */
  get load(): number {
    return this.#unanswered + (this.collecting ? 1 : 0);
  }

  get collecting(): boolean {
    return this.#open.get !== undefined || this.#open.gets !== undefined;
  }

  /** Operations that have joined a volley and are not queued yet: any number of them may share one key. */
  get collected(): number {
    return (this.#open.get?.operations ?? 0) + (this.#open.gets?.operations ?? 0);
  }

  /** Joins the open volley of this verb, or opens one. */
  read(verb: ReadVerb, key: WireKey, sink: ReadSink, tag: number): void {
    const { volleyKeys, volleyBytes } = this.#host.options;
    let volley = this.#open[verb];
    if (volley !== undefined && volley.bytes + key.length >= volleyBytes) {
      this.#seal(volley);
      volley = undefined;
    }
    const opens = volley === undefined;
    volley ??= this.#open[verb] = this.#spare[verb].pop() ?? new Volley(verb, volleyKeys, this);
    if (volley.join(key, sink, tag)) this.#host.metrics.sharedKeys++;
    else this.#pins?.add(key);
    if (volley.size >= this.#limit.keys) this.#seal(volley);
    // Last: a dial that fails at once fails all that waits for it.
    else if (opens) this.#connection.wake();
  }

  /** Queues a command behind every get of its key that was issued before it. */
  send(command: AnswerCommand<unknown>): void {
    const { key } = command;
    if (this.#open.get !== undefined && concerns(this.#open.get, key)) this.#seal(this.#open.get);
    if (this.#open.gets !== undefined && concerns(this.#open.gets, key))
      this.#seal(this.#open.gets);
    this.#pins?.add(key);
    this.#queue(command);
  }

  seal(): void {
    if (this.#open.get !== undefined) this.#seal(this.#open.get);
    if (this.#open.gets !== undefined) this.#seal(this.#open.gets);
  }

  /** Whether a command about this key is unanswered here. */
  pinned(key: WireKey): boolean {
    return this.#pins?.has(key) ?? false;
  }

  /** Whether a command about this key is unanswered, found by looking at every one. */
  holds(key: WireKey): boolean {
    if (!this.#connection.busy) return false;
    // What is still being collected stays open: asking breaks up no volley.
    let found = (this.#open.get?.has(key) ?? false) || (this.#open.gets?.has(key) ?? false);
    this.#connection.forEach((command) => {
      found ||= command instanceof Volley ? command.asks(key) : isAbout(command, key);
    });
    return found;
  }

  prepare(done: (error: MemcacheError | undefined, maxValueBytes: number) => void): void {
    this.#host.prepare(done);
  }

  changed(state: ConnectionState, error: MemcacheError | undefined): void {
    if (state !== 'ready') this.#limit.ended();
    this.#host.changed(state, error);
  }

  late(silentMs: number): void {
    this.#host.late(silentMs);
  }

  leaving(command: Command): void {
    this.#unanswered--;
    this.#host.queued(-command.operations, -command.bytes);
  }

  released(command: Command): void {
    if (command instanceof Volley) this.#recycle(command);
    else if (command instanceof AnswerCommand) this.#pins?.subtract(command.key);
  }

  misplaced(key: WireKey): void {
    this.#host.misplaced(key, this.bulk);
  }

  dropped(key: WireKey): void {
    this.#pins?.subtract(key);
  }

  askAgain(volley: Volley, from: number, to: number): void {
    const half =
      this.#spare[volley.verb].pop() ??
      new Volley(volley.verb, this.#host.options.volleyKeys, this);
    half.isPart = true;
    volley.moveTo(half, from, to);
    for (let i = 0; i < half.size; i++) this.#pins?.add(half.keyAt(i));
    if (half.size > 0) this.#queue(half);
  }

  mayRepeat(): boolean {
    this.#limit.refused();
    return this.#host.mayRepeat();
  }

  served(): void {
    this.#host.served();
  }

  counted(hits: number, misses: number): void {
    if (hits + misses > 0) this.#host.served();
    this.#host.metrics.hits += hits;
    this.#host.metrics.misses += misses;
  }

  #seal(volley: Volley): void {
    this.#open[volley.verb] = undefined;
    this.#host.metrics.volleys++;
    this.#host.metrics.volleyKeys += volley.size;
    this.#queue(volley);
  }

  #queue(command: Command): void {
    this.#unanswered++;
    this.#host.queued(command.operations, command.bytes);
    this.#connection.send(command);
  }

  #recycle(volley: Volley): void {
    this.#unpin(volley);
    volley.reset();
    const spare = this.#spare[volley.verb];
    if (spare.length < SPARE_VOLLEYS) spare.push(volley);
  }

  #unpin(volley: Volley): void {
    if (this.#pins === undefined) return;
    // A dropped key has been unpinned before.
    for (let i = 0; i < volley.size; i++) this.#pins.subtract(volley.keyAt(i));
  }
}

/** A command without a key is about every key. */
const concerns = (volley: Volley, key: WireKey): boolean => key === '' || volley.has(key);

const isAbout = (command: Command, key: WireKey): boolean =>
  command instanceof AnswerCommand && (command.key === key || command.key === '');
