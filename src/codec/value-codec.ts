import type { Key } from './checksum.ts';
import type { EncodedValue } from './codec.ts';
import { asMemcacheError, encodeError } from './codec-errors.ts';
import type { CodecMetrics } from './codec-metrics.ts';
import type { CodecName } from './codec-name.ts';
import {
  type CodecLimits,
  type CodecOptions,
  type ResolvedCodecOptions,
  resolveCodecOptions,
} from './codec-options.ts';
import { CostModel, type CostPriors } from './cost-model.ts';
import { DECODE_PRIORS, ENCODE_PRIORS, MODULE_PRIORS } from './cost-priors.ts';
import { asDecodeError, type DecodeDone, type DecodeEntry, DecodeWork } from './decode-work.ts';
import { byteLength, type EncodeDone, type EncodeEntry, EncodeWork } from './encode-work.ts';
import { COMPRESSED, STRUCTURED } from './flags.ts';
import { coderBeside, ForeignCodec } from './foreign-codec.ts';
import { isObject, ObjectSize } from './object-size.ts';
import { type Offload, offloadOf } from './offload.ts';
import { copyBytes } from './plain.ts';
import { type LaneParts, ShardLane } from './shard-lane.ts';
import { type PlainItem, StandardCodec } from './standard-codec.ts';
import { ModuleCodec, UserCodec } from './user-codec.ts';
import { Workshop } from './workshop.ts';

/** Stored items unfold, so fewer of them make a shard. */
const UNFOLDING = 4;
/** Taken for the size of a value that nobody has serialized yet. */
const UNKNOWN_BYTES = 1024;

export { ChecksumMismatchError } from './codec-errors.ts';

/** Values into items and back: inline, or in shards on the worker pool where that is cheaper for this thread. */
export class ValueCodec {
  readonly metrics: CodecMetrics;
  /** Values pass through code of the user's own, on this thread. */
  readonly isUsersOwn: boolean;
  #options: ResolvedCodecOptions;
  readonly #standard: StandardCodec;
  readonly #coder: StandardCodec | ForeignCodec | UserCodec | ModuleCodec;
  readonly #workshop: Workshop;
  readonly #encodeWork: EncodeWork;
  readonly #encodeLane: ShardLane<EncodeEntry>;
  readonly #decodeWork: DecodeWork;
  readonly #decodeLane: ShardLane<DecodeEntry>;
  /** Serializing is the worker's too, so values cross as clones. */
  #whole = false;
  #offload: Offload = 'never';
  /** A compressor of the user's own is on this thread. */
  readonly #packsHere: boolean;
  /** Flags with one of these bits are worth a worker. */
  #decodeMask = 0;
  #fromBytes = 0;
  readonly #objectSize = new ObjectSize();

