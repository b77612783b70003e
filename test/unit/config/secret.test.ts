import assert from 'node:assert/strict';
import { test } from 'node:test';
import { format, inspect } from 'node:util';
import { secret } from '../../../src/config/secret.ts';

test('fields can be read and spread', () => {
  const hidden = secret({ passphrase: 'hunter2', ca: 'x' });
  assert.equal(hidden.passphrase, 'hunter2');
  assert.deepEqual({ ...hidden, ca: 'y' }, { passphrase: 'hunter2', ca: 'y' });
});

test('nothing that prints or serializes shows them', () => {
  const holder = { tls: secret({ passphrase: 'hunter2' }) };
  const shown = [
    inspect(holder, { depth: null, showHidden: true }),
    JSON.stringify(holder),
    format('%o %j %s', holder, holder, holder),
  ];
  for (const text of shown) {
    assert.doesNotMatch(text, /hunter2/);
    assert.match(text, /hidden/);
  }
});

test('it is a frozen copy', () => {
  const fields = { passphrase: 'hunter2' };
  const hidden = secret(fields);
  fields.passphrase = 'changed';
  assert.equal(hidden.passphrase, 'hunter2');
  assert.ok(Object.isFrozen(hidden));
});
