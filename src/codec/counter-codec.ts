import type { Codec } from './codec.ts';
import { counterFlags, type FormatName } from './formats.ts';

/** A counter is stored as the server counts it, whatever codec the client has. */
export function counterCodec(format: FormatName): Codec {
  const flags = counterFlags(format);
  return {
    encode: (value) => ({ bytes: Buffer.from(String(value)), flags }),
    decode: (bytes) => BigInt(Buffer.from(bytes).toString('latin1').trim()),
  };
}
