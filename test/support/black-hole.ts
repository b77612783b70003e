import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { findMemcached } from '../../src/testing/find-memcached.ts';

/** A memcached behind a network of its own, whose way back can be taken away. */
export interface FarMemcached {
  readonly address: string;
  /** From now on nothing it sends arrives, and nobody is told: no end, no reset, no refusal. */
  vanish(): void;
  /** The way back is there again. Connections on which nothing was sent meanwhile know nothing of it. */
  reappear(): void;
  /** Kills it and starts it anew. Who is cut off meanwhile is not told. */
  restart(): Promise<void>;
}

const PORT = 11_211;
const NAMES = 'memvolley-';
const START_MS = 10_000;

const ip = (...args: string[]): string =>
  execFileSync('ip', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

/** What a file that was killed left behind. */
function removeLeftovers(): void {
  if (!existsSync('/run/netns')) return;
  for (const name of readdirSync('/run/netns')) {
    if (name.startsWith(NAMES) && !existsSync(`/proc/${name.slice(NAMES.length)}`))
      ip('netns', 'delete', name);
  }
}

/** False, or why there can be no network of its own here: what node:test takes as `skip`. */
export function blackHoleMissing(): false | string {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    return 'a network namespace takes Linux and root';
  const name = `${NAMES}${process.pid}`;
  try {
    removeLeftovers();
    ip('netns', 'add', name);
    ip('-n', name, 'link', 'add', 'probe', 'type', 'veth', 'peer', 'name', 'other');
    return false;
  } catch (error) {
    const [line] = (error as Error).message.split('\n').slice(-2);
    return `no network namespace can be made here: ${line}`;
  } finally {
    if (existsSync(`/run/netns/${name}`)) ip('netns', 'delete', name);
  }
}

/** Four addresses for each process, of a net that is kept for measurements (RFC 2544). */
function addresses(): { near: string; far: string } {
  const block = (process.pid % 2 ** 15) * 4;
  const net = `198.${18 + (block >> 16)}.${(block >> 8) & 255}`;
  return { near: `${net}.${(block & 255) + 1}`, far: `${net}.${(block & 255) + 2}` };
}

/** Makes the network; it ends with the test, and the server in it. One at a time in a process. */
export async function startFarMemcached(t: TestContext): Promise<FarMemcached> {
  const name = `${NAMES}${process.pid}`;
  const { near, far } = addresses();
  const [here, there] = [`mv${process.pid}h`, `mv${process.pid}t`];
  let stop = (): Promise<unknown> => Promise.resolve();
  t.after(async () => {
    await stop();
    // Of a namespace that is gone the kernel takes its time to remove what was in it.
    ip('link', 'delete', here);
    ip('netns', 'delete', name);
  });
  ip('netns', 'add', name);
  ip('link', 'add', here, 'type', 'veth', 'peer', 'name', there, 'netns', name);
  ip('address', 'add', `${near}/30`, 'dev', here);
  ip('link', 'set', here, 'up');
  ip('-n', name, 'address', 'add', `${far}/30`, 'dev', there);
  ip('-n', name, 'link', 'set', there, 'up');
  const start = async (): Promise<void> => {
    const server = spawn(
      'ip',
      ['netns', 'exec', name, findMemcached(undefined), '-u', 'root', '-l', far, '-t', '1'],
      { stdio: 'ignore' },
    );
    stop = () => {
      server.kill('SIGKILL');
      return once(server, 'exit');
    };
    const giveUp = performance.now() + START_MS;
    const answers = `netns exec ${name} ss -Hltn`.split(' ');
    while (!ip(...answers).includes(`:${PORT}`)) {
      if (performance.now() > giveUp) throw new Error('the server beyond does not start');
      await sleep(10);
    }
  };
  await start();
  return {
    address: `${far}:${PORT}`,
    vanish: () => ip('-n', name, 'route', 'add', 'blackhole', `${near}/32`),
    reappear: () => ip('-n', name, 'route', 'delete', 'blackhole', `${near}/32`),
    restart: async () => {
      await stop();
      await start();
    },
  };
}
