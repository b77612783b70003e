// What leaves of a value is the value: no byte of the memory it is a part of, none of what our own memory held before.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { inflateSync } from 'node:zlib';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { uncompressSync } from 'lz4-napi';
import type { FleetClient, MemcacheError } from '../../src/index.ts';
import { type ReadRequest, RequestReader } from '../../src/testing/fake-request.ts';
import { chaosLab, sentFromNow } from '../support/chaos-lab.ts';
import { CHECKSUM, compressionOf, LZ4, ZLIB } from '../../src/codec/flags.ts';
import { clientOf, type LabOptions } from '../support/fault-lab.ts';

const CANARY = 'what stands beside ';
const AROUND = CANARY.repeat(10);

/** Memory that holds these bytes among others. */
const MEMORY: Record<string, (content: Buffer) => Uint8Array> = {
  'part of a Buffer': (content) =>
    around(Buffer.alloc(content.length + 2 * AROUND.length), content),
  'part of an ArrayBuffer': (content) => {
    const { buffer, byteOffset, length } = around(Buffer.alloc(content.length + 1000), content);
    return new Uint8Array(buffer, byteOffset, length);
  },
  'part of shared memory': (content) =>
    around(Buffer.from(new SharedArrayBuffer(content.length + 2 * AROUND.length)), content),
  "part of Node's pool": (content) => {
    const pooled = Buffer.from(AROUND + content.toString('latin1') + AROUND, 'latin1');
    return pooled.subarray(AROUND.length, AROUND.length + content.length);
  },
};

function around(whole: Buffer, content: Buffer): Buffer {
  whole.fill(CANARY);
  whole.set(content, AROUND.length);
  return whole.subarray(AROUND.length, AROUND.length + content.length);
}

const COMMANDS = 'x\r\nflush_all\r\nset a 0 0 1\r\nx\r\n';
const LENGTHS = [0, 1, 47, 48, 49, 1000, 16_383, 16_384, 16_385, 40_000, 70_000];

/** Every request about a key that was sent, however it was cut; fails if there is a byte that belongs to none. */
function requestsIn(sent: string): ReadRequest[] {
  const bytes = Buffer.from(sent, 'latin1');
  const requests = [...new RequestReader().read(bytes)];
  assert.deepEqual(Buffer.concat(requests.map((request) => request.bytes)), bytes);
  for (const { terminated, line, bytes: own } of requests) {
    assert.ok(terminated, 'data do not end where they should');
    assert.equal(own.indexOf('\r\n'), line.length, 'a line does not end as it should');
  }
  return requests.filter(({ verb }) => !['version', 'mn', 'stats'].includes(verb));
}

type Send = (client: FleetClient, key: string, value: Uint8Array) => Promise<unknown>;
const VERBS: Record<string, Send> = {
  set: (client, key, value) => client.set(key, value),
  'set, noreply': (client, key, value) => client.set(key, value, { noreply: true }),
  add: (client, key, value) => client.add(key, value),
  replace: (client, key, value) => client.replace(key, value),
  append: (client, key, value) => client.append(key, value),
  prepend: (client, key, value) => client.prepend(key, value),
  cas: (client, key, value) => client.cas(key, value, '1'),
  'meta.set': (client, key, value) => client.meta.set(key, value),
};

for (const dialect of ['classic', 'meta'] as const) {
  test(`a value of commands that is a part of larger memory, ${dialect}`, async (t) => {
    const { proxy, client } = await chaosLab(t, { dialect, compressor: 'none' });
    for (const [name, verb] of Object.entries(VERBS)) {
      if (dialect === 'classic' && name === 'meta.set') continue;
      const sent = sentFromNow(proxy);
      const contents = new Map<string, Buffer>();
      const calls = Object.values(MEMORY).flatMap((memory, i) =>
        LENGTHS.map((length) => {
          const key = `${i}:${length}`;
          const content = Buffer.alloc(length, `${COMMANDS}${i}`);
          contents.set(key, content);
          return verb(client, key, memory(content));
        }),
      );
      await Promise.all(calls);
      // Behind it, everything before has left.
      await client.get('last');
      assertSent(sent(), contents, name);
      await client.flushAll();
    }
  });
}

/** One request for each key, and it has these bytes: all of them and nothing else. */
function assertSent(sent: string, contents: ReadonlyMap<string, Buffer>, name: string): void {
  assert.ok(!sent.includes(CANARY), name);
  const stores = requestsIn(sent).filter(({ keys }) => keys[0] !== 'last');
  assert.equal(stores.length, contents.size, name);
  for (const { keys, data } of stores) {
    const content = contents.get(keys[0]);
    assert.ok(content !== undefined, `${name}: a key that nobody gave`);
    // No bytes are stored as a byte that says so.
    if (content.length > 0) assert.deepEqual(data, content, `${name} ${keys[0]}`);
    else assert.ok(data.length <= 1, `${name} ${keys[0]}`);
  }
}

const WAYS: Record<string, LabOptions> = {
  'as they are': { compressor: 'none' },
  'compressed here': { compressor: 'lz4' },
  'compressed by workers': { compressor: 'lz4', offload: 'always' },
  'compressed by workers with zlib': { compressor: 'zlib', offload: 'always' },
  'serialized by workers': { compressor: 'none', offload: 'always' },
  'with a checksum': { compressor: 'none', checksum: true },
};
const SECRET = 'SECRET ';

