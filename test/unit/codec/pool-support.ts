import assert from 'node:assert/strict';
import type { EncodedValue } from '../../../src/codec/codec.ts';
import type { ValueCodec } from '../../../src/codec/value-codec.ts';
import type { MemcacheError } from '../../../src/errors.ts';

export type Outcome<T> = { value: T } | { error: MemcacheError };

/** Settles with what `done` was told; fails when it is called twice or too early. */
function once<T>(
  start: (done: (error: MemcacheError | undefined, value: T | undefined) => void) => void,
): Promise<Outcome<T>> {
  let returned = false;
  let calls = 0;
  const outcome = new Promise<Outcome<T>>((resolve) => {
    start((error, value) => {
      calls++;
      assert.ok(returned, 'called before the call returned');
      assert.equal(calls, 1, 'called more than once');
      resolve(error === undefined ? { value: value as T } : { error });
    });
  });
  returned = true;
  return outcome;
}

export function encodeLater(
  codec: ValueCodec,
  value: unknown,
  key: string | Uint8Array = 'k',
): Promise<Outcome<EncodedValue>> {
  return once((done) => {
    codec.encodeLater(value, key, done);
  });
}

/** Decodes from the middle of a buffer that is overwritten as soon as it may be. */
export function decodeLater(
  codec: ValueCodec,
  flags: number,
  item: Uint8Array | string,
  key: string | Uint8Array = 'k',
): Promise<Outcome<unknown>> {
  const read = Buffer.concat([Buffer.from('<<'), Buffer.from(item as string), Buffer.from('>>')]);
  const outcome = once((done) => {
    codec.decodeLater(flags, read, 2, read.length - 2, false, key, done);
  });
  read.fill(0xee);
  return outcome;
}

export async function valueOf<T>(outcome: Promise<Outcome<T>>): Promise<T> {
  const settled = await outcome;
  if ('error' in settled) throw settled.error;
  return settled.value;
}

/** The item as a server would keep it, with its arena let go. */
export function stored(encoded: EncodedValue): { flags: number; item: Buffer } {
  const item = Buffer.from(encoded.data as string);
  encoded.release?.();
  return { flags: encoded.flags, item };
}

/** Workers start at the first shard; until then values are done inline. */
export async function warmUp(codec: ValueCodec, value: unknown): Promise<void> {
  for (let round = 0; round < 2000; round++) {
    const encoded = await valueOf(encodeLater(codec, value));
    encoded.release?.();
    if (codec.metrics.encodedInPool > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.fail('the pool did not start');
}
