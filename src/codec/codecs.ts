import {
  type CodecLimits,
  type CodecOption,
  type CodecOptions,
  type ResolvedCodecOptions,
  resolveCodecOptions,
} from './codec-options.ts';
import { ValueCodec } from './value-codec.ts';
import { moduleOf, Workshop } from './workshop.ts';

/** The codecs of one client: its own, and those of calls and namespaces that ask for another. */
export class Codecs {
  /** The client's own. */
  readonly own: ValueCodec;
  #options: ResolvedCodecOptions;
  readonly #workshop: Workshop;
  /** By name, and modules by path: whoever writes `{ module }` into each call means the same one. */
  readonly #named = new Map<string, ValueCodec>();
  readonly #given = new WeakMap<object, ValueCodec>();

  constructor(options: CodecOptions) {
    this.#options = resolveCodecOptions(options);
    this.#workshop = new Workshop(this.#options);
    this.own = new ValueCodec(this.#options, this.#workshop);
    const { codec } = this.#options;
    if (codec !== undefined) this.#keep(codec, this.own);
  }

  /**
   * The codec an option stands for, with all other options as the client has them.
   * Throws IllegalInputError (ERR_MEMCACHE_OPTION) where the client's format has no such codec.
   */
  for(codec: CodecOption | undefined): ValueCodec {
    if (codec === undefined) return this.own;
    const name = nameOf(codec);
    const known = typeof name === 'string' ? this.#named.get(name) : this.#given.get(name);
    if (known !== undefined) return known;
    const options = resolveCodecOptions({ ...this.#options, codec });
    // Workers are started with their module.
    const shared = moduleOf(codec) === undefined;
    const workshop = shared ? this.#workshop : new Workshop(options, this.#workshop.metrics);
    return this.#keep(codec, new ValueCodec(options, workshop));
  }

  /** Takes over what may change. Codecs of the user's own have nothing of it. */
  retune({ compressFromBytes, minGain, offload, offloadFromBytes }: CodecLimits): void {
    const limits = { compressFromBytes, minGain, offload, offloadFromBytes };
    this.#options = { ...this.#options, ...limits };
    for (const codec of new Set([this.own, ...this.#named.values()])) codec.retune(limits);
  }

  /** What is pending is finished inline; so is what comes later. */
  async close(): Promise<void> {
    await Promise.all([this.own, ...this.#named.values()].map((codec) => codec.close()));
  }

  #keep(codec: CodecOption, made: ValueCodec): ValueCodec {
    const name = nameOf(codec);
    if (typeof name === 'string') this.#named.set(name, made);
    else this.#given.set(name, made);
    return made;
  }
}

/** Functions have no name but themselves. */
function nameOf(codec: CodecOption): string | object {
  const module = moduleOf(codec);
  return module === undefined ? codec : `module ${module}`;
}
