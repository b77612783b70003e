import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { FleetHandle } from '../../../bench/soak/fleet.ts';

/** Why nobody can be reached there any more. */
async function refusalAt(address: string): Promise<string> {
  const [host, port] = address.split(':');
  const socket = connect(Number(port), host);
  try {
    await once(socket, 'connect');
    return 'none';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown';
  } finally {
    socket.destroy();
  }
}

test('the servers of a soak end with the process that has them', async () => {
  const fleet = new FleetHandle(() => {});
  const { servers } = await fleet.start(1);
  assert.equal(servers.length, 6);
  assert.deepEqual(
    await Promise.all(servers.map(refusalAt)),
    servers.map(() => 'none'),
  );
  await fleet.end();
  const deadline = performance.now() + 5000;
  for (const server of servers) {
    let refusal = await refusalAt(server);
    while (refusal === 'none' && performance.now() < deadline) refusal = await refusalAt(server);
    assert.equal(refusal, 'ECONNREFUSED');
  }
});
