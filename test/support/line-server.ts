import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

export interface LineServer {
  readonly address: string;
  readonly sockets: Socket[];
  /** Every line it was sent, over all connections. */
  readonly lines: string[];
}

/** A server that answers each line with what the test says, and closes the connection where it says nothing. */
export async function startLineServer(
  t: TestContext,
  answer: (line: string, socket: Socket) => string | undefined,
): Promise<LineServer> {
  const sockets: Socket[] = [];
  const lines: string[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    let rest = '';
    socket.on('data', (chunk) => {
      const pieces = `${rest}${chunk.toString('latin1')}`.split('\r\n');
      rest = pieces.pop() ?? '';
      for (const line of pieces) {
        lines.push(line);
        const said = answer(line, socket);
        if (said === undefined) socket.end();
        else if (said !== '') socket.write(said, 'latin1');
      }
    });
  });
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { address: `127.0.0.1:${port}`, sockets, lines };
}
