import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type StatValue, statValues } from '../../../src/client/stat-values.ts';

const one = (name: string, text: string, group = ''): StatValue | undefined =>
  statValues(new Map([[name, text]]), group).get(name);

test('whole numbers are numbers, and bigints beyond 2^53', () => {
  assert.equal(one('curr_items', '0'), 0);
  assert.equal(one('items:1:number', '17'), 17);
  assert.equal(one('1:chunk_size', '96'), 96);
  assert.equal(one('96', '3', 'sizes'), 3);
  assert.equal(one('verbosity', '2', 'settings'), 2);
  assert.equal(one('bytes_read', '9007199254740991'), Number.MAX_SAFE_INTEGER);
  assert.equal(one('bytes_read', '9007199254740992'), 9_007_199_254_740_992n);
  assert.equal(one('bytes_read', '18446744073709551615'), 18_446_744_073_709_551_615n);
  assert.equal(one('unknown', '-1'), -1);
});

test('decimals are numbers, with the colon of old releases too', () => {
  assert.equal(one('rusage_user', '1.500000'), 1.5);
  assert.equal(one('rusage_system', '1:500000'), 1.5);
  assert.equal(one('growth_factor', '1.25', 'settings'), 1.25);
  assert.equal(one('slab_automove_ratio', '0.80', 'settings'), 0.8);
  assert.equal(one('elsewhere', '1:5'), '1:5');
});

test('yes and no are true and false, and so are flags of 0 and 1', () => {
  assert.equal(one('cas_enabled', 'yes', 'settings'), true);
  assert.equal(one('auth_enabled_sasl', 'no', 'settings'), false);
  for (const name of [
    'accepting_conns',
    'cas_enabled',
    'detail_enabled',
    'hash_is_expanding',
    'lru_crawler_running',
    'maxconns_fast',
    'slab_automove',
    'slab_reassign',
    'slab_reassign_running',
  ]) {
    assert.equal(one(name, '1'), true, name);
    assert.equal(one(name, '0'), false, name);
  }
  assert.equal(one('slab_automove', '2', 'settings'), 2);
  assert.equal(one('threads', '1'), 1);
});

test('the umask is octal', () => {
  assert.equal(one('umask', '700', 'settings'), 0o700);
  assert.equal(one('umask', '0', 'settings'), 0);
});

test('texts stay texts, whatever they look like', () => {
  assert.equal(one('version', '7'), '7');
  assert.equal(one('stat_key_prefix', '1', 'settings'), '1');
  assert.equal(one('stat_key_prefix', 'no', 'settings'), 'no');
  assert.equal(one('inter', '12', 'settings'), '12');
  assert.equal(one('domain_socket', '/tmp/x y', 'settings'), '/tmp/x y');
  assert.equal(one('24:addr', 'tcp:127.0.0.1:1', 'conns'), 'tcp:127.0.0.1:1');
  assert.equal(one('24:state', 'conn_read', 'conns'), 'conn_read');
  assert.equal(one('evictions', 'on', 'settings'), 'on');
  assert.equal(one('evictions', '5'), 5);
  assert.equal(one('ssl_key', '(null)', 'settings'), '(null)');
  assert.equal(one('empty', ''), '');
  assert.equal(one('1.6', '1.6.18'), '1.6.18');
});

test('what is about keys stays text, and keys are UTF-8 where they can be', () => {
  const utf8 = Buffer.from('ключ').toString('latin1');
  const items = statValues(new Map([[utf8, '[1 b; 0 s]']]), 'cachedump 1 10');
  assert.deepEqual([...items], [['ключ', '[1 b; 0 s]']]);
  const prefixes = statValues(new Map([['\xff', 'get 1 hit 1 set 1 del 0']]), 'detail dump');
  assert.deepEqual([...prefixes], [['\xff', 'get 1 hit 1 set 1 del 0']]);
});
