import type { ServerAddress } from '../connection/address.ts';
import type { ConnectionParts } from '../connection/connection-host.ts';
import { Refusal, unavailable } from '../connection/losses.ts';
import type { MemcacheError } from '../errors.ts';
import type { ServerDurations } from '../observability/durations.ts';
import { Metrics } from '../observability/metrics.ts';
import { type ServerTimes, UNTIMED } from '../observability/timing.ts';
import { isBase64, type WireKey } from '../protocol/key.ts';
import type { MetaRequest } from '../protocol/meta-requests.ts';
import { cappedExptime } from '../protocol/ttl.ts';
import { MemlimitCommand, StatsCommand } from './administration-commands.ts';
import type { AnswerCommand, Asked } from './answer-command.ts';
import { Capabilities } from './capabilities.ts';
import { cappedMeta, cappedSet, cappedStore } from './capped-requests.ts';
import { CountCommand, type CountStep } from './count-command.ts';
import { Entrance } from './entrance.ts';
import { EnteringCommand, EnteringQuietly, EnteringRead } from './entrants.ts';
import { Health } from './health.ts';
import { Lanes, type LanesEvents } from './lanes.ts';
import type { ServerLimits, ServerPort } from './limits.ts';
import { flushOf, verbosityOf, versionOf } from './line-commands.ts';
import {
  type MetaAnswer,
  MetaCommand,
  MetaStoreCommand,
  type MetaStoreRequest,
} from './meta-commands.ts';
import { type DebugLine, MetaDebug, MetaNoop } from './meta-probes.ts';
import { patientProbeOf, probeOf } from './probe.ts';
import { type QuietCommand, quietCommandOf, type QuietRequest } from './quiet-commands.ts';
import { asMeta, capped, type ReadForm } from './read-form.ts';
import { timedOut } from './refusals.ts';
import { figuresOf, type ServerMetrics } from './server-metrics.ts';
import type { ServerParts } from './server-parts.ts';
import type { AnswerSink, ReadSink, Waiting } from './sinks.ts';
import { type StoreAnswer, StoreCommand, type StoreRequest } from './store-command.ts';
import type { ValueCommand } from './value-command.ts';
import { YesOrNoCommand } from './yes-or-no-command.ts';

/** Everything about one server: the ways to it, what it said of itself, whether it can be counted on. */
export class Server implements ServerPort {
  readonly health: Health;
  readonly entrance: Entrance;
  readonly #parts: ServerParts;
  readonly #metrics: Metrics;
  readonly #times: ServerTimes;
  readonly #capabilities: Capabilities;
  readonly #lanes: Lanes;
  readonly #unavailable: Refusal;

