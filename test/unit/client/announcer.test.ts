import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Announcer } from '../../../src/client/announcer.ts';
import type { ClientEvents } from '../../../src/client/events.ts';
import { MemcacheError } from '../../../src/errors.ts';
import { ChannelEar } from '../../support/channel-ear.ts';

const error = new MemcacheError('ERR_MEMCACHE_SERVER', 'out of memory', {
  server: 'a:1',
  command: 'set',
});

test('what listeners are told is told on the channel there is for it, with the client', (t) => {
  const ear = new ChannelEar(t);
  const events = new Announcer(7);
  const told: unknown[] = [];
  events.on('retry', (event) => told.push(event));
  events.emit('retry', { error, attempt: 2 });
  events.emit('shed', { error, operations: 3 });
  events.emit('topology', { servers: ['a:1', 'b:1'], added: ['b:1'], removed: [] });
  events.emit('discovery', { error, kept: ['a:1'] });
  events.emit('desync', { server: 'a:1', guard: 'opaque', error });
  events.emit('guard', { error });
  assert.deepEqual(told, [{ error, attempt: 2 }]);
  assert.deepEqual(
    ear.heard.map(({ name, message }) => [name, message]),
    [
      ['retry', { client: 7, command: 'set', server: 'a:1', attempt: 2, error }],
      ['shed', { client: 7, server: 'a:1', operations: 3, error }],
      [
        'discovery',
        { client: 7, servers: ['a:1', 'b:1'], added: ['b:1'], removed: [], error: undefined },
      ],
      ['discovery', { client: 7, servers: ['a:1'], added: [], removed: [], error }],
      ['guard', { client: 7, server: 'a:1', guard: 'opaque', error }],
      ['guard', { client: 7, server: 'a:1', guard: undefined, error }],
    ],
  );
});

test('what has no channel is for listeners alone', (t) => {
  const ear = new ChannelEar(t);
  const events = new Announcer(1);
  const told: unknown[] = [];
  const event: ClientEvents['refresh'][0] = { error };
  events.on('refresh', (one) => told.push(one));
  events.emit('refresh', event);
  assert.deepEqual([told, ear.heard], [[event], []]);
});
