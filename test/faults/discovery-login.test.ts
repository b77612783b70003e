// A configuration endpoint that wants to know who asks, as its servers do.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { elasticache } from '../../src/discovery/elasticache.ts';
import type { MemcacheError } from '../../src/index.ts';
import { startFakeMemcached } from '../../src/testing/index.ts';
import { ConfigEndpoint, configReply } from '../support/config-endpoint.ts';
import { clientOf, type LabOptions, rejects, until } from '../support/fault-lab.ts';

const ADA = { username: 'ada', password: 'canary' };
const CREDENTIALS = `${ADA.username} ${ADA.password}`;

/** A client of a server and an endpoint of its own, both of which know Ada alone. */
async function lab(t: TestContext, auth: LabOptions['auth']) {
  const server = await startFakeMemcached({ users: { [ADA.username]: ADA.password } });
  t.after(() => server.stop());
  const known = new Set<unknown>();
  const endpoint = await ConfigEndpoint.start(t, (socket, line) => {
    if (line.startsWith('set ')) return;
    if (line === CREDENTIALS) known.add(socket);
    if (line === CREDENTIALS) socket.write('STORED\r\n');
    else if (!line.startsWith('config ')) socket.write('CLIENT_ERROR authentication failure\r\n');
    else if (!known.has(socket)) socket.write('CLIENT_ERROR unauthenticated\r\n');
    else socket.write(configReply(1, [`localhost|127.0.0.1|${server.port}`]));
  });
  const discovery = elasticache({ endpoint: endpoint.address });
  const client = clientOf(t, '', {
    servers: undefined,
    discovery,
    discoveryLimits: { allowLocal: true },
    auth,
  });
  return { client, endpoint };
}

test('an endpoint that wants to know who asks is told before it is asked', async (t) => {
  const { client, endpoint } = await lab(t, ADA);
  assert.equal(await client.set('a', 1), true);
  const [login, credentials, question] = endpoint.questions;
  assert.match(login, /^set /);
  assert.equal(credentials, CREDENTIALS);
  assert.match(question, /^config /);
});

for (const [what, auth, asked] of [
  ['no', undefined, true],
  ['wrong', { ...ADA, password: 'other' }, false],
] as const) {
  test(`an endpoint that is told ${what} credentials: the event says ERR_MEMCACHE_AUTH`, async (t) => {
    const { client, endpoint } = await lab(t, auth);
    const errors: MemcacheError[] = [];
    client.on('discovery', ({ error }) => void errors.push(error));
    const late = await rejects(
      client.set('a', 1, { timeoutMs: 500 }),
      'ERR_MEMCACHE_TIMEOUT',
      'no',
    );
    await until(() => errors.length > 0);
    const [error] = errors;
    assert.equal(error.code, 'ERR_MEMCACHE_AUTH');
    for (const { message } of [error, late]) assert.doesNotMatch(message, /canary|other/);
    const questions = endpoint.questions.filter((line) => line.startsWith('config '));
    assert.equal(questions.length > 0, asked);
  });
}
