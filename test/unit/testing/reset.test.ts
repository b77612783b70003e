import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';

const program = (reset: string): string => `
  import { connect, createServer } from 'node:net';
  import { reset } from ${JSON.stringify(reset)};
  const server = createServer((socket) => socket.on('error', () => {}));
  server.listen(0, '127.0.0.1', () => {
    const socket = connect(server.address().port, '127.0.0.1', () => {
      socket.end('x');
      reset(socket);
      server.close();
    });
    socket.on('error', () => {});
    socket.on('close', () => process.stdout.write('closed'));
  });`;

test('a socket that is reset while its end is under way is closed, and holds up no process', async () => {
  const source = program(new URL('../../../src/testing/reset.js', import.meta.url).href);
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '--eval', source],
    { timeout: 20_000 },
  );
  assert.equal(stdout, 'closed');
});
