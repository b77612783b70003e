import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import type { Address } from '../contenders/contender.ts';
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

/** memcached is not started but reached: its version is asked, its threads and its neighbours are its owner's affair. */
export async function reachMemcached(address: Address): Promise<Server> {
  const socket = connect(address);
  try {
    await once(socket, 'connect');
    socket.write('version\r\n');
    const [reply] = (await once(socket, 'data')) as [Buffer];
    return { ...address, text: `external memcached, ${reply.toString().trim().toLowerCase()}` };
  } catch (error) {
    throw new UsageError(
      `no memcached answers at ${address.host}:${address.port} (${(error as Error).message})`,
    );
  } finally {
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
