import { connect } from 'node:net';
import type { RunningMemcached } from '../../src/testing/index.ts';

/** Sends bytes as they are, on a connection of their own, and answers what came back up to `end`. */
function raw(server: RunningMemcached, request: string | Buffer, end = '\r\n'): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(server.port, '127.0.0.1');
    let reply = '';
    socket.setEncoding('latin1');
    socket.on('error', reject);
    socket.on('close', () => {
      reject(new Error(`the server closed the connection after: ${reply}`));
    });
    socket.on('data', (chunk) => {
      reply += String(chunk);
      if (!reply.endsWith(end)) return;
      socket.removeAllListeners('close');
      socket.destroy();
      resolve(reply);
    });
    socket.write(request);
  });
}

/** Stores bytes with any flags. */
export function rawSet(
  server: RunningMemcached,
  key: string,
  flags: number,
  bytes: string | Buffer,
): Promise<void> {
  return rawStore(server, `set ${key} ${flags}`, bytes);
}

/** Puts bytes behind those of an item; its flags stay. */
export function rawAppend(
  server: RunningMemcached,
  key: string,
  bytes: string | Buffer,
): Promise<void> {
  return rawStore(server, `append ${key} 0`, bytes);
}

async function rawStore(
  server: RunningMemcached,
  command: string,
  bytes: string | Buffer,
): Promise<void> {
  const data = Buffer.from(bytes as string);
  const head = Buffer.from(`${command} 0 ${data.length}\r\n`);
  const reply = await raw(server, Buffer.concat([head, data, Buffer.from('\r\n')]));
  if (reply !== 'STORED\r\n') throw new Error(reply);
}

/** Flags and bytes of a stored item, or undefined. */
export async function rawGet(
  server: RunningMemcached,
  key: string,
): Promise<{ flags: number; bytes: Buffer } | undefined> {
  const reply = await raw(server, `get ${key}\r\n`, 'END\r\n');
  const head = /^VALUE \S+ (\d+) (\d+)\r\n/.exec(reply);
  if (head === null) return undefined;
  const bytes = Buffer.from(reply.slice(head[0].length), 'latin1').subarray(0, Number(head[2]));
  return { flags: Number(head[1]), bytes };
}