  /** Without a workshop it makes its own. */
  constructor(options: CodecOptions, workshop?: Workshop) {
    this.#options = resolveCodecOptions(options);
    const { maxShardBytes } = this.#options;
    this.#workshop = workshop ?? new Workshop(this.#options);
    this.metrics = this.#workshop.metrics;
    this.#standard = new StandardCodec(this.#options);
    this.#coder = coderBeside(this.#options) ?? this.#standard;
    const isModule = this.#coder instanceof ModuleCodec;
    this.#packsHere =
      this.#coder === this.#standard && typeof this.#options.compressor === 'object';
    this.isUsersOwn = this.#packsHere || this.#coder instanceof UserCodec;
    this.#encodeWork = this.#newEncodeWork();
    this.#decodeWork = this.#newDecodeWork();
    const priorsOf = (standard: CostPriors): CostPriors => (isModule ? MODULE_PRIORS : standard);
    this.#encodeLane = new ShardLane(
      this.#encodeWork,
      this.#lane('encode', priorsOf(ENCODE_PRIORS), maxShardBytes),
    );
    this.#decodeLane = new ShardLane(
      this.#decodeWork,
      this.#lane('decode', priorsOf(DECODE_PRIORS), maxShardBytes / UNFOLDING),
    );
    this.#place();
  }

  /** Compresses and hands over by these from now on. What has been collected is finished as it was begun. */
  retune(limits: CodecLimits): void {
    this.#options = { ...this.#options, ...limits };
    this.#standard.retune(this.#options);
    if (this.#coder instanceof ForeignCodec) this.#coder.retune(this.#options);
    this.#encodeWork.limits = limits;
    this.#place();
  }

  /** Decides what is handed over to workers, and as what. */
  #place(): void {
    this.#offload = offloadOf(this.#coder, this.#options.offload);
    const wantsAll = this.#coder === this.#standard && this.#offload === 'always';
    this.#whole = this.#coder instanceof ModuleCodec || (wantsAll && !this.#packsHere);
    this.#encodeLane.offload = this.#offload;
    this.#decodeLane.offload = this.#offload;
    this.#decodeWork.whole = this.#whole;
    const mask = this.#whole ? COMPRESSED | STRUCTURED : COMPRESSED;
    this.#decodeMask = this.#offload === 'never' ? 0 : mask;
    this.#fromBytes = this.#whole ? 0 : this.#options.offloadFromBytes;
  }

  /** A cheap guess, asked for every value, whether to pass it to `encodeLater`. */
  offloadsEncode(value: unknown): boolean {
    if (this.unloaded) return true;
    if (this.#offload === 'never' || this.#packsHere) return false;
    if (this.#coder !== this.#standard) return this.#encodeLane.interested;
    if (this.#whole && isObject(value)) return true;
    const bytes = this.#objectSize.guess(value);
    const { compressFromBytes, compressor } = this.#options;
    if (compressor === 'none' || bytes < compressFromBytes || bytes < this.#fromBytes) return false;
    return this.#encodeLane.interested;
  }

  /** Loads what values will need on this thread. */
  prepare(): void {
    if (this.#coder === this.#standard) this.#standard.prepare();
  }

  encode(value: unknown, key: Key): EncodedValue {
    const encoded = this.#encodeInline(value, key);
    this.metrics.encodedInline++;
    return encoded;
  }

  /**
   * Calls `done` once, never before this returns. Text and packed objects are taken as they are now; bytes, and with
   * `offload: 'always'` or a codec module objects too, must not change until the item is sent.
   */
  encodeLater(value: unknown, key: Key, done: EncodeDone): void {
    const clones = this.#whole && (this.#coder !== this.#standard || isObject(value));
    let plain: PlainItem | undefined;
    let encoded: EncodedValue | undefined;
    try {
      plain = clones ? undefined : this.#serialize(value);
      if (plain !== undefined && (this.#packsHere || !this.#standard.compresses(plain)))
        encoded = this.#standard.finish(plain, key);
    } catch (error) {
      const failure = asMemcacheError(error, () => encodeError('the value cannot be encoded'));
      this.#encodeLane.settleAtFlush(() => {
        done(failure, undefined);
      });
      return;
    }
    if (encoded !== undefined) {
      this.metrics.encodedInline++;
      this.#encodeLane.settleAtFlush(() => {
        done(undefined, encoded);
      });
      return;
    }
    const bytes = plain === undefined ? UNKNOWN_BYTES : byteLength(plain.data);
    const shard = this.#encodeLane.open(bytes);
    shard.bytes += bytes;
    shard.entries.push({ value, plain, key, done });
  }

  /** For bytes, text and integers no more than a test of bits. */
  offloadsDecode(flags: number, length: number): boolean {
    if ((flags & this.#decodeMask) === 0 && this.#coder === this.#standard) return false;
    if (this.#coder !== this.#standard)
      return this.unloaded || (this.#offload !== 'never' && this.#decodeLane.interested);
    return length >= this.#fromBytes && this.#decodeLane.interested;
  }

  /** Decodes a view of `bytes`. Unless they are `owned`, the value never aliases them. */
  // oxlint-disable-next-line max-params -- the hot path: an object for the view would be garbage per value
  decode(
    flags: number,
    bytes: Buffer,
    start: number,
    end: number,
    owned: boolean,
    key: Key,
  ): unknown {
    this.metrics.decodedInline++;
    return this.#coder.decode(flags, bytes, start, end, owned, key);
  }

  /** Copies the view at once; it may be overwritten when this returns. Calls `done` once, never before that. */
  // oxlint-disable-next-line max-params -- the same view as `decode`
  decodeLater(
    flags: number,
    bytes: Buffer,
    start: number,
    end: number,
    owned: boolean,
    key: Key,
    done: DecodeDone,
  ): void {
    const length = end - start;
    const shard = this.#decodeLane.open(length);
    shard.arena ??= this.#workshop.arenas.take(length * UNFOLDING);
    const { arena } = shard;
    if (arena?.fits(length) !== true) {
      const item = owned ? bytes.subarray(start, end) : copyBytes(bytes, start, end);
      this.#decodeAlone(item, flags, key, done);
      return;
    }
    const began = performance.now();
    const offset = arena.end;
    arena.append(bytes.subarray(start, end));
    shard.ms += performance.now() - began;
    shard.bytes += length;
    shard.entries.push({ flags, offset, length, key, done });
  }

  /** What is pending is finished inline; so is what comes later. */
  async close(): Promise<void> {
    this.#encodeLane.flush();
    this.#decodeLane.flush();
    await this.#workshop.pool.close();
  }

  /** Nothing can be encoded or decoded here and now: only `encodeLater` and `decodeLater` can. */
  get unloaded(): boolean {
    return this.#coder instanceof ModuleCodec && !this.#coder.loaded;
  }

  #serialize(value: unknown): PlainItem {
    const plain = this.#standard.serialize(value);
    if (isObject(value)) this.#objectSize.note(plain.data.length);
    return plain;
  }

  #encodeInline(value: unknown, key: Key): EncodedValue {
    if (this.#coder !== this.#standard) return this.#coder.encode(value, key);
    return this.#standard.finish(this.#serialize(value), key);
  }

  #decodeAlone(item: Buffer, flags: number, key: Key, done: DecodeDone): void {
    const decode = (): void => {
      let value: unknown;
      try {
        value = this.decode(flags, item, 0, item.length, true, key);
      } catch (error) {
        done(asDecodeError(error), undefined);
        return;
      }
      done(undefined, value);
    };
    this.#decodeLane.settleAtFlush(() => {
      const needs = this.#inlineNeeds();
      if (needs === undefined) decode();
      else void needs.then(decode);
    });
  }

  #inlineNeeds(): Promise<void> | undefined {
    return this.unloaded ? (this.#coder as ModuleCodec).load() : undefined;
  }

  #lane(name: LaneParts['name'], priors: CostPriors, maxShardBytes: number): LaneParts {
    return {
      name,
      pool: this.#workshop.pool,
      arenas: this.#workshop.arenas,
      model: new CostModel(priors),
      maxShardBytes,
      onShard: () => {
        this.metrics.shards++;
      },
    };
  }

  #newEncodeWork(): EncodeWork {
    return new EncodeWork({
      arenas: this.#workshop.arenas,
      metrics: this.metrics,
      codec: this.#name,
      // A v8 item has a checksum whatever the options are.
      sendsKeys: this.#sendsKeys || this.#name === 'v8',
      inline: ({ value, plain, key }) =>
        plain === undefined ? this.#encodeInline(value, key) : this.#standard.finish(plain, key),
      inlineNeeds: () => this.#inlineNeeds(),
    });
  }

  #newDecodeWork(): DecodeWork {
    return new DecodeWork({
      arenas: this.#workshop.arenas,
      metrics: this.metrics,
      codec: this.#name,
      sendsKeys: this.#sendsKeys,
      inline: (item, flags, key) => this.#coder.decode(flags, item, 0, item.length, false, key),
      revive: (plain, flags) => this.#standard.revive(flags, plain),
      inlineNeeds: () => this.#inlineNeeds(),
    });
  }

  get #name(): CodecName | undefined {
    const { codec } = this.#options;
    return typeof codec === 'string' ? codec : undefined;
  }

  get #sendsKeys(): boolean {
    return this.#options.checksum || this.#coder instanceof ModuleCodec;
  }
}
