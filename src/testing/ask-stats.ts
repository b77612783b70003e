import { createConnection, type NetConnectOpts, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** What a server that is up says of itself. Unknown where it first wants to know who asks (`-Y`). */
export interface ServerIdentity {
  readonly pid: number | undefined;
  readonly version: string | undefined;
}

/** No line of `stats` that matters here comes later than this. */
const MAX_REPLY_BYTES = 65_536;

function dial(target: NetConnectOpts, tls: boolean): Socket {
  // Whether the certificate is to be trusted is the question of the test, not of the one who waits for the server.
  return tls ? connectTls({ ...target, rejectUnauthorized: false }) : createConnection(target);
}

function parse(reply: string): ServerIdentity | undefined {
  if (reply.startsWith('CLIENT_ERROR unauthenticated')) {
    return { pid: undefined, version: undefined };
  }
  if (!reply.startsWith('STAT ') || !reply.endsWith('END\r\n')) return undefined;
  const pid = /^STAT pid (\d+)\r$/m.exec(reply)?.[1];
  const version = /^STAT version (\S+)\r$/m.exec(reply)?.[1];
  return { pid: pid === undefined ? undefined : Number(pid), version };
}

/**
 * Asks one `stats` on a connection of its own. Undefined when nobody answers in time, or when what answers is no
 * memcached. The process id in the reply tells our server from a stranger on the same port.
 */
export function askStats(
  target: NetConnectOpts,
  tls: boolean,
  timeoutMs: number,
): Promise<ServerIdentity | undefined> {
  return new Promise((resolve) => {
    const socket = dial(target, tls);
    let reply = '';
    const settle = (identity?: ServerIdentity): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(identity);
    };
    const timer = setTimeout(settle, timeoutMs);
    socket.setEncoding('latin1');
    socket.on('error', () => settle());
    socket.on('close', () => settle());
    socket.on('data', (chunk) => {
      reply += String(chunk);
      const identity = parse(reply);
      if (identity !== undefined || reply.length > MAX_REPLY_BYTES) settle(identity);
    });
    socket.write('stats\r\n');
  });
}
