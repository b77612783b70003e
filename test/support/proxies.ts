import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../src/testing/free-port.ts';
import { foreignProgram } from './foreign-programs.ts';

/** A proxy in front of memcached servers, child of this process. */
export interface RunningProxy {
  /** Where clients reach it, as `createClient` takes it. */
  readonly address: string;
  readonly pid: number;
  /** Ends it, by its pid, and resolves once it is gone. */
  stop(): Promise<void>;
}

/** How a proxy is started: its configuration for the ports it may use, and the arguments that name it. */
interface Recipe {
  readonly program: 'nutcracker' | 'haproxy';
  config(port: number): string;
  args(folder: string, otherPort: number): string[];
}

const ATTEMPTS = 5;
const START_MS = 10_000;
const POLL_MS = 5;

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}

async function unusedPort(): Promise<number> {
  const free = await freePort();
  if (free === undefined) throw new Error('no free port was found on 127.0.0.1');
  return free;
}

/** The child once it listens; its complaint if it ended instead, because somebody else took the port for one. */
async function attempt(recipe: Recipe, folder: string, at: number): Promise<ChildProcess | string> {
  writeFileSync(join(folder, 'config'), recipe.config(at));
  const said = join(folder, 'said');
  const output = openSync(said, 'w');
  const child = spawn(foreignProgram(recipe.program), recipe.args(folder, await unusedPort()), {
    stdio: ['ignore', output, output],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  const giveUp = performance.now() + START_MS;
  while (child.exitCode === null && child.signalCode === null && performance.now() < giveUp) {
    if (await accepts(at)) return child;
    await sleep(POLL_MS);
  }
  child.kill('SIGKILL');
  return readFileSync(said, 'utf8');
}

async function start(recipe: Recipe): Promise<RunningProxy> {
  const folder = mkdtempSync(join(tmpdir(), 'memvolley-proxy-'));
  let complaint = '';
  for (let i = 0; i < ATTEMPTS; i++) {
    const at = await unusedPort();
    const child = await attempt(recipe, folder, at);
    if (typeof child === 'string') {
      complaint = child;
      continue;
    }
    child.unref();
    const stop = async (): Promise<void> => {
      if (running.has(child)) {
        child.ref();
        const gone = once(child, 'exit');
        child.kill('SIGKILL');
        await gone;
      }
      rmSync(folder, { recursive: true, force: true });
    };
    return { address: `127.0.0.1:${at}`, pid: child.pid ?? 0, stop };
  }
  rmSync(folder, { recursive: true, force: true });
  throw new Error(`${recipe.program} did not start: ${complaint}`);
}

/** twemproxy: one connection to it stands for several servers, among which it places keys by itself. */
export function startNutcracker(servers: readonly string[]): Promise<RunningProxy> {
  return start({
    program: 'nutcracker',
    config: (at) =>
      [
        'pool:',
        `  listen: 127.0.0.1:${at}`,
        '  hash: md5',
        '  distribution: ketama',
        // A server that is down keeps its keys: they fail, and are not silently elsewhere.
        '  auto_eject_hosts: false',
        '  timeout: 5000',
        '  servers:',
        ...servers.map((server) => `    - ${server}:1`),
        '',
      ].join('\n'),
    args: (folder, statsPort) => [
      ...['-c', join(folder, 'config'), '-p', join(folder, 'pid'), '-o', join(folder, 'log')],
      ...['-a', '127.0.0.1', '-s', String(statsPort), '-v', '0'],
    ],
  });
}

export interface HaproxyOptions {
  /** Milliseconds without a byte from a client after which its connection is closed. Default: a minute. */
  readonly clientTimeoutMs?: number;
  /** Milliseconds without a byte from the server. Default: a minute. */
  readonly serverTimeoutMs?: number;
  /** Connections end with a reset instead of in good order. Default: false. */
  readonly reset?: boolean;
}

/** haproxy in TCP mode: bytes of a connection are passed on to the server, or to nobody while that is down. */
export function startHaproxy(server: string, options: HaproxyOptions = {}): Promise<RunningProxy> {
  const { clientTimeoutMs = 60_000, serverTimeoutMs = 60_000, reset = false } = options;
  return start({
    program: 'haproxy',
    config: (at) =>
      [
        'global',
        '  nbthread 1',
        // Two of them on one port would share its connections.
        '  noreuseport',
        'defaults',
        '  mode tcp',
        '  timeout connect 2s',
        '  retries 0',
        `  timeout client ${clientTimeoutMs}ms`,
        `  timeout server ${serverTimeoutMs}ms`,
        reset ? '  option nolinger' : '',
        'listen memcached',
        `  bind 127.0.0.1:${at}`,
        `  server one ${server}`,
        '',
      ].join('\n'),
    args: (folder) => ['-db', '-f', join(folder, 'config')],
  });
}
