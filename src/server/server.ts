import type { ServerAddress } from '../connection/address.ts';
import type { Connection, ConnectionParts } from '../connection/connection.ts';
import type { ConnectionOptions } from '../connection/options.ts';
import type { ConnectionState } from '../connection/state.ts';
import { MemcacheConnectionError, MemcacheError } from '../errors.ts';
import { Metrics } from '../observability/metrics.ts';
import { textHash } from '../primitives/text-hash.ts';
import type { Ticker } from '../primitives/ticker.ts';
import { isBase64, type WireKey } from '../protocol/key.ts';
import { metaDelete, metaTouch } from '../protocol/meta-requests.ts';
import {
  type AnswerCommand,
  type Asked,
  LineCommand,
  type LineRequest,
  StatsCommand,
} from './answer-command.ts';
import { Lane, type LaneHost } from './lane.ts';
import { LargeKeys } from './large-keys.ts';
import { longestReply, type ServerLimits } from './limits.ts';
import { type CountStep, ItemAnswer, MetaCount, MetaRead } from './meta-commands.ts';
import { negotiate, type ServerFacts } from './negotiation.ts';
import type { ServerOptions } from './options.ts';
import { overloaded } from './refusals.ts';
import type { AnswerSink, ReadSink } from './sinks.ts';
import { type StoreAnswer, StoreCommand, type StoreRequest } from './store-command.ts';
import type { ReadVerb } from './volley.ts';

export interface ServerParts {
  readonly address: ServerAddress;
  readonly options: ConnectionOptions & ServerOptions;
  readonly ticker: Ticker;
  readonly metrics: Metrics;
  /** A command was turned away because too much waits. */
  readonly shed: (error: MemcacheError) => void;
  /** A connection to it has been made, lost or refused. */
  readonly changed: (
    server: string,
    state: ConnectionState,
    error: MemcacheError | undefined,
  ) => void;
}

/** One waiter of one thing, as every command takes it. */
export interface Waiting<S> {
  readonly sink: S;
  readonly tag: number;
}

/** Everything about one server: its lanes, what is queued for it, what it said of itself. */
export class Server implements LaneHost, ServerLimits {
  readonly options: ServerOptions;
  readonly metrics: Metrics;
  readonly #parts: ServerParts;
  readonly #small: Lane[];
  readonly #largeKeys = new LargeKeys();
  #bulk: Lane | undefined;
  #facts: ServerFacts | undefined;
  #factsFresh = false;
  #asking: Promise<ServerFacts> | undefined;
  /** The connection it is or was asked on. */
  #asker: Connection | undefined;
  #closing = false;
  #operations = 0;
  #bytes = 0;

  constructor(parts: ServerParts) {
    this.#parts = parts;
    this.options = parts.options;
    this.metrics = parts.metrics;
    this.#small = Array.from({ length: parts.options.connections }, () => this.#lane(false));
  }

  /** From the option `maxValueBytes`. */
  get configured(): number | undefined {
    return this.options.maxValueBytes;
  }

  get itemSizeMax(): number | undefined {
    return this.#facts?.itemSizeMax;
  }

  get speaksMeta(): boolean {
    const { dialect } = this.options;
    return dialect === 'auto' ? this.#facts?.meta === true : dialect === 'meta';
  }

  get name(): string {
    return this.#parts.address.name;
  }

  /** Joins the gets of this moment. */
  read(verb: ReadVerb, key: WireKey, sink: ReadSink, tag: number): void {
    this.metrics.gets++;
    if (isBase64(key)) {
      const command = new MetaRead(
        verb,
        key,
        this.#asked({ sink: new ItemAnswer(sink, this.metrics), tag }),
      );
      this.#send(command, sink.bulk ? Infinity : 0);
      return;
    }
    const lane = this.#laneFor(key, sink.bulk ? Infinity : 0);
    const refusal = lane.connection.refusal() ?? this.#overload(lane);
    if (refusal === undefined) lane.read(verb, key, sink, tag);
    else sink.fail(tag, refusal);
  }

