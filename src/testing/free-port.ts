import { createServer } from 'node:net';

/**
 * Below the range from which Linux and macOS take the local ports of outgoing connections. A port of that range may be
 * taken by any client while a server restarts, and a client that dials a dead one may end up connected to itself.
 */
const FIRST_PORT = 20_000;
const LAST_PORT = 31_999;

const ATTEMPTS = 50;

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}

/** A port of 127.0.0.1 that nobody listened on a moment ago: whoever takes it must be ready to lose the race for it. */
export async function freePort(): Promise<number | undefined> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = FIRST_PORT + Math.floor(Math.random() * (LAST_PORT - FIRST_PORT + 1));
    if (await isFree(port)) return port;
  }
  return undefined;
}
