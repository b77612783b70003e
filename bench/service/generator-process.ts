/** Asks a service for pages over keep-alive connections, and compares every answer with what it has to be. */
import { encodeIntoCompressedBase64, type Histogram } from 'hdr-histogram-js';
import { newLatencies, record } from '../load/latencies.ts';
import { valueFor } from '../load/values.ts';
import { answerMessages } from '../support/answer-messages.ts';
import { HttpCaller } from './http-caller.ts';
import { pagesOf, pageText } from './page.ts';

export type Request =
  | { type: 'connect'; port: number; connections: number; size: number; keys: number }
  | { type: 'run'; seconds: number };
export type Answer =
  | { type: 'connected' }
  | {
      type: 'ran';
      requests: number;
      seconds: number;
      /** In nanoseconds, compressed as HdrHistogram has it. */
      latencies: string;
    };

const OK = 200;
const SHOWN_CHARACTERS = 200;

interface Page {
  readonly request: Buffer;
  readonly body: Buffer;
}

let callers: readonly HttpCaller[] = [];
let pages: readonly Page[] = [];

async function connect({ port, connections, size, keys }: Extract<Request, { type: 'connect' }>) {
  const valueAt = async (index: number): Promise<string> =>
    valueFor('string', size, index) as string;
  pages = await Promise.all(
    pagesOf(keys).map(async (page, number) => ({
      request: Buffer.from(`GET /${number} HTTP/1.1\r\nHost: bench\r\n\r\n`),
      body: Buffer.from(await pageText(page, keys, valueAt)),
    })),
  );
  callers = Array.from({ length: connections }, () => new HttpCaller(port));
  await Promise.all(callers.map((caller) => caller.connect()));
}

async function askFor(caller: HttpCaller, { request, body }: Page): Promise<void> {
  const answer = await caller.ask(request);
  if (answer.status !== OK) {
    const said = answer.body.toString('utf8', 0, SHOWN_CHARACTERS);
    throw new Error(`the service answered ${answer.status}: ${said}`);
  }
  if (!answer.body.equals(body)) throw new Error('the service answered another page');
}

async function run(seconds: number, latencies: Histogram): Promise<number> {
  let requests = 0;
  let running = true;
  async function loop(caller: HttpCaller): Promise<void> {
    while (running) {
      const page = pages[requests++ % pages.length];
      const askedAt = performance.now();
      await askFor(caller, page);
      record(latencies, performance.now() - askedAt);
    }
  }
  const timer = setTimeout(() => (running = false), seconds * 1000);
  try {
    await Promise.all(callers.map(loop));
  } finally {
    running = false;
    clearTimeout(timer);
  }
  return requests;
}

answerMessages(async (request: Request): Promise<Answer> => {
  if (request.type === 'connect') {
    await connect(request);
    return { type: 'connected' };
  }
  const latencies = newLatencies();
  const startedAt = performance.now();
  const requests = await run(request.seconds, latencies);
  const seconds = (performance.now() - startedAt) / 1000;
  return { type: 'ran', requests, seconds, latencies: encodeIntoCompressedBase64(latencies) };
});
