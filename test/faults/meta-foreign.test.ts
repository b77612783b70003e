import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FleetClient } from '../../src/index.ts';
import { clientOf, rejects } from '../support/fault-lab.ts';
import { startRelease } from '../support/release-server.ts';

const KEY = Buffer.from('a b');

type Verb = (cache: FleetClient) => Promise<unknown>;

/** What a server must not say to a verb, line by line. */
const FOREIGN: [name: string, verb: Verb, ...answers: string[]][] = [
  [
    'inspect',
    (c) => c.inspect('a'),
    'HD kb u s1 c1 f0 t0 l0 h0',
    'EN kb',
    'HD s1 c1',
    'VA 1 ka s1 c1\r\nx',
    'HD ka s1',
    'HD ka sx c1',
    'NF',
  ],
  [
    'inspect of a key in base64',
    (c) => c.inspect(KEY),
    'HD s1 c1',
    'HD O0 s1 c1',
    'EN O0',
    'HD kYSBj c1',
  ],
  [
    'meta.get with opaque',
    (c) => c.meta.get('a', { facts: [], opaque: 'mine' }),
    'HD ka Oyours',
    'HD ka',
    'HD Omine',
    'EN ka Oyours',
  ],
  ['meta.get', (c) => c.meta.get('a'), 'VA 1 kb f0 c1 s1\r\nx', 'HD ka f0 c1', 'VA 1 f0 c1\r\nx'],
  [
    'getAndTouch of a key in base64',
    (c) => c.getAndTouch(KEY, 9),
    'VA 1 O0 f0\r\nx',
    'VA 1 f0\r\nx',
    'HD',
  ],
  [
    'meta.set',
    (c) => c.meta.set('a', 'v', { opaque: 'mine' }),
    'HD kb',
    'HD ka Oyours',
    'STORED',
    'EN',
  ],
  [
    'meta.delete',
    (c) => c.meta.delete('a', { opaque: 'mine' }),
    'HD kb',
    'NF Oyours',
    'NS',
    'DELETED',
  ],
  ['delete with cas', (c) => c.delete('a', { cas: '1' }), 'HD kb', 'NOT_FOUND'],
  [
    'meta.arithmetic',
    (c) => c.meta.arithmetic('a', { opaque: 'mine' }),
    'VA 1 kb Omine\r\n1',
    'VA 1 ka Oyours\r\n1',
    'VA 1 ka\r\n1',
    'VA 1 ka Omine\r\nx',
    'NF kb',
    'HD ka',
    '1',
  ],
  [
    'meta.debug',
    (c) => c.meta.debug('a'),
    'ME b exp=0 la=0 cas=1 fetch=no cls=1 size=1',
    'ME a',
    'HD',
  ],
];

for (const [name, verb, ...answers] of FOREIGN) {
  for (const said of answers) {
    test(`${name} is not answered by ${JSON.stringify(said)}`, async (t) => {
      const server = await startRelease(t, '1.6.40', (line) =>
        line === 'get well' ? 'VALUE well 0 1\r\nx\r\nEND\r\n' : `${said}\r\n`,
      );
      const cache = clientOf(t, server.address, { retry: { attempts: 1 } });
      await rejects(verb(cache), 'ERR_MEMCACHE_PROTOCOL', 'maybe');
      assert.deepEqual(await cache.get('well'), Buffer.from('x'));
      assert.equal(cache.metrics().reconnects, 1, 'the connection was given up');
    });
  }
}

/** How often a verb is tried whose connection is lost once it was sent, by what the client may repeat. */
const TRIES: [name: string, verb: Verb, byReads: number, byIdempotent: number, bySets: number][] = [
  ['inspect', (c) => c.inspect('a'), 2, 2, 2],
  ['inspect of a key in base64', (c) => c.inspect(KEY), 2, 2, 2],
  ['inspect with touch', (c) => c.inspect('a', { touch: 5 }), 1, 2, 2],
  ['inspect with vivify', (c) => c.inspect('a', { vivify: 5 }), 1, 1, 1],
  ['inspect with recache', (c) => c.inspect('a', { recache: 5 }), 1, 1, 1],
  ['getAndTouch', (c) => c.getAndTouch('a', 5), 1, 2, 2],
  ['getAndTouch of a key in base64', (c) => c.getAndTouch(KEY, 5), 1, 2, 2],
  ['meta.set', (c) => c.meta.set('a', 'v'), 1, 1, 2],
  ['meta.set with cas', (c) => c.meta.set('a', 'v', { cas: '1' }), 1, 1, 1],
  ['meta.set that appends', (c) => c.meta.set('a', 'v', { mode: 'append' }), 1, 1, 1],
  ['meta.delete', (c) => c.meta.delete('a'), 1, 1, 1],
  ['delete with cas', (c) => c.delete('a', { cas: '1' }), 1, 2, 2],
  ['meta.arithmetic', (c) => c.meta.arithmetic('a'), 1, 1, 1],
  ['meta.debug', (c) => c.meta.debug('a'), 2, 2, 2],
];

for (const [name, verb, ...tries] of TRIES) {
  test(`${name} that may have been carried out is repeated only where that is harmless`, async (t) => {
    for (const [i, maybeSent] of (['reads', 'idempotent', 'sets'] as const).entries()) {
      const server = await startRelease(t, '1.6.40', () => 'GARBAGE\r\n');
      const retry = { attempts: 2, maybeSent, budget: 1 };
      await rejects(verb(clientOf(t, server.address, { retry })), 'ERR_MEMCACHE_PROTOCOL', 'maybe');
      assert.equal(server.asked.length, tries[i], maybeSent);
    }
  });
}
