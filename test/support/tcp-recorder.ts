import { once } from 'node:events';
import { createConnection, createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

/** A way to a server that keeps what clients send. */
export interface TcpRecorder {
  readonly address: string;
  /** Everything that came from clients, over all connections, one character for each byte. */
  sent: string;
}

export async function tcpRecorder(
  t: Pick<TestContext, 'after'>,
  { port }: { port: number },
): Promise<TcpRecorder> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (client) => {
    const upstream = createConnection({ host: '127.0.0.1', port, noDelay: true });
    client.on('data', (chunk: Buffer) => {
      recorder.sent += chunk.toString('latin1');
    });
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ]) {
      sockets.add(socket);
      socket.pipe(other);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  const own = typeof address === 'object' && address !== null ? address.port : 0;
  const recorder: TcpRecorder = { address: `127.0.0.1:${own}`, sent: '' };
  return recorder;
}
