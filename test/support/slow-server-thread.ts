// A server in a thread of its own, so that it answers while the event loop of the test is blocked.
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { RequestReader } from '../../src/testing/fake-request.ts';

export interface SlowServerOptions {
  /** Milliseconds until it answers what a client asks a server before anything else. Default 0. */
  readonly greetMs?: number;
  /** Default: a free one. */
  readonly port?: number;
}

/** Answers each `get` with a hit of all its keys so many milliseconds after it came. */
export interface SlowServer {
  readonly address: string;
  stop(): Promise<number>;
}

export async function startSlowServer(
  delayMs: number,
  { greetMs = 0, port: wanted = 0 }: SlowServerOptions = {},
): Promise<SlowServer> {
  const worker = new Worker(new URL(import.meta.url), { workerData: { delayMs, greetMs, wanted } });
  const [port] = (await once(worker, 'message')) as [number];
  return { address: `127.0.0.1:${port}`, stop: () => worker.terminate() };
}

interface Terms {
  readonly delayMs: number;
  readonly greetMs: number;
  readonly wanted: number;
}

const GREETINGS: Readonly<Record<string, string>> = {
  version: 'VERSION 1.6.18\r\n',
  mn: 'MN\r\n',
  'stats settings': 'STAT item_size_max 1048576\r\nEND\r\n',
};

function serve({ delayMs, greetMs, wanted }: Terms): void {
  const server = createServer({ noDelay: true }, (socket) => {
    const reader = new RequestReader();
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      for (const { line, keys, verb } of reader.read(chunk)) {
        const greeting = GREETINGS[line];
        const hits = keys.map((key) => `VALUE ${key} 16 ${key.length}\r\n${key}\r\n`).join('');
        const answer = greeting ?? (verb === 'get' ? `${hits}END\r\n` : 'STORED\r\n');
        const waitMs = greeting === undefined ? delayMs : greetMs;
        if (waitMs === 0) socket.write(answer);
        else setTimeout(() => socket.write(answer), waitMs);
      }
    });
  });
  server.listen(wanted, '127.0.0.1', () => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    parentPort?.postMessage((server.address() as AddressInfo).port);
  });
}

if (!isMainThread && typeof workerData?.delayMs === 'number') serve(workerData as Terms);
