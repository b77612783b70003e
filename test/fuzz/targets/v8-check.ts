import assert from 'node:assert/strict';
import { deserialize, serialize } from 'node:v8';
import { isSound } from '../../../src/codec/v8-check.ts';

const ANNOUNCED = 1024;
const MOST_MEMORY = 64 * 1024;

/** What is found sound costs V8 no more than its own size. */
export function fuzz(data: Buffer): void {
  if (!isSound(data, ANNOUNCED)) return;
  const before = process.memoryUsage().arrayBuffers;
  try {
    deserialize(data);
  } catch {
    // An error is as good as a value.
  }
  const more = process.memoryUsage().arrayBuffers - before;
  assert.ok(more <= MOST_MEMORY + 2 * data.length, 'sound, and takes too much memory');
}

const cyclic: unknown[] = [1];
cyclic.push(cyclic, { cyclic });

export function seeds(): Buffer[] {
  return [
    undefined,
    null,
    true,
    -1,
    1.5,
    2n ** 100n,
    'text',
    'é€😀',
    Object.assign(new Array<number>(3), { 0: 1, 2: 3 }),
    Object.assign(new Array(1000), { 5: 1, name: 2 }),
    { a: 1, 7: { b: [] } },
    new Date(0),
    /a+/gi,
    new Map<unknown, unknown>([[1, new Set(['x'])]]),
    withoutPlaces(new TypeError('an error', { cause: withoutPlaces(new Error('its cause')) })),
    new Uint8Array([1, 2, 3]),
    new Float64Array(3),
    new DataView(new ArrayBuffer(8), 2, 4),
    new ArrayBuffer(16),
    Object(1) as unknown,
    Object('boxed') as unknown,
    Object(1n) as unknown,
    cyclic,
  ].map((value) => serialize(value));
}

/** A stack names the folders of whoever made it, and the corpus is for everybody. */
const withoutPlaces = (error: Error): Error => Object.assign(error, { stack: String(error) });
