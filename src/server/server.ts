import type { ServerAddress } from '../connection/address.ts';
import type { ConnectionParts } from '../connection/connection.ts';
import type { ConnectionOptions } from '../connection/options.ts';
import { Refusal, unavailable } from '../connection/losses.ts';
import type { ConnectionState } from '../connection/state.ts';
import type { MemcacheError } from '../errors.ts';
import { Metrics } from '../observability/metrics.ts';
import type { Ticker } from '../primitives/ticker.ts';
import { isBase64, type WireKey } from '../protocol/key.ts';
import { metaDelete, metaTouch } from '../protocol/meta-requests.ts';
import { cappedExptime } from '../protocol/ttl.ts';
import {
  type AnswerCommand,
  type Asked,
  LineCommand,
  type LineRequest,
  StatsCommand,
} from './answer-command.ts';
import { Capabilities } from './capabilities.ts';
import { Health, type HealthState } from './health.ts';
import type { Lane } from './lane.ts';
import { Lanes } from './lanes.ts';
import type { ServerLimits, ServerPort } from './limits.ts';
import { type CountStep, ItemAnswer, MetaCount, MetaRead } from './meta-commands.ts';
import type { ServerOptions } from './options.ts';
import { probeOf } from './probe.ts';
import { timedOut } from './refusals.ts';
import type { AnswerSink, ReadSink } from './sinks.ts';
import { type StoreAnswer, StoreCommand, type StoreRequest } from './store-command.ts';
import type { ReadVerb } from './volley.ts';

/** What a server tells the rooms above it, and asks them. */
export interface ServerEvents {
  /** A connection to it has been made, lost or refused. */
  connection(server: string, state: ConnectionState, error: MemcacheError | undefined): void;
  health(server: string, state: HealthState, error: MemcacheError | undefined): void;
  /** A command was turned away because too much waits. */
  shed(error: MemcacheError): void;
  /** Whether a request that was refused as a whole may be asked again in halves. */
  mayRepeat(): boolean;
}

export interface ServerParts {
  readonly address: ServerAddress;
  readonly options: ConnectionOptions & ServerOptions;
  readonly ticker: Ticker;
  readonly metrics: Metrics;
  readonly events: ServerEvents;
  /** Seconds its items live at most; undefined for as long as they are given. */
  readonly maxTtl?: number | undefined;
}

/** One waiter of one thing, as every command takes it. */
export interface Waiting<S> {
  readonly sink: S;
  readonly tag: number;
}

/** Everything about one server: the ways to it, what it said of itself, whether it can be counted on. */
export class Server implements ServerPort {
  readonly health: Health;
  readonly #parts: ServerParts;
  readonly #metrics: Metrics;
  readonly #capabilities: Capabilities;
  readonly #lanes: Lanes;
  readonly #unavailable: Refusal;

