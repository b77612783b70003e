import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IllegalInputError } from '../../../src/errors.ts';
import { checkedName, itemPrefix, versionKey } from '../../../src/namespace/name.ts';

test('a name is 1 to 64 bytes of text that may stand in a key', () => {
  for (const name of ['u', 'user', 'shop:user', 'a/b|c{d}', 'ü', 'x'.repeat(64), 'ü'.repeat(32)])
    assert.equal(checkedName(name), name);
});

test('anything else is refused, without being shown', () => {
  const refusals: [unknown, RegExp][] = [
    ['', /must have 1 to 64 bytes, not 0/],
    ['x'.repeat(65), /must have 1 to 64 bytes, not 65/],
    ['ü'.repeat(33), /not 66/],
    ['user~', /may not hold '~'/],
    ['~', /may not hold '~'/],
    ['us er', /0x00-0x20/],
    ['user\r\n', /0x00-0x20/],
    ['user\x7f', /0x7f/],
    ['user\ud800', /well-formed/],
    [7, /must be a string, not a number/],
    [undefined, /must be a string, not undefined/],
    [Buffer.from('user'), /must be a string, not bytes/],
  ];
  for (const [name, message] of refusals)
    assert.throws(
      () => checkedName(name),
      (error) => {
        assert.ok(error instanceof IllegalInputError);
        assert.equal(error.code, 'ERR_MEMCACHE_KEY');
        assert.match(error.message, message);
        assert.ok(!error.message.includes('user'), error.message);
        return true;
      },
    );
});

test('the keys of a namespace', () => {
  assert.equal(versionKey('user'), 'user~version');
  assert.equal(itemPrefix('', 'user', '0abc'), 'user~0abc~');
  assert.equal(itemPrefix('app:', 'user', '0abc'), 'app:user~0abc~');
  assert.equal(itemPrefix('', 'ü', '0abc'), '\u00c3\u00bc~0abc~', 'one character per byte');
});