  constructor(parts: ServerParts) {
    const { address, options, ticker, metrics, events, window } = parts;
    const guarded: ConnectionParts['guarded'] = (error) => events.desync(address.name, error);
    const connection = { address, options, ticker, metrics, guarded };
    this.#parts = parts;
    this.#metrics = metrics;
    this.#times = parts.telling?.times ?? UNTIMED;
    this.#unavailable = new Refusal(address.name);
    this.health = new Health(options.health, {
      changed: (state, error) => events.health(address.name, state, error),
      probe: () => this.#probe(),
    });
    this.#capabilities = new Capabilities(options, { ...connection, metrics: new Metrics() });
    const shed = (error: MemcacheError, operations: number): void => events.shed(error, operations);
    const told: LanesEvents = {
      shed,
      left: () => this.entrance.left(),
      changed: (state, error) => {
        if (error !== undefined) this.health.failed(error);
        events.connection(address.name, state, error);
      },
      late: (wait) => this.health.late(timedOut('a call', address.name, 'maybe'), wait),
      served: () => this.health.served(),
      mayRepeat: () => events.mayRepeat(),
      rejected: (error, commands) => events.rejected(address.name, error, commands),
    };
    const room = { capabilities: this.#capabilities, events: told };
    const lanes = new Lanes(options, { ...connection, window, telling: parts.telling }, room);
    this.#lanes = lanes;
    const tooSoon = (): void => this.health.turnedAway();
    this.entrance = new Entrance({ lanes, options, ticker, metrics, shed, tooSoon });
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

  /** Takes over the options as they are now. */
  retuned(): void {
    this.#lanes.retuned();
  }

  /** How it is doing, and what it has still to answer. */
  snapshot(): ServerMetrics {
    const { health, entrance } = this;
    return { ...health.snapshot(), ...entrance.load(), ...figuresOf(this.#metrics, this.#times) };
  }

  durations(): ServerDurations {
    return this.#times.durations();
  }

  served(): void {
    this.health.served();
  }

  /** Joins the reads of this moment that are of the same form. */
  read(form: ReadForm, key: WireKey, sink: ReadSink, tag: number): void {
    this.#metrics.gets++;
    const lane = this.#lanes.laneFor(key, sink.bulk ? Infinity : 0);
    const bounded = capped(form, this.#parts.maxTtl);
    const asked = isBase64(key) ? asMeta(bounded) : bounded;
    if (this.entrance.admits(lane)) lane.read(asked, key, sink, tag);
    else this.entrance.hold(new EnteringRead(asked, key, { sink, tag }));
  }

  store(request: StoreRequest, waiting: Waiting<AnswerSink<StoreAnswer>>): void {
    this.#metrics.stores++;
    this.#sendValue(
      new StoreCommand(cappedStore(request, this.#parts.maxTtl), this.#asked(waiting)),
    );
  }

  /** The same by a meta command. */
  metaStore(request: MetaStoreRequest, waiting: Waiting<AnswerSink<MetaAnswer>>): void {
    this.#metrics.stores++;
    const meta = cappedSet(request.meta, this.#parts.maxTtl);
    this.#sendValue(new MetaStoreCommand({ ...request, meta }, this.#asked(waiting)));
  }

  /** Sends what nobody wants an answer to: the sink is told as soon as it has been handed to a socket. */
  quietly(request: QuietRequest, { sink, tag }: Waiting<AnswerSink<undefined>>): void {
    const command = quietCommandOf(request, this.#parts.maxTtl);
    this.#metrics[command.counter]++;
    this.#noteSize(command);
    const lane = this.#lanes.laneFor(command.key, command.length);
    if (this.entrance.admits(lane)) lane.quietly(command, sink, tag);
    else this.entrance.hold(new EnteringQuietly(command, { sink, tag }));
  }

  delete(key: WireKey, waiting: Waiting<AnswerSink<boolean>>): void {
    this.#metrics.deletes++;
    this.#send(new YesOrNoCommand({ verb: 'delete', key }, this.#asked(waiting)), 0);
  }

  /** Removes what it may still hold of a key that has moved elsewhere; `missed` if it may hold it even so. */
  forget(key: WireKey, timeoutMs: number, missed: () => void = () => {}): void {
    const [waiting, answer] = probeOf<boolean>(timeoutMs);
    answer.catch(missed);
    this.#send(new YesOrNoCommand({ verb: 'delete', key }, this.#asked(waiting)), 0);
  }

  touch(key: WireKey, ttl: number, waiting: Waiting<AnswerSink<boolean>>): void {
    const exptime = cappedExptime(ttl, this.#parts.maxTtl);
    this.#other(new YesOrNoCommand({ verb: 'touch', key, exptime }, this.#asked(waiting)));
  }

  /** Answers the new value, or undefined where there is no such key. */
  count(step: CountStep, waiting: Waiting<AnswerSink<bigint | undefined>>): void {
    this.#other(new CountCommand(step, this.#asked(waiting)));
  }

  /** A meta command about one key. */
  meta(request: MetaRequest, waiting: Waiting<AnswerSink<MetaAnswer>>): void {
    if (request.verb === 'md') this.#metrics.deletes++;
    else this.#metrics.otherCommands++;
    const { maxTtl } = this.#parts;
    this.#send(new MetaCommand(cappedMeta(request, maxTtl), this.#asked(waiting)), 0);
  }

  /** What it knows of an item. */
  debug(key: WireKey, waiting: Waiting<AnswerSink<DebugLine | undefined>>): void {
    this.#other(new MetaDebug(key, this.#asked(waiting)));
  }

  noop(waiting: Waiting<AnswerSink<true>>): void {
    this.#other(new MetaNoop(this.#asked(waiting)));
  }

  version(waiting: Waiting<AnswerSink<string>>): void {
    this.#other(versionOf(this.#asked(waiting)));
  }

  flushAll(delaySeconds: number, waiting: Waiting<AnswerSink<true>>): void {
    this.#other(flushOf(delaySeconds, this.#asked(waiting)));
  }

  stats(args: string, waiting: Waiting<AnswerSink<Map<string, string>>>): void {
    this.#other(new StatsCommand(args, this.#asked(waiting)));
  }

  cacheMemlimit(megabytes: number, waiting: Waiting<AnswerSink<true>>): void {
    this.#other(new MemlimitCommand(megabytes, this.#asked(waiting)));
  }

  verbosity(level: number, waiting: Waiting<AnswerSink<true>>): void {
    this.#other(verbosityOf(level, this.#asked(waiting)));
  }

  /** Asks it what it takes, unless that is known. Rejects where it cannot be asked. */
  learnLimits(): Promise<ServerLimits> {
    return new Promise((resolve, reject) => {
      this.#capabilities.prepare((error) => {
        if (error === undefined) resolve(this.limits);
        else reject(error);
      });
    });
  }

  /** Others have its keys: what waits for a connection goes to them now, before anything issued later does. */
  handOver(): void {
    const error = unavailable(this.name, this.health.lastError);
    this.#lanes.handOver(error);
    this.entrance.handOver(error);
  }

  /** No new commands; what is under way is answered, at the latest after `timeoutMs`. */
  async close(timeoutMs: number, farewell?: 'quit'): Promise<void> {
    this.health.close();
    const end = performance.now() + timeoutMs;
    await this.entrance.close(timeoutMs);
    await this.#lanes.close(Math.max(0, end - performance.now()), farewell);
    await this.#capabilities.close();
    this.#parts.events.closed?.();
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
    await this.#ask<string>((waiting) => versionOf(this.#asked(waiting)));
    // A proxy that has no flush_all would stay out for ever.
    if (options.health.flushOnReturn && this.health.out && this.limits.administration)
      await this.#ask<true>((waiting) => flushOf(0, this.#asked(waiting)));
    this.#lanes.endPauses();
  }

  #ask<T>(command: (waiting: Waiting<AnswerSink<T>>) => AnswerCommand<T>): Promise<T> {
    this.#lanes.endPauses();
    const [waiting, answer] = patientProbeOf<T>(this.#parts.options.connectTimeoutMs);
    const lane = this.#lanes.laneFor('', 0);
    const refusal = lane.connection.refusal();
    if (refusal === undefined) lane.send(command(waiting));
    else waiting.sink.fail(waiting.tag, refusal);
    return answer;
  }

  #asked<T>({ sink, tag }: Waiting<AnswerSink<T>>): Asked<T> {
    return { server: this, sink, tag };
  }

  #other<T>(command: AnswerCommand<T>): void {
    this.#metrics.otherCommands++;
    this.#send(command, 0);
  }

  #send<T>(command: AnswerCommand<T>, bytes: number): void {
    const lane = this.#lanes.laneFor(command.key, bytes);
    if (this.entrance.admits(lane)) lane.send(command);
    else this.entrance.hold(new EnteringCommand(command, bytes));
  }

  #sendValue<T>(command: ValueCommand<T>): void {
    this.#noteSize(command);
    this.#send(command, command.length);
  }

  #noteSize({ verb, key, length }: Pick<QuietCommand, 'key' | 'length'> & { verb: string }): void {
    const { options, events } = this.#parts;
    const { warnValueBytes } = options;
    if (warnValueBytes > 0 && length > warnValueBytes) events.large(this.name, verb, length);
    if (length >= options.bulkBytes) this.#lanes.isLarge(key);
  }
}
