import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseServers } from '../../../src/connection/address.ts';
import { staticList } from '../../../src/discovery/static.ts';
import { IllegalInputError } from '../../../src/errors.ts';

const context = { known: [], signal: new AbortController().signal };

test('a list stays as it was given', async () => {
  const given = ['a:1', '/run/b.sock'];
  const discovery = staticList(given);
  given.push('c:1');
  assert.deepEqual(await discovery.discover(context), parseServers(['a:1', '/run/b.sock']));
  assert.equal(discovery.pollMs, 0);
  assert.equal(discovery.local, true);
  assert.deepEqual(await staticList('a:1,b:2').discover(context), parseServers('a:1,b:2'));
});

test('a list that is none is refused at once', () => {
  for (const specs of [[], ['a', 'a'], ['a:x'], '']) {
    assert.throws(() => staticList(specs), IllegalInputError);
  }
});