  store(request: StoreRequest, waiting: Waiting<AnswerSink<StoreAnswer>>): void {
    this.metrics.stores++;
    const command = new StoreCommand(request, this.#asked(waiting));
    if (command.length >= this.options.bulkBytes) this.#largeKeys.add(request.key);
    if (!this.#send(command, command.length)) request.release?.();
  }

  delete(key: WireKey, waiting: Waiting<AnswerSink<boolean>>): void {
    this.metrics.deletes++;
    if (isBase64(key))
      this.#line({ verb: 'delete', key, text: metaDelete(key) }, META_DELETED, waiting);
    else this.#line({ verb: 'delete', key, text: `delete ${key}` }, DELETED, waiting);
  }

  touch(key: WireKey, exptime: number, waiting: Waiting<AnswerSink<boolean>>): void {
    this.metrics.otherCommands++;
    if (isBase64(key))
      this.#line({ verb: 'touch', key, text: metaTouch(key, exptime) }, META_TOUCHED, waiting);
    else this.#line({ verb: 'touch', key, text: `touch ${key} ${exptime}` }, TOUCHED, waiting);
  }

  /** Answers the new value, or undefined where there is no such key. */
  count(step: CountStep, waiting: Waiting<AnswerSink<bigint | undefined>>): void {
    const { verb, key, delta } = step;
    this.metrics.otherCommands++;
    if (isBase64(key)) this.#send(new MetaCount(step, this.#asked(waiting)), 0);
    else this.#line({ verb, key, text: `${verb} ${key} ${delta}` }, newCount, waiting);
  }

  version(waiting: Waiting<AnswerSink<string>>): void {
    this.metrics.otherCommands++;
    const read = (reply: string) =>
      reply.startsWith('VERSION ') ? { answer: reply.slice(8) } : undefined;
    this.#line({ verb: 'version', key: '', text: 'version' }, read, waiting);
  }

  flushAll(delaySeconds: number, waiting: Waiting<AnswerSink<boolean>>): void {
    this.metrics.otherCommands++;
    const text = delaySeconds === 0 ? 'flush_all' : `flush_all ${delaySeconds}`;
    this.#line({ verb: 'flush_all', key: '', text }, FLUSHED, waiting);
  }

  stats(args: string, waiting: Waiting<AnswerSink<Map<string, string>>>): void {
    this.metrics.otherCommands++;
    this.#send(new StatsCommand(args, this.#asked(waiting)), 0);
  }

  async close(timeoutMs: number): Promise<void> {
    this.#closing = true;
    await Promise.all(this.#lanes().map((lane) => lane.connection.close(timeoutMs)));
    await this.#asker?.close(0);
  }

  prepare(done: (error: MemcacheError | undefined, maxValueBytes: number) => void): void {
    const { dialect, maxValueBytes } = this.options;
    if (this.#factsFresh || (dialect !== 'auto' && maxValueBytes !== undefined)) {
      done(undefined, longestReply(this.#facts?.itemSizeMax));
      return;
    }
    const parts = { ...this.#connectionParts(), metrics: new Metrics() };
    this.#asking ??= negotiate(parts, (connection) => {
      this.#asker = connection;
    });
    this.#asking.then(
      (facts) => {
        this.#asking = undefined;
        this.#facts = facts;
        this.#factsFresh = true;
        done(undefined, longestReply(facts.itemSizeMax));
      },
      (error: unknown) => {
        this.#asking = undefined;
        done(error instanceof MemcacheError ? error : this.#unasked(error), 0);
      },
    );
  }

  changed(state: ConnectionState, error: MemcacheError | undefined): void {
    // Whoever answers next may be another process, with other settings.
    if (state !== 'ready') this.#factsFresh = false;
    this.#parts.changed(this.name, state, error);
  }

  queued(operations: number, bytes: number): void {
    this.#operations += operations;
    this.#bytes += bytes;
  }

  misplaced(key: WireKey, bulk: boolean): void {
    if (bulk) this.#largeKeys.delete(key);
    else this.#largeKeys.add(key);
  }

  #line<T>(
    request: LineRequest,
    read: (reply: string) => { answer: T } | undefined,
    waiting: Waiting<AnswerSink<T>>,
  ): void {
    this.#send(new LineCommand(request, read, this.#asked(waiting)), 0);
  }

  #asked<T>({ sink, tag }: Waiting<AnswerSink<T>>): Asked<T> {
    return { server: this.name, limits: this, sink, tag };
  }

  #send<T>(command: AnswerCommand<T>, bytes: number): boolean {
    const lane = this.#laneFor(command.key, bytes);
    const refusal = lane.connection.refusal() ?? this.#overload(lane);
    if (refusal === undefined) lane.send(command);
    else command.fail(refusal);
    return refusal === undefined;
  }

  /**
   * Everything about one key goes one way while any of it is unanswered: order across sockets does not exist. Among
   * small lanes the key itself decides; between them and the bulk lane, what is unanswered does.
   */
  #laneFor(key: WireKey, bytes: number): Lane {
    const small =
      this.#small.length === 1
        ? this.#small[0]
        : this.#small[(textHash(key) >>> 0) % this.#small.length];
    const wantsBulk =
      bytes >= this.options.bulkBytes || (this.#largeKeys.size > 0 && this.#largeKeys.has(key));
    if (this.#bulk !== undefined && this.#bulk.pinned(key)) return this.#bulk;
    if (!wantsBulk || small.holds(key)) return small;
    // A lane made now would be closed by nobody.
    if (this.#bulk === undefined && this.#closing) return small;
    this.#bulk ??= this.#lane(true);
    return this.#bulk;
  }

  #overload(lane: Lane): MemcacheError | undefined {
    const { operations, bytes } = this.options.maxQueued;
    const waiting = this.#operations + lane.collected;
    if (waiting < operations && this.#bytes < bytes) return undefined;
    const full = waiting >= operations ? `${operations} operations` : `${bytes} bytes`;
    const error = overloaded(this.name, full);
    this.#parts.shed(error);
    return error;
  }

  #lane(bulk: boolean): Lane {
    return new Lane(this, this.#connectionParts(), bulk);
  }

  #connectionParts(): Omit<ConnectionParts, 'host'> {
    const { address, options, ticker, metrics } = this.#parts;
    return { address, options, ticker, metrics };
  }

  #lanes(): Lane[] {
    return this.#bulk === undefined ? this.#small : [...this.#small, this.#bulk];
  }

  #unasked(cause: unknown): MemcacheError {
    return new MemcacheConnectionError('ERR_MEMCACHE_CONNECT', `cannot connect to ${this.name}`, {
      server: this.name,
      retryable: true,
      cause,
    });
  }
}

/** Exactly the two words a command may be answered with: any other is somebody else's answer. */
const yesOrNo =
  (yes: string, no: string | undefined) =>
  (reply: string): { answer: boolean } | undefined =>
    reply === yes ? { answer: true } : reply === no ? { answer: false } : undefined;

const DELETED = yesOrNo('DELETED', 'NOT_FOUND');
const META_DELETED = yesOrNo('HD', 'NF');
const TOUCHED = yesOrNo('TOUCHED', 'NOT_FOUND');
const META_TOUCHED = yesOrNo('HD', 'EN');
const FLUSHED = yesOrNo('OK', undefined);

function newCount(reply: string): { answer: bigint | undefined } | undefined {
  if (reply === 'NOT_FOUND') return { answer: undefined };
  return /^\d{1,20}$/.test(reply) ? { answer: BigInt(reply) } : undefined;
}
