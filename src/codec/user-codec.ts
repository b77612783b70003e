import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Key } from './checksum.ts';
import type { Codec, EncodedValue } from './codec.ts';
import { decodeError, encodeError } from './codec-errors.ts';
import type { CodecModule, CodecOptions, SerializerPair } from './codec-options.ts';
import { copyBytes } from './plain.ts';

const MAX_FLAGS = 0xffff_ffff;

/** A codec of the user's own: nothing is added to what it writes, and what it reads is its to keep. */
export class UserCodec {
  readonly #codec: Codec;

  constructor(codec: Codec) {
    this.#codec = codec;
  }

  encode(value: unknown, key: Key): EncodedValue {
    let encoded: Partial<ReturnType<Codec['encode']>>;
    try {
      encoded = { ...this.#codec.encode(value, { key }) };
    } catch {
      throw encodeError('the configured codec failed to encode the value');
    }
    const { bytes, flags = -1 } = encoded;
    const valid = typeof bytes === 'string' || bytes instanceof Uint8Array;
    if (!valid || !(Number.isInteger(flags) && flags >= 0 && flags <= MAX_FLAGS)) {
      throw encodeError('the configured codec did not answer { bytes, flags }');
    }
    return { flags, data: bytes };
  }

  // oxlint-disable-next-line max-params -- the same shape as StandardCodec
  decode(
    flags: number,
    bytes: Buffer,
    start: number,
    end: number,
    owned: boolean,
    key: Key,
  ): unknown {
    const own = owned ? bytes.subarray(start, end) : copyBytes(bytes, start, end);
    try {
      return this.#codec.decode(own, flags, { key });
    } catch {
      throw decodeError('the configured codec failed to decode the item');
    }
  }
}

/** Without one of the two, bytes stay what they are. */
function fromPair(pair: SerializerPair): Codec {
  return {
    encode: (value) => ({
      bytes: (pair.serialize === undefined ? value : pair.serialize(value)) as Uint8Array,
      flags: 0,
    }),
    decode: (bytes) => (pair.deserialize === undefined ? bytes : pair.deserialize(bytes)),
  };
}

/** Loads `{ module }`, whose `encode` and `decode` are named exports or those of its default export. */
export async function loadCodecModule({ module }: CodecModule): Promise<UserCodec> {
  const loaded = (await import(
    /* webpackIgnore: true */ /* @vite-ignore */ specifierOf(module)
  )) as Partial<Codec> & {
    default?: Partial<Codec>;
  };
  const codec = loaded.encode === undefined ? loaded.default : loaded;
  if (typeof codec?.encode !== 'function' || typeof codec.decode !== 'function') {
    throw encodeError('the codec module must export encode and decode');
  }
  return new UserCodec(codec as Codec);
}

/** A path is the caller's, not relative to this file; a package name or URL stands for itself. */
function specifierOf(module: string | URL): string {
  const name = String(module);
  return /^[./\\]/.test(name) ? pathToFileURL(resolve(name)).href : name;
}

/** A codec module on the main thread, where it is needed only when the pool cannot be: loaded then. */
export class ModuleCodec {
  readonly #module: CodecModule;
  #loading: Promise<void> | undefined;
  #codec: UserCodec | undefined;

  constructor(module: CodecModule) {
    this.#module = module;
  }

  get loaded(): boolean {
    return this.#codec !== undefined;
  }

  /** Settles when `encode` and `decode` can be called, even if only to throw. */
  load(): Promise<void> {
    this.#loading ??= loadCodecModule(this.#module).then(
      (codec) => {
        this.#codec = codec;
      },
      () => undefined,
    );
    return this.#loading;
  }

  encode(value: unknown, key: Key): EncodedValue {
    if (this.#codec === undefined) throw encodeError('the codec module is not loaded');
    return this.#codec.encode(value, key);
  }

  // oxlint-disable-next-line max-params -- the same shape as StandardCodec
  decode(
    flags: number,
    bytes: Buffer,
    start: number,
    end: number,
    owned: boolean,
    key: Key,
  ): unknown {
    if (this.#codec === undefined) throw decodeError('the codec module is not loaded');
    return this.#codec.decode(flags, bytes, start, end, owned, key);
  }
}

/** What the `codec` option asks for besides the standard formats. */
export function coderOf(codec: CodecOptions['codec']): UserCodec | ModuleCodec | undefined {
  if (codec === undefined || typeof codec === 'string') return undefined;
  if ('module' in codec) return new ModuleCodec(codec);
  if ('encode' in codec) return new UserCodec(codec);
  return new UserCodec(fromPair(codec));
}
