import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getAndTouch, type ReadForm } from '../../../src/server/read-form.ts';
import { Volley } from '../../../src/server/volley.ts';
import { ReadWaiter, wireText } from '../../support/waiters.ts';
import { formVolley, Host, reply, send } from './volleys.ts';

const GAT = getAndTouch(60, false);
const GATS = getAndTouch(-1, true);
const WHOLE = { answered: true, refused: undefined, broken: undefined };

test('its keys share one line behind the exptime', () => {
  const { volley } = formVolley(GAT, 'b', 'a', 'b');
  assert.deepEqual([volley.grammar, volley.verb, volley.bytes], ['items', 'gat', 4]);
  assert.equal(wireText(volley), 'gat 60 b a\r\n');
  assert.equal(wireText(formVolley(GATS, 'a', 'b').volley), 'gats -1 a b\r\n');
});

test('it is answered as get is', () => {
  const { volley, waiter, host } = formVolley(GAT, 'a', 'b', 'c');
  send(volley);
  assert.deepEqual(reply(volley, 'VALUE b 0 1\r\n2\r\nEND\r\n'), WHOLE);
  assert.deepEqual(waiter.told, [
    [1, '2'],
    [0, 'miss'],
    [2, 'miss'],
  ]);
  assert.deepEqual(host.counts, { hits: 1, misses: 2 });
});

test('gats is answered with a token, or the stream is broken', () => {
  const { volley, waiter } = formVolley(GATS, 'a');
  send(volley);
  assert.deepEqual(reply(volley, 'VALUE a 0 1 77\r\nx\r\nEND\r\n'), WHOLE);
  assert.deepEqual([waiter.told, waiter.cas], [[[0, 'x']], '77']);
  const without = formVolley(GATS, 'a');
  send(without.volley);
  const { broken } = reply(without.volley, 'VALUE a 0 1\r\nx\r\nEND\r\n');
  assert.equal(broken, 'ERR_MEMCACHE_PROTOCOL');
  assert.deepEqual(without.waiter.told, []);
});

test('refused with SERVER_ERROR it is asked again in halves of the same form', () => {
  const { volley, host } = formVolley(GAT, 'a', 'b', 'c');
  send(volley);
  volley.refused({ status: 'SERVER_ERROR', text: 'busy' });
  assert.deepEqual(host.halves.map(send), ['gat 60 a\r\n', 'gat 60 b c\r\n']);
});

test('what it could not do names its own verb', () => {
  const { volley, waiter } = formVolley(GAT, 'a');
  send(volley);
  volley.refused({ status: 'SERVER_ERROR', text: 'busy' });
  assert.equal(waiter.errors[0].command, 'gat');
});

test('keys that nobody waits for stay out of the line, and are not touched', () => {
  const { volley, waiter } = formVolley(GAT, 'a', 'b');
  const gone = new ReadWaiter();
  volley.join('c', gone, 0);
  gone.settled = true;
  assert.equal(send(volley), 'gat 60 a b\r\n');
  assert.deepEqual(reply(volley, 'VALUE a 0 1\r\nx\r\nEND\r\n'), WHOLE);
  assert.deepEqual([gone.told, waiter.told.length], [[], 2]);
});

test('an old server and a proxy are not asked', () => {
  const write = (form: ReadForm, limits: ConstructorParameters<typeof Host>[0]): string => {
    const volley = new Volley(10, new Host(limits));
    volley.form = form;
    volley.join('a', new ReadWaiter(), 0);
    return wireText(volley);
  };
  for (const form of [GAT, GATS]) {
    for (const limits of [{ version: [1, 4, 39] }, { administration: false }] as const) {
      assert.throws(() => write(form, limits), {
        code: 'ERR_MEMCACHE_UNSUPPORTED',
        command: form.verb,
        sent: 'no',
      });
    }
  }
  assert.equal(write(GAT, { version: undefined }), 'gat 60 a\r\n');
});
