import type { Command } from '../connection/command.ts';
import { Connection } from '../connection/connection.ts';
import type { ConnectionHost, ConnectionParts, Wait } from '../connection/connection-host.ts';
import { mostTogether } from '../connection/flush-limit.ts';
import type { ConnectionState } from '../connection/state.ts';
import type { MemcacheError } from '../errors.ts';
import { KeyCounts } from '../primitives/key-counts.ts';
import type { WireKey } from '../protocol/key.ts';
import { AnswerCommand } from './answer-command.ts';
import type { ServerLimits } from './limits.ts';
import { QuietBatch, type QuietHost } from './quiet-batch.ts';
import type { QuietCommand, QuietPort } from './quiet-commands.ts';
import type { LaneHost } from './lane-host.ts';
import { keysOf, type Laned } from './laned.ts';
import { OpenVolleys } from './open-volleys.ts';
import { MOST_GAT_BYTES, type ReadForm } from './read-form.ts';
import type { AnswerSink, ReadSink } from './sinks.ts';
import { Volley, type VolleyHost } from './volley.ts';
import { VolleyLimit } from './volley-limit.ts';
import { VolleyStock } from './volley-stock.ts';

/** One connection and what is being collected for it. */
export class Lane implements ConnectionHost, VolleyHost, QuietHost {
  readonly bulk: boolean;
  bulkBytes: number;
  readonly server: string;
  readonly port: QuietPort;
  readonly mostQuietBytes: number;
  connected = false;
  readonly #host: LaneHost;
  readonly #connection: Connection;
  readonly #limit: VolleyLimit;
  readonly #open = new OpenVolleys();
  readonly #stock: VolleyStock;
  /** The open batch of commands whose answers nobody waits for. */
  #quiet: QuietBatch | undefined;
  /** How many unanswered commands concern a key; kept where a key may take more than one way. */
  #pins: KeyCounts | undefined;
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
    this.port = { name: this.server, limits: host.limits };
    this.mostQuietBytes = mostTogether(parts.options.tls !== false);
    this.#limit = new VolleyLimit(host.options.volleyKeys);
    this.#stock = new VolleyStock(host.options.volleyKeys, this);
    this.#pins = way.pins ? new KeyCounts() : undefined;
    this.#connection = new Connection({ ...parts, host: this });
  }

  get limits(): ServerLimits {
    return this.#host.limits;
  }

  get connection(): Connection {
    return this.#connection;
  }

  /** Requests that are under way or being collected. */
  get load(): number {
    return this.#unanswered + (this.collecting ? 1 : 0);
  }

  get collecting(): boolean {
    return !this.#open.empty || this.#quiet !== undefined;
  }

  /** Operations that have joined a volley or a batch and are not queued yet: any number of them may share one key. */
  get collected(): number {
    return this.#open.operations + (this.#quiet?.operations ?? 0);
  }

  /** Bytes of values among them. */
  get collectedBytes(): number {
    return this.#quiet?.bytes ?? 0;
  }

  /** Joins the open volley of this form, or opens one. */
  read(form: ReadForm, key: WireKey, sink: ReadSink, tag: number): void {
    if (this.#quiet?.has(key) === true) this.#sealQuiet(this.#quiet);
    this.#sealBefore(form, key);
    let volley = this.#open.of(form);
    if (volley !== undefined && volley.bytes + key.length + form.bytesBeside > this.#most(form)) {
      this.#seal(volley);
      volley = undefined;
    }
    const opens = volley === undefined;
    volley ??= this.#begin(form);
    if (volley.join(key, sink, tag)) this.#host.metrics.sharedKeys++;
    else this.#pins?.add(key);
    if (volley.size >= this.#limit.keys) this.#seal(volley);
    // Last: a dial that fails at once fails all that waits for it.
    else if (opens) this.#connection.wake();
  }

  /** Queues a command behind every read of its key that was issued before it; one without a key, behind all. */
  send(command: AnswerCommand<unknown>): void {
    const { key } = command;
    if (this.#quiet !== undefined && (key === '' || this.#quiet.has(key)))
      this.#sealQuiet(this.#quiet);
    this.#sealReadsOf(key);
    this.#pins?.add(key);
    this.#queue(command);
  }

  /** Joins the open batch, or opens one, behind every read of its key that was issued before it. */
  quietly(command: QuietCommand, sink: AnswerSink<undefined>, tag: number): void {
    this.#sealReadsOf(command.key);
    if (this.#quiet?.hasRoomFor(command) === false) this.#sealQuiet(this.#quiet);
    const opens = this.#quiet === undefined;
    this.#quiet ??= new QuietBatch(this);
    this.#quiet.join(command, sink, tag);
    this.#pins?.add(command.key);
    if (this.#quiet.full) this.#sealQuiet(this.#quiet);
    // Last: a dial that fails at once fails all that waits for it.
    else if (opens) this.#connection.wake();
  }

  seal(): void {
    if (this.#quiet !== undefined) this.#sealQuiet(this.#quiet);
    this.#sealReadsOf('');
  }

  /** Takes over the options as they are now. What is being collected was begun with others, and leaves first. */
  retuned(): void {
    const { volleyKeys, bulkBytes } = this.#host.options;
    this.seal();
    this.bulkBytes = bulkBytes;
    this.#limit.most = volleyKeys;
    this.#stock.capacity = volleyKeys;
  }

  /** Counts its keys from now on, from all that are unanswered: there may be other ways for them. */
  pin(): void {
    if (this.#pins !== undefined) return;
    this.seal();
    const pins = new KeyCounts();
    this.#connection.forEach((command) => {
      for (const key of keysOf(command as Laned)) pins.add(key);
    });
    this.#pins = pins;
  }

  /** Whether a command about this key is unanswered here. */
  pinned(key: WireKey): boolean {
    return this.#pins?.has(key) ?? false;
  }

  /** Whether a command about this key is unanswered, found by looking at every one. */
  holds(key: WireKey): boolean {
    if (!this.#connection.busy) return false;
    // What is still being collected stays open: asking breaks up no volley.
    let found = this.#open.asking(key) !== undefined || this.#quiet?.has(key) === true;
    this.#connection.forEach((command) => {
      found ||= (command as Laned).asks(key);
    });
    return found;
  }

  prepare(...waiting: Parameters<ConnectionHost['prepare']>): void {
    this.#host.prepare(...waiting);
  }

  changed(state: ConnectionState, error: MemcacheError | undefined): void {
    this.connected = state === 'ready';
    if (!this.connected) this.#limit.ended();
    this.#host.changed(state, error);
  }

  late(wait: Wait): void {
    this.#host.late(wait);
  }

  shed(error: MemcacheError, operations: number): void {
    this.#host.shed(error, operations);
  }

  leaving(command: Command): void {
    this.#unanswered--;
    this.#host.queued(-command.operations, -command.bytes);
  }

  released(command: Command): void {
    if (command instanceof Volley) this.#recycle(command);
    else if (command instanceof AnswerCommand) this.#pins?.subtract(command.key);
    else if (command instanceof QuietBatch)
      for (const key of command.keys) this.#pins?.subtract(key);
  }

  misplaced(key: WireKey): void {
    this.#host.misplaced(key, this.bulk);
  }

  dropped(key: WireKey): void {
    this.#pins?.subtract(key);
  }

  askAgain(volley: Volley, from: number, to: number): void {
    const half = this.#stock.take(volley.form, to - from);
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

  get crowded(): boolean {
    return this.#host.crowded;
  }

  rejected(error: MemcacheError, commands: number): void {
    this.#host.rejected(error, commands);
  }

  counted(hits: number, misses: number): void {
    if (hits + misses > 0) this.#host.served();
    this.#host.metrics.hits += hits;
    this.#host.metrics.misses += misses;
  }

  /** Bytes of one volley: a line of `gat` has to end early, and a request in meta commands is made of many. */
  #most({ metaOnly, exptime }: ReadForm): number {
    const { volleyBytes } = this.#host.options;
    if (metaOnly) return Math.min(volleyBytes, this.mostQuietBytes);
    return exptime === undefined ? volleyBytes : Math.min(volleyBytes, MOST_GAT_BYTES);
  }

  /** A read that changes its item leaves in its turn among the reads of that key, whatever their forms. */
  #sealBefore(form: ReadForm, key: WireKey): void {
    const open = this.#open;
    for (let one = open.before(form, key); one !== undefined; one = open.before(form, key))
      this.#seal(one);
  }

  #begin(form: ReadForm): Volley {
    const volley = this.#stock.take(form);
    this.#open.add(volley);
    return volley;
  }

  #seal(volley: Volley): void {
    this.#open.remove(volley);
    this.#host.metrics.volleys++;
    this.#host.metrics.volleyKeys += volley.size;
    this.#queue(volley);
  }

  #sealReadsOf(key: WireKey): void {
    const open = this.#open;
    for (let one = open.asking(key); one !== undefined; one = open.asking(key)) this.#seal(one);
  }

  #sealQuiet(batch: QuietBatch): void {
    this.#quiet = undefined;
    this.#queue(batch);
  }

  #queue(command: Command): void {
    this.#unanswered++;
    this.#host.queued(command.operations, command.bytes);
    this.#connection.send(command);
  }

  #recycle(volley: Volley): void {
    this.#unpin(volley);
    this.#stock.putBack(volley);
  }

  #unpin(volley: Volley): void {
    if (this.#pins === undefined) return;
    // A dropped key has been unpinned before.
    for (let i = 0; i < volley.size; i++) this.#pins.subtract(volley.keyAt(i));
  }
}
