// The answer that says "you have won" is lost with its connection: nobody has the lease, and it ends by itself.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lab, until } from '../support/fault-lab.ts';
import type { Script } from '../support/scripted-server.ts';

const META = { dialect: 'meta', maxValueBytes: 1_000_000 } as const;

const says =
  (line: string): Script =>
  (_request, peer) =>
    peer.send(`${line}\r\n`);
const hangsUp: Script = (_request, peer) => void peer.reset();

test('asked again it is lost, waited for, and won in the end', async (t) => {
  const { server, client } = await lab(t, META);
  server.next.push(
    hangsUp,
    says('VA 0 kk f0 c5 t1 Z\r\n'),
    says('VA 0 kk f0 c5 t1 Z\r\n'),
    says('VA 0 kk f0 c6 t-1 W\r\n'),
    says('STORED'),
  );
  let loads = 0;
  const load = (): string => `loaded ${++loads}`;
  const values = await Promise.all([1, 2].map(() => client.fetch('k', { lock: 1, ttl: 60 }, load)));
  assert.deepEqual(values, ['loaded 1', 'loaded 1']);
  const asks = 'mg k k v f c t N1';
  await until(() => server.lines.length === 5);
  assert.deepEqual(server.lines, [asks, asks, asks, asks, 'cas k 16 60 8 6']);
  assert.equal(client.metrics().retries, 2, 'one for each caller');
});

test('with one attempt the cache has failed: the loader takes its place', async (t) => {
  const { server, client } = await lab(t, { ...META, retry: { attempts: 1 } });
  server.next.push(hangsUp);
  const codes: string[] = [];
  client.on('guard', ({ error }) => codes.push(error.code));
  assert.equal(await client.fetch('k', {}, () => 'loaded'), 'loaded');
  assert.deepEqual(codes, ['ERR_MEMCACHE_CONNECTION_LOST']);
  assert.deepEqual(server.lines, ['mg k k v f c t N10']);
});

test('of many keys those whose answers are lost are asked for once more', async (t) => {
  const { server, client } = await lab(t, META);
  server.next.push(
    says('VA 1 ka f16 c1 t-1\r\nA'),
    (_request, peer) => void peer.reset(),
    says('VA 0 kb f0 c2 t9 Z\r\n'),
    says('VA 1 kb f16 c3 t-1\r\nB'),
  );
  const none = (): never => {
    throw new Error('nothing was won');
  };
  const values = await client.fetchMany(['a', 'b'], { ttl: 60 }, none);
  assert.deepEqual(
    [...values],
    [
      ['a', 'A'],
      ['b', 'B'],
    ],
  );
});
