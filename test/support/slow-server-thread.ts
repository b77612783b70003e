// A server in a thread of its own, so that it answers while the event loop of the test is blocked.
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { RequestReader } from '../../src/testing/fake-request.ts';

/** Answers each `get` with a hit of all its keys so many milliseconds after it came. */
export interface SlowServer {
  readonly address: string;
  stop(): Promise<number>;
}

export async function startSlowServer(delayMs: number): Promise<SlowServer> {
  const worker = new Worker(new URL(import.meta.url), { workerData: { delayMs } });
  const [port] = (await once(worker, 'message')) as [number];
  return { address: `127.0.0.1:${port}`, stop: () => worker.terminate() };
}

function serve({ delayMs }: { delayMs: number }): void {
  const server = createServer({ noDelay: true }, (socket) => {
    const reader = new RequestReader();
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      for (const { line, keys, verb } of reader.read(chunk)) {
        if (line === 'version') socket.write('VERSION 1.6.18\r\n');
        else if (line === 'mn') socket.write('MN\r\n');
        else if (line === 'stats settings') socket.write('STAT item_size_max 1048576\r\nEND\r\n');
        else {
          const hits = keys.map((key) => `VALUE ${key} 16 ${key.length}\r\n${key}\r\n`).join('');
          setTimeout(() => socket.write(verb === 'get' ? `${hits}END\r\n` : 'STORED\r\n'), delayMs);
        }
      }
    });
  });
  server.listen(0, '127.0.0.1', () => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    parentPort?.postMessage((server.address() as AddressInfo).port);
  });
}

if (!isMainThread && typeof workerData?.delayMs === 'number') serve(workerData);
