import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mannersFor } from '../../../bench/guest/manners.ts';
import { Tidying } from '../../../bench/guest/tidying.ts';
import { createClient } from '../../../src/index.ts';
import { startFakeMemcached } from '../../../src/testing/index.ts';

const MANNERS = mannersFor(5, true);
const KEYS = Array.from({ length: 250 }, (_, i) => `${MANNERS.prefix}${i}`);
const NOTHING_LEFT = new RegExp(`no key that begins with ${MANNERS.prefix} is left$`);

async function filled(address: string, keys: readonly string[]): Promise<void> {
  await using client = createClient({ servers: [address] });
  await client.setMany(new Map(keys.map((key) => [key, 'value'])));
}

const addressOf = (port: number) => ({ host: '127.0.0.1', port });

test('what arrives after the first look is found by another', async () => {
  await using server = await startFakeMemcached();
  await filled(server.address, KEYS);
  const [late] = KEYS;
  let arrived = false;
  server.intercept(async ({ verb, keys }, peer) => {
    if (verb !== 'get' || !keys.includes(late) || arrived) return undefined;
    arrived = true;
    const nothing = peer.usual();
    await filled(server.address, [late]);
    return nothing;
  });
  const tidying = new Tidying(MANNERS, [addressOf(server.port)]);
  tidying.expect(KEYS);
  const [told] = await tidying.tidy();
  assert.ok(arrived);
  assert.match(told, NOTHING_LEFT);
  assert.equal(server.size, 0);
});

test('every server has its sentence, and one that fails keeps no other from being tidied', async () => {
  await using server = await startFakeMemcached();
  await filled(server.address, KEYS);
  const none = { host: 'no such name', port: 1 };
  const tidying = new Tidying(MANNERS, [none, addressOf(server.port)]);
  tidying.expect(KEYS);
  const [failed, told] = await tidying.tidy();
  assert.match(
    failed,
    /^no such name:1: keys that begin with \S+ may be left and expire in \d+ s \(/,
  );
  assert.match(told, NOTHING_LEFT);
  assert.equal(server.size, 0);
});

test('without keys there is nothing to say', async () => {
  assert.deepEqual(await new Tidying(MANNERS, [addressOf(1)]).tidy(), []);
});
