/** One process of a cluster: an HTTP server whose pages come out of a cache, by the client that is measured. */
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import type { Connected } from '../contenders/contender.ts';
import { contenderNamed } from '../contenders/roster.ts';
import { asGuest } from '../guest/manners.ts';
import { type Assignment, stockFor } from '../load/assignment.ts';
import { fillAndVerify } from '../load/fill.ts';
import { type Usage, UsageMeter } from '../load/usage.ts';
import { answerMessages } from '../support/answer-messages.ts';
import { pagesOf, pageText } from './page.ts';

export type Request =
  | ({ type: 'serve'; contender: string } & Assignment)
  | { type: 'begin' }
  | { type: 'usage' }
  | { type: 'end' };
export type Answer =
  | { type: 'serving'; port: number; keys: number }
  | { type: 'begun' }
  | { type: 'used'; usage: Usage };

/** Connections are quiet while other clients have their turn. */
const PATIENT_MS = 3_600_000;

let client: Connected | undefined;
let meter = new UsageMeter();

function serverOf(cache: Connected, keys: readonly string[]): Server {
  const pages = pagesOf(keys.length);
  const read = async (index: number): Promise<string> =>
    cache.valueOf(await cache.get(keys[index])) as string;
  async function answer(url: string, response: ServerResponse): Promise<void> {
    try {
      response.end(await pageText(pages[Number(url.slice(1))], keys.length, read));
    } catch (error) {
      response.writeHead(500).end((error as Error).message);
    }
  }
  return createServer(
    { keepAliveTimeout: PATIENT_MS },
    ({ url = '' }, response) => void answer(url, response),
  );
}

async function serve(request: Extract<Request, { type: 'serve' }>) {
  const { contender, servers, load, manners } = request;
  const { open } = contenderNamed(contender);
  if (open === undefined) throw new Error('cannot be opened');
  const { stock } = stockFor(request);
  const { keys } = stock;
  client = await open(servers, load.kind, asGuest(manners));
  await fillAndVerify(client, stock);
  const server = serverOf(client, keys).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, keys: keys.length };
}

answerMessages(async (request: Request): Promise<Answer> => {
  switch (request.type) {
    case 'serve':
      return { type: 'serving', ...(await serve(request)) };
    case 'begin':
      meter = new UsageMeter();
      return { type: 'begun' };
    case 'usage':
      return { type: 'used', usage: meter.read() };
    case 'end':
      await client?.close();
      process.exit(0);
  }
});
process.send?.({ type: 'awake' });
