import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { type Address, hostPort } from '../../../bench/contenders/contender.ts';
import { selectionFrom } from '../../../bench/selection.ts';
import { reachMemcached } from '../../../bench/support/servers.ts';
import { UsageError } from '../../../bench/usage-error.ts';
import { startLineServer } from '../../support/line-server.ts';

const LONG_MS = 10_000;

function addressOf(given: string): Address {
  const [address] = selectionFrom(['--server', given], [])?.servers ?? [];
  assert.ok(address !== undefined);
  return address;
}

test('a server is named as it is dialled, brackets included', () => {
  assert.deepEqual(addressOf('10.0.0.5:11211'), { host: '10.0.0.5', port: 11_211 });
  assert.deepEqual(addressOf('[::1]:65535'), { host: '::1', port: 65_535 });
  for (const name of ['localhost:1', '[::1]:11211', '10.0.0.5:11211']) {
    assert.equal(hostPort(addressOf(name)), name);
  }
});

test('what is no address is refused in a sentence', () => {
  const wrong = ['localhost', 'localhost:0', 'localhost:65536', 'localhost:99999', '::1:11211'];
  for (const given of [...wrong, '[::1]', '[::1:11211', ':11211']) {
    assert.throws(() => addressOf(given), UsageError, given);
  }
});

/** What is said of a server that answers so. */
async function said(
  t: TestContext,
  answer: string | undefined,
  timeoutMs = LONG_MS,
): Promise<string> {
  const { address } = await startLineServer(t, () => answer);
  const reached = reachMemcached(addressOf(address), timeoutMs);
  try {
    return (await reached).text;
  } catch (error) {
    assert.ok(error instanceof UsageError);
    assert.ok(error.message.startsWith(`no memcached answers at ${address} (`), error.message);
    return error.message;
  }
}

test('memcached says its version', async (t) => {
  assert.equal(await said(t, 'VERSION 1.6.18\r\n'), 'external memcached, version 1.6.18');
});

test('what says something else is no memcached', async (t) => {
  assert.match(await said(t, "-ERR unknown command 'version'\r\n"), /it says "-ERR unknown/);
  assert.match(await said(t, 'VERSION\r\n'), /it says "VERSION"/);
  assert.match(await said(t, 'x'.repeat(10_000)), /it says "x{200}"/);
});

test('what closes or never answers is waited for no longer', async (t) => {
  assert.match(await said(t, undefined), /\(it closed the connection\)/);
  assert.match(await said(t, '', 50), /\(it says nothing in 50 ms\)/);
});

test('a port where nobody listens is told', async () => {
  await assert.rejects(reachMemcached(addressOf('127.0.0.1:1'), LONG_MS), {
    message: /^no memcached answers at 127\.0\.0\.1:1 \(.*ECONNREFUSED/,
  });
});
