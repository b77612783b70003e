import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { type Address, hostPort } from '../contenders/contender.ts';
import { freePort } from '../../src/testing/free-port.ts';
import { startMemcached } from '../../src/testing/start-memcached.ts';
import { UsageError } from '../usage-error.ts';
import { type Pinning, pinned, pinRunning } from './pinning.ts';
import { start } from './processes.ts';

const MEMORY_MIB = 2048; // a limit, not a reservation: a case that evicts is void
const MOST_CONNECTIONS = 4096;

/** A server the contenders talk to. */
export interface Server extends Address {
  readonly text: string;
}

export async function startOwnMemcached(pinning: Pinning): Promise<Server> {
  const memcached = await startMemcached({
    threads: 1,
    memoryMiB: MEMORY_MIB,
    maxConnections: MOST_CONNECTIONS,
  });
  pinRunning(pinning.server, memcached.pid);
  return {
    host: '127.0.0.1',
    port: memcached.port,
    text: `memcached ${memcached.version} -t 1 -m ${MEMORY_MIB}`,
  };
}

async function answers(address: Address): Promise<boolean> {
  const socket = connect(address);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

const REACH_TIMEOUT_MS = 5000;
/** No version is longer; others may say anything. */
const LONGEST_LINE = 200;

/** What a server says first, without the end of the line. */
async function firstLine(socket: Socket): Promise<string> {
  let text = '';
  for await (const piece of socket.setEncoding('latin1') as AsyncIterable<string>) {
    text += piece;
    if (text.includes('\n') || text.length > LONGEST_LINE) break;
  }
  if (text === '') throw new Error('it closed the connection');
  return text.slice(0, LONGEST_LINE).split(/\r?\n/)[0];
}

/**
 * memcached is not started but reached: its version is asked, its threads and its neighbours are its owner's affair.
 * Throws UsageError if what is there does not say in `timeoutMs` (5000) which memcached it is.
 */
export async function reachMemcached(
  address: Address,
  timeoutMs: number = REACH_TIMEOUT_MS,
): Promise<Server> {
  const socket = connect(address);
  const late = new Error(`it says nothing in ${timeoutMs} ms`);
  const timer = setTimeout(() => socket.destroy(late), timeoutMs);
  try {
    socket.write('version\r\n');
    const line = await firstLine(socket);
    if (!/^VERSION \S/.test(line)) throw new Error(`it says ${JSON.stringify(line)}`);
    return { ...address, text: `external memcached, ${line.trim().toLowerCase()}` };
  } catch (error) {
    const { message, code = '' } = error as NodeJS.ErrnoException;
    const why = message === '' ? code : message;
    throw new UsageError(`no memcached answers at ${hostPort(address)} (${why})`);
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}

const REDIS = ['redis-server', 'valkey-server'];

/** Nothing is saved to disk. Undefined where none of them is installed: their clients are left out then. */
export async function startRedis(pinning: Pinning): Promise<Server | undefined> {
  const versions = REDIS.map((name) => spawnSync(name, ['--version'], { encoding: 'utf8' }));
  const found = versions.findIndex(({ status }) => status === 0);
  if (found < 0) return undefined;
  const [program, { stdout }] = [REDIS[found], versions[found]];
  const port = await freePort();
  if (port === undefined) throw new Error('no port is free');
  const quiet = [
    '--save',
    '',
    '--appendonly',
    'no',
    '--dir',
    tmpdir(),
    '--bind',
    '127.0.0.1',
    '--port',
    String(port),
  ];
  start(...pinned(pinning.server, program, quiet), { stdio: 'ignore' });
  const address = { host: '127.0.0.1', port };
  for (let tries = 0; tries < 100; tries++) {
    if (await answers(address))
      return { ...address, text: `${program} ${/v=(\S+)/.exec(stdout)?.[1] ?? ''}` };
    await pause(50);
  }
  throw new Error(`${program} did not start to listen`);
}