  constructor(parts: ServerParts) {
    const { address, options, ticker, metrics, events } = parts;
    const connection: Omit<ConnectionParts, 'host'> = { address, options, ticker, metrics };
    this.#parts = parts;
    this.#metrics = metrics;
    this.#unavailable = new Refusal(address.name);
    this.health = new Health(options.health, {
      changed: (state, error) => events.health(address.name, state, error),
      probe: () => this.#probe(),
    });
    this.#capabilities = new Capabilities(options, { ...connection, metrics: new Metrics() });
    this.#lanes = new Lanes(options, connection, {
      capabilities: this.#capabilities,
      events: {
        changed: (state, error) => {
          if (error !== undefined) this.health.failed(error);
          events.connection(address.name, state, error);
        },
        late: (silentMs) =>
          this.health.late(timedOut('what it was asked', address.name, 'maybe'), silentMs),
        served: () => this.health.served(),
        mayRepeat: () => events.mayRepeat(),
      },
    });
  }

  get name(): string {
    return this.#parts.address.name;
  }

  get address(): ServerAddress {
    return this.#parts.address;
  }

  get limits(): ServerLimits {
    return this.#capabilities;
  }

  /** What is told to those whose server is out. */
  get unavailable(): MemcacheError {
    return this.#unavailable.for(this.health.lastError);
  }

  served(): void {
    this.health.served();
  }

  /** Joins the gets of this moment. */
  read(verb: ReadVerb, key: WireKey, sink: ReadSink, tag: number): void {
    this.#metrics.gets++;
    if (isBase64(key)) {
      const command = new MetaRead(
        verb,
        key,
        this.#asked({ sink: new ItemAnswer(sink, this.#metrics), tag }),
      );
      this.#send(command, sink.bulk ? Infinity : 0);
      return;
    }
    const lane = this.#lanes.laneFor(key, sink.bulk ? Infinity : 0);
    const refusal = this.#refusal(lane);
    if (refusal === undefined) lane.read(verb, key, sink, tag);
    else sink.fail(tag, refusal);
  }

  store(request: StoreRequest, waiting: Waiting<AnswerSink<StoreAnswer>>): void {
    this.#metrics.stores++;
    const command = new StoreCommand(this.#capped(request), this.#asked(waiting));
    if (command.length >= this.#parts.options.bulkBytes) this.#lanes.isLarge(request.key);
    if (!this.#send(command, command.length)) request.release?.();
  }

  delete(key: WireKey, waiting: Waiting<AnswerSink<boolean>>): void {
    this.#metrics.deletes++;
    this.#remove(key, waiting);
  }

  #remove(key: WireKey, waiting: Waiting<AnswerSink<boolean>>): void {
    if (isBase64(key))
      this.#line({ verb: 'delete', key, text: metaDelete(key) }, META_DELETED, waiting);
    else this.#line({ verb: 'delete', key, text: `delete ${key}` }, DELETED, waiting);
  }

  /** Removes what it may still hold of a key that has moved elsewhere; `missed` if it may hold it even so. */
  forget(key: WireKey, timeoutMs: number, missed: () => void = () => {}): void {
    const [waiting, answer] = probeOf<boolean>(timeoutMs);
    answer.catch(missed);
    this.#remove(key, waiting);
  }

  touch(key: WireKey, ttl: number, waiting: Waiting<AnswerSink<boolean>>): void {
    this.#metrics.otherCommands++;
    const exptime = cappedExptime(ttl, this.#parts.maxTtl);
    if (isBase64(key))
      this.#line({ verb: 'touch', key, text: metaTouch(key, exptime) }, META_TOUCHED, waiting);
    else this.#line({ verb: 'touch', key, text: `touch ${key} ${exptime}` }, TOUCHED, waiting);
  }

  /** Answers the new value, or undefined where there is no such key. */
  count(step: CountStep, waiting: Waiting<AnswerSink<bigint | undefined>>): void {
    const { verb, key, delta } = step;
    this.#metrics.otherCommands++;
    if (isBase64(key)) this.#send(new MetaCount(step, this.#asked(waiting)), 0);
    else this.#line({ verb, key, text: `${verb} ${key} ${delta}` }, newCount, waiting);
  }

  version(waiting: Waiting<AnswerSink<string>>): void {
    this.#metrics.otherCommands++;
    this.#send(this.#version(waiting), 0);
  }

  flushAll(delaySeconds: number, waiting: Waiting<AnswerSink<boolean>>): void {
    this.#metrics.otherCommands++;
    this.#send(this.#flush(delaySeconds, waiting), 0);
  }

  stats(args: string, waiting: Waiting<AnswerSink<Map<string, string>>>): void {
    this.#metrics.otherCommands++;
    this.#send(new StatsCommand(args, this.#asked(waiting)), 0);
  }

  /** Others have its keys: what waits for a connection goes to them now, before anything issued later does. */
  handOver(): void {
    this.#lanes.handOver(unavailable(this.name, this.health.lastError));
  }

  /** No new commands; what is under way is answered, at the latest after `timeoutMs`. */
  async close(timeoutMs: number): Promise<void> {
    this.health.close();
    await this.#lanes.close(timeoutMs);
    await this.#capabilities.close();
  }

  /** Takes it out of the fleet until it has answered; resolves with whether it did, the first time it is asked. */
  async prove(): Promise<boolean> {
    try {
      await this.#probe();
      return true;
    } catch (error) {
      this.health.doubt(error as MemcacheError);
      return false;
    }
  }

  /** Asks for the version, past every refusal; empties the server if its old items are not to be seen again. */
  async #probe(): Promise<void> {
    const { options } = this.#parts;
    await this.#ask<string>((waiting) => this.#version(waiting));
    // A proxy that has no flush_all would stay out for ever.
    if (options.health.flushOnReturn && this.health.out && this.limits.administration)
      await this.#ask<boolean>((waiting) => this.#flush(0, waiting));
    this.#lanes.endPauses();
  }

  #ask<T>(command: (waiting: Waiting<AnswerSink<T>>) => AnswerCommand<T>): Promise<T> {
    this.#lanes.endPauses();
    const [waiting, answer] = probeOf<T>(this.#parts.options.connectTimeoutMs);
    const lane = this.#lanes.laneFor('', 0);
    const refusal = lane.connection.refusal();
    if (refusal === undefined) lane.send(command(waiting));
    else waiting.sink.fail(waiting.tag, refusal);
    return answer;
  }

  #version(waiting: Waiting<AnswerSink<string>>): AnswerCommand<string> {
    return new LineCommand(
      { verb: 'version', key: '', text: 'version' },
      versionOf,
      this.#asked(waiting),
    );
  }

  #flush(delaySeconds: number, waiting: Waiting<AnswerSink<boolean>>): AnswerCommand<boolean> {
    const text = delaySeconds === 0 ? 'flush_all' : `flush_all ${delaySeconds}`;
    return new LineCommand({ verb: 'flush_all', key: '', text }, FLUSHED, this.#asked(waiting));
  }

  #line<T>(
    request: LineRequest,
    read: (reply: string) => { answer: T } | undefined,
    waiting: Waiting<AnswerSink<T>>,
  ): void {
    this.#send(new LineCommand(request, read, this.#asked(waiting)), 0);
  }

  #asked<T>({ sink, tag }: Waiting<AnswerSink<T>>): Asked<T> {
    return { server: this, sink, tag };
  }

  #send<T>(command: AnswerCommand<T>, bytes: number): boolean {
    const lane = this.#lanes.laneFor(command.key, bytes);
    const refusal = this.#refusal(lane);
    if (refusal === undefined) lane.send(command);
    else command.fail(refusal);
    return refusal === undefined;
  }

  #refusal(lane: Lane): MemcacheError | undefined {
    const refusal = this.#lanes.refusal(lane);
    if (refusal?.code === 'ERR_MEMCACHE_OVERLOADED') this.#parts.events.shed(refusal);
    else if (refusal?.code === 'ERR_MEMCACHE_UNAVAILABLE') this.health.turnedAway();
    return refusal;
  }

  #capped(request: StoreRequest): StoreRequest {
    const { maxTtl } = this.#parts;
    if (maxTtl === undefined) return request;
    return { ...request, exptime: cappedExptime(request.exptime, maxTtl) };
  }
}

const versionOf = (reply: string): { answer: string } | undefined =>
  reply.startsWith('VERSION ') ? { answer: reply.slice(8) } : undefined;

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
