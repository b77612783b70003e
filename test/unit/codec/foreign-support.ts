import type { CodecOptions } from '../../../src/codec/codec-options.ts';
import { ValueCodec } from '../../../src/codec/value-codec.ts';

export const encodeError = { code: 'ERR_MEMCACHE_ENCODE' };
export const decodeError = { code: 'ERR_MEMCACHE_DECODE' };

/** Flags, and the stored bytes as one character each. */
export type Stored = readonly [flags: number, bytes: string];

/** A codec as a client has it, with the few words that the tests of formats need. */
export class Shared {
  readonly codec: ValueCodec;

  constructor(options: CodecOptions) {
    this.codec = new ValueCodec(options);
  }

  stored(value: unknown): Stored {
    const { flags, data } = this.codec.encode(value, 'k');
    return [flags, Buffer.from(data as string).toString('latin1')];
  }

  read([flags, bytes]: Stored, owned = false): unknown {
    const around = Buffer.from(`<<<${bytes}>>>`, 'latin1');
    return this.codec.decode(flags, around, 3, 3 + bytes.length, owned, 'k');
  }

  roundTrip(value: unknown): unknown {
    return this.read(this.stored(value));
  }
}