for (const [way, options] of Object.entries(WAYS)) {
  test(`short values behind long ones in the same memory, ${way}`, async (t) => {
    const { proxy } = await chaosLab(t);
    const client = clientOf(t, proxy.address, {
      ...options,
      codec: 'json',
      compressFromBytes: 100,
    });
    for (let round = 0; round < 3; round++) await storeAll(client, SECRET, 12_000);
    const inPool = (): number => client.metrics().codec.encodedInPool;
    const giveUp = performance.now() + 10_000;
    while (options.offload === 'always' && inPool() === 0 && performance.now() < giveUp)
      await storeAll(client, SECRET, 12_000);
    const before = inPool();
    const sent = sentFromNow(proxy);
    const contents = await storeAll(client, 'short ', 400);
    await client.get('last');
    const stores = requestsIn(sent()).filter(({ keys }) => keys[0] !== 'last');
    assert.equal(stores.length, contents.size);
    for (const { keys, words, data } of stores)
      assert.deepEqual(unfolded(Number(words[2]), data), contents.get(keys[0]), words.join(' '));
    if (options.offload === 'always') assert.ok(inPool() > before, 'no worker did it');
  });
}

/** Text, bytes and objects of all lengths up to one, each made of a word; what is to be sent of them by key. */
async function storeAll(
  client: FleetClient,
  word: string,
  most: number,
): Promise<Map<string, Buffer>> {
  const contents = new Map<string, Buffer>();
  const values = Array.from({ length: 60 }, (_, i) => {
    const text = word.repeat(most / word.length).slice(0, 1 + Math.floor((i * most) / 60));
    // The last third cannot be compressed.
    const bytes = i < 40 ? Buffer.from(text) : randomBytes(text.length).fill(word, 0, word.length);
    return [text, bytes, { text }][i % 3];
  });
  const calls = values.map((value, i) => {
    const json = JSON.stringify(value);
    const isObject = typeof value === 'object' && !Buffer.isBuffer(value);
    contents.set(`k${i}`, Buffer.from(isObject ? json : value));
    return client.set(`k${i}`, value);
  });
  await Promise.all(calls);
  return contents;
}

/** What was stored, if nothing but that is in it. */
function unfolded(flags: number, data: Buffer): Buffer {
  const stored = (flags & CHECKSUM) === 0 ? data : data.subarray(4);
  switch (compressionOf(flags)) {
    case LZ4:
      return uncompressSync(stored);
    case ZLIB: {
      const { buffer, engine } = inflateSync(stored, { info: true }) as unknown as {
        buffer: Buffer;
        engine: { bytesWritten: number };
      };
      assert.equal(engine.bytesWritten, stored.length, 'bytes behind the stream');
      return buffer;
    }
    default:
      return stored;
  }
}

test('an arena is used again only when what stands in it has left', async (t) => {
  const { server, proxy } = await chaosLab(t);
  const client = clientOf(t, proxy.address, {
    ...{ offload: 'always', compressor: 'lz4', compressFromBytes: 100, maxShardBytes: 65_536 },
    ...{ timeoutMs: 60_000, bulkBytes: 2 ** 30 },
  });
  const reader = clientOf(t, server.address);
  await client.set('first', 'x'.repeat(1000));
  const half = randomBytes(30_000).toString('latin1');
  const valueOf = (i: number): string => `${i} `.repeat(3000) + half;
  proxy.set({ stopReading: true });
  const calls: Promise<unknown>[] = [];
  for (let i = 0; i < 400; i++) {
    calls.push(client.set(`k${i}`, valueOf(i)));
    if (i % 4 === 0) await turn();
  }
  await sleep(200);
  proxy.set({ stopReading: undefined });
  assert.deepEqual(
    await Promise.all(calls),
    calls.map(() => true),
  );
  for (let i = 0; i < 400; i++) assert.ok((await reader.get(`k${i}`)) === valueOf(i), `k${i}`);
});

/** What says a length that is not the one of its memory: the longer one would be filled with what stands behind it. */
function liar(real: number, told: number, name: 'length' | 'byteLength'): Uint8Array {
  const bytes = real % 2 === 0 ? new Uint8Array(real) : Buffer.alloc(real);
  return Object.defineProperty(bytes.fill(0x61), name, { value: told });
}

const LIES = [
  ...[
    [3, 1000],
    [1000, 3],
    [4, 16_000],
    [50_001, 20],
    [100_000, 99_999],
    [20, 50_000],
  ],
] as const;

test('bytes that tell a false length are refused, or are as long as they are', async (t) => {
  for (const options of [
    {},
    { checksum: true },
    { compressFromBytes: 1 },
    { codec: 'v8' },
  ] as const) {
    const { proxy, client } = await chaosLab(t, options);
    const sent = sentFromNow(proxy);
    const calls = LIES.flatMap(([real, told]) =>
      (['length', 'byteLength'] as const).flatMap((name) =>
        Object.values(VERBS).map((verb) => verb(client, 'k', liar(real, told, name))),
      ),
    );
    for (const outcome of await Promise.allSettled(calls)) {
      const { code } = (outcome as PromiseRejectedResult).reason as MemcacheError;
      assert.match(code, /_ENCODE$|_VALUE$|_UNSUPPORTED$/);
    }
    await client.get('last');
    assert.equal(requestsIn(sent()).length, 1);
  }
});
