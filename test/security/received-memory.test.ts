// What a caller is given is its own: nothing that comes later changes it, and what it does with it changes nothing of
// anybody else's. Whoever has an array of numbers can see the memory it stands in: no other item is in there.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FleetClient } from '../../src/index.ts';
import { startMemcached } from '../../src/testing/index.ts';
import { clientOf, type LabOptions } from '../support/fault-lab.ts';

const LENGTHS = [1, 100, 1000, 3000, 5000, 20_000, 100_000];
const contentOf = (index: number, length: number): Buffer =>
  Buffer.alloc(length, `item ${index} of many `);

interface Place {
  readonly memory: ArrayBufferLike;
  readonly from: number;
  readonly to: number;
}

const placeOf = (view: ArrayBufferView): Place => ({
  memory: view.buffer,
  from: view.byteOffset,
  to: view.byteOffset + view.byteLength,
});

/** No two of them share a byte. */
function assertApart(views: readonly ArrayBufferView[]): void {
  const places = new Map<ArrayBufferLike, Place[]>();
  for (const place of views.map(placeOf))
    places.set(place.memory, [...(places.get(place.memory) ?? []), place]);
  for (const sharing of places.values()) {
    const sorted = sharing.toSorted((a, b) => a.from - b.from);
    for (const [i, { from }] of sorted.entries())
      assert.ok(i === 0 || sorted[i - 1].to <= from, 'two values share memory');
  }
}

/** Each item by each way there is to read one; each way twice in one moment. */
async function readAll(client: FleetClient, keys: readonly string[]): Promise<[string, Buffer][]> {
  const singles = [...keys, ...keys].map(async (key) => [
    [key, await client.get<Buffer>(key)],
    [key, (await client.gets<Buffer>(key))?.value],
    [key, await client.getAndTouch<Buffer>(key, 100)],
  ]);
  const many = [1, 2].map(async () => [...(await client.getMany<Buffer>(keys))]);
  return (await Promise.all([...singles, ...many])).flat() as [string, Buffer][];
}

const WAYS: Record<string, LabOptions> = {
  'as they are': { compressor: 'none' },
  'under a checksum': { compressor: 'none', checksum: true },
  'unfolded here': { compressor: 'lz4', compressFromBytes: 50 },
  'unfolded by workers': { compressor: 'zlib', compressFromBytes: 50, offload: 'always' },
  "through a codec of one's own": {
    codec: { encode: (value) => ({ bytes: value as Buffer, flags: 0 }), decode: (bytes) => bytes },
  },
};

for (const [way, options] of Object.entries(WAYS)) {
  test(`bytes are whose they are given to, ${way}`, async (t) => {
    await using server = await startMemcached({ threads: 1 });
    const client = clientOf(t, server.address, options);
    const contents = new Map<string, Buffer>(
      LENGTHS.flatMap((length, i) =>
        Array.from(
          { length: 4 },
          (_, j) => [`${length}:${j}`, contentOf(4 * i + j, length)] as const,
        ),
      ),
    );
    await client.setMany([...contents]);
    const keys = [...contents.keys()];
    const first = await readAll(client, keys);
    // Overwrites what was read into, and what is reused.
    const second = await readAll(client, keys.toReversed());
    const all = [...first, ...second];
    assert.equal(all.length, 2 * 8 * keys.length);
    for (const [key, value] of all) assert.deepEqual(value, contents.get(key), key);
    assertApart(all.map(([, value]) => value));
    for (const [, value] of first) value.fill(0);
    for (const [key, value] of second) assert.deepEqual(value, contents.get(key), key);
    assert.deepEqual(await client.get(keys[0]), contents.get(keys[0]));
  });
}

const NUMBERS: Record<string, (marker: number) => ArrayBufferView> = {
  Uint16Array: (marker) => new Uint16Array(marked(marker), 8, 20),
  Float64Array: (marker) => new Float64Array(marked(marker), 16, 3),
  BigUint64Array: (marker) => new BigUint64Array(marked(marker), 8, 5),
  DataView: (marker) => new DataView(marked(marker), 3, 21),
  Uint8Array: (marker) => new Uint8Array(marked(marker), 3, 21),
};

/** Memory of which a value is a part. Each item has a byte of its own. */
const marked = (marker: number): ArrayBuffer => new Uint8Array(200).fill(marker).buffer;

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Buffer =>
  Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);

for (const codec of ['msgpack', 'v8'] as const) {
  for (const offload of ['never', 'always'] as const) {
    test(`arrays of numbers keep their type and show no other item, ${codec}, offload ${offload}`, async (t) => {
      await using server = await startMemcached({ threads: 1 });
      const client = clientOf(t, server.address, { codec, offload, compressor: 'none' });
      const values = Object.values(NUMBERS).flatMap((make, i) =>
        [0, 1, 2, 3].map((j) => ({ numbers: make(0xa0 + 4 * i + j), marker: 0xa0 + 4 * i + j })),
      );
      await client.setMany(values.map((value, i) => [`k${i}`, value] as const));
      for (let round = 0; round < 3; round++) {
        const read = await Promise.all(
          values.map((_, i) => client.get<(typeof values)[0]>(`k${i}`)),
        );
        for (const [i, value] of read.entries()) {
          const { numbers, marker } = values[i];
          assert.ok(value !== undefined);
          assert.equal(
            value.numbers.constructor.name.replace('Buffer', 'Uint8Array'),
            numbers.constructor.name,
          );
          assert.deepEqual(bytesOf(value.numbers), bytesOf(numbers));
          const visible = new Uint8Array(value.numbers.buffer as ArrayBuffer);
          const strangers = visible.filter((byte) => byte >= 0xa0 && byte < 0xa0 + values.length);
          assert.deepEqual([...new Set(strangers)], [marker], `k${i}: sees other items`);
        }
      }
    });
  }
}
