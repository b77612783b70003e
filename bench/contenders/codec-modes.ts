import type { ValueCodec } from '../../src/codec/value-codec.ts';
import type { Load, LoadCase } from '../load/load-case.ts';
import { recordOfSize, sameValue, valueFor } from '../load/values.ts';
import type { Contender } from './contender.ts';

interface Item {
  readonly flags: number;
  readonly bytes: Buffer;
}

/** Things to cache that do compress: records, or records as JSON text or bytes. */
function documentFor({ kind, size }: LoadCase, index: number): unknown {
  if (kind === 'object') return valueFor(kind, size, index);
  const text = JSON.stringify(recordOfSize(size, index));
  return kind === 'string' ? text : Buffer.from(text);
}

/** Encodes as a set does; the item is let go at once, or copied where `keep` asks for it. */
function encode(
  codec: ValueCodec,
  value: unknown,
  key: string,
  keep?: (item: Item) => void,
): Promise<void> | undefined {
  const sent = ({ flags, data, release }: ReturnType<ValueCodec['encode']>): void => {
    keep?.({ flags, bytes: Buffer.from(data as string) });
    release?.();
  };
  if (!codec.offloadsEncode(value)) {
    sent(codec.encode(value, key));
    return undefined;
  }
  return new Promise((resolve, reject) => {
    codec.encodeLater(value, key, (error, encoded) => {
      if (encoded === undefined) reject(error);
      else resolve(sent(encoded));
    });
  });
}

/** Decodes as a get does, from a view that would be overwritten afterwards. */
function decode(codec: ValueCodec, { flags, bytes }: Item, key: string): unknown {
  if (!codec.offloadsDecode(flags, bytes.length))
    return codec.decode(flags, bytes, 0, bytes.length, false, key);
  return new Promise((resolve, reject) => {
    codec.decodeLater(flags, bytes, 0, bytes.length, false, key, (error, value) => {
      if (error === undefined) resolve(value);
      else reject(error);
    });
  });
}

function codecMode(name: string, offload: 'never' | 'auto' | 'always'): Contender {
  return {
    name,
    role: 'codec',
    accepts: ['string', 'buffer', 'object'],
    available: () => true,
    async flood(_address, load): Promise<Load> {
      const { ValueCodec } = await import('../../src/codec/value-codec.ts');
      const codec = new ValueCodec({ offload });
      const values = Array.from({ length: load.concurrency }, (_, index) =>
        documentFor(load, index),
      );
      const items: Item[] = [];
      for (const [index, value] of values.entries()) {
        await encode(codec, value, `key${index}`, (item) => (items[index] = item));
        const answer = await decode(codec, items[index], `key${index}`);
        if (!sameValue(value, answer)) throw new Error(`${load.kind} ${index} came back changed`);
      }
      const burst =
        load.operation === 'encode'
          ? () => values.map((value, index) => encode(codec, value, `key${index}`))
          : () => items.map((item, index) => decode(codec, item, `key${index}`));
      return { run: (seconds) => repeat(burst, seconds), close: () => codec.close() };
    },
  };
}

/** Burst after burst; the turn of the event loop between two is where a service would read its sockets. */
async function repeat(
  burst: () => unknown[],
  seconds: number,
): Promise<{ operations: number; misses: number }> {
  const endAt = performance.now() + seconds * 1000;
  let operations = 0;
  while (performance.now() < endAt) {
    const started = burst();
    await Promise.all(started);
    await new Promise(setImmediate);
    operations += started.length;
  }
  return { operations, misses: 0 };
}

/** The codec of memvolley alone, without a server, by what its pool may do. */
export const INLINE: Contender = codecMode('inline', 'never');
export const AUTO: Contender = codecMode('auto', 'auto');
export const ALWAYS: Contender = codecMode('always', 'always');
