import { once } from 'node:events';
import { createConnection, createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

/** A way to a server on which every chunk is late. */
export interface DelayProxy {
  readonly address: string;
  /** Milliseconds for which each chunk towards the client is held back, from now on. */
  delayMs: number;
  /** Nothing a client sends reaches the server any more, until `cut`. */
  mute(): void;
  /** Resets every connection there is. */
  cut(): void;
}

export async function delayProxy(
  t: TestContext,
  { port }: { port: number },
  delayMs: number,
): Promise<DelayProxy> {
  const sockets = new Set<Socket>();
  let muted = false;
  const server = createServer({ noDelay: true }, (client) => {
    const upstream = createConnection({ host: '127.0.0.1', port, noDelay: true });
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    client.on('data', (chunk) => {
      if (!muted) upstream.write(chunk);
    });
    let due = 0;
    upstream.on('data', (chunk) => {
      const now = performance.now();
      // Never before the chunk ahead of it.
      due = Math.max(due, now + proxy.delayMs);
      setTimeout(() => void client.write(chunk), due - now);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  const own = typeof address === 'object' && address !== null ? address.port : 0;
  const proxy: DelayProxy = {
    address: `127.0.0.1:${own}`,
    delayMs,
    mute: () => {
      muted = true;
    },
    cut: () => {
      muted = false;
      for (const socket of sockets) socket.resetAndDestroy();
    },
  };
  return proxy;
}
