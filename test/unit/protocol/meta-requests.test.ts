import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wireKey } from '../../../src/protocol/key.ts';
import {
  metaCount,
  metaDelete,
  metaGet,
  metaStore,
  metaTouch,
} from '../../../src/protocol/meta-requests.ts';

const KEY = wireKey(Buffer.from('a b'), 'p:');
const TEXT = 'cDphIGI=';

test('requests hold the key in base64 and say so', () => {
  assert.equal(metaGet(KEY, false), `mg ${TEXT} b v f k`);
  assert.equal(metaGet(KEY, true), `mg ${TEXT} b v f k c`);
  assert.equal(metaDelete(KEY), `md ${TEXT} b`);
  assert.equal(metaTouch(KEY, 60), `mg ${TEXT} b T60`);
  assert.equal(metaTouch(KEY, -1), `mg ${TEXT} b T-1`);
  assert.equal(metaCount('incr', KEY, 2n ** 64n - 1n), `ma ${TEXT} b MI D18446744073709551615 v k`);
  assert.equal(metaCount('decr', KEY, 1n), `ma ${TEXT} b MD D1 v k`);
});

test('each store has its mode, and a cas its token', () => {
  const modes = { set: 'S', add: 'E', replace: 'R', append: 'A', prepend: 'P' } as const;
  for (const verb of ['set', 'add', 'replace', 'append', 'prepend'] as const) {
    assert.equal(
      metaStore(KEY, { verb, flags: 32, exptime: 60, length: 5, cas: undefined }),
      `ms ${TEXT} 5 b F32 T60 M${modes[verb]}`,
    );
  }
  assert.equal(
    metaStore(KEY, { verb: 'cas', flags: 0, exptime: 0, length: 0, cas: '77' }),
    `ms ${TEXT} 0 b F0 T0 MS C77`,
  );
});
