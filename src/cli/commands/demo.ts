import { createClient, type FleetClient } from '../../index.ts';
import { startFakeMemcached, startMemcached } from '../../testing/index.ts';
import type { Command } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';
import { percent, shortNumber } from '../text/numbers.ts';

export const demo: Command = {
  name: 'demo',
  about: 'a tour of a few seconds, on a server of its own',
  usage: '',
  words: { least: 0, most: 0 },
  options: { embedded: { help: 'on the in-process test server, even where there is a memcached' } },
  details: [
    'Starts memcached where one is installed, on a port of its own, and else the in-process test server; ends it again.',
    'Touches no server that was there before.',
  ].join('\n'),
  examples: ['memvolley demo'],
  async run({ given, terminal }) {
    const server = await startServer(given.has('embedded'));
    const client = createClient({ servers: [server.address], timeoutMs: TIMEOUT_MS });
    try {
      terminal.print(terminal.paint('dim', server.said));
      await tour(client, terminal);
      if (server.isEmbedded) terminal.print(`\n${NO_FIGURES}`);
      return EXIT.ok;
    } finally {
      await client.close();
      await server.stop();
    }
  },
};

const NO_FIGURES =
  'The server ran in this process: no time and no rate shown here is a figure of memcached.';

interface DemoServer {
  readonly address: string;
  /** What it is, in a line. */
  readonly said: string;
  readonly isEmbedded: boolean;
  stop(): Promise<void>;
}

async function startServer(embedded: boolean): Promise<DemoServer> {
  const own = embedded ? undefined : await startMemcached().catch(() => undefined);
  if (own !== undefined) {
    const said = `a memcached ${own.version} was started for this on ${own.address}`;
    return { address: own.address, said, isEmbedded: false, stop: () => own.stop() };
  }
  const fake = await startFakeMemcached();
  const why = embedded ? '' : 'no memcached was found: ';
  const said = `${why}this runs on the in-process test server; its figures are no figures of memcached`;
  return { address: fake.address, said, isEmbedded: true, stop: () => fake.stop() };
}

/** A tour is no service: on a machine that has other things to do it takes its time. */
const TIMEOUT_MS = 8000;
const KEYS = 1000;
const ROUNDS = 20;

async function tour(client: FleetClient, terminal: Terminal): Promise<void> {
  const step = (code: string, answer: string): void =>
    terminal.print(`${terminal.paint('cyan', code)}\n  ${answer}`);
  const keys = Array.from({ length: KEYS }, (_, i) => `user:${i}`);

  await client.setMany(new Map(keys.map((key, i) => [key, { name: `user ${i}`, visits: i }])));
  step(`setMany(${KEYS} objects)`, 'stored, pipelined on one connection');
  step(`get('user:7')`, JSON.stringify(await client.get('user:7')));

  const before = client.metrics();
  const begin = performance.now();
  for (let round = 0; round < ROUNDS; round++) {
    await Promise.all(keys.map((key) => client.get(key)));
  }
  const seconds = (performance.now() - begin) / 1000;
  const after = client.metrics();
  const volleys = after.volleys - before.volleys;
  step(
    `Promise.all of ${KEYS} single gets, ${ROUNDS} times`,
    `${ROUNDS * KEYS} gets left as ${volleys} requests of ${Math.round((ROUNDS * KEYS) / volleys)} keys: ${shortNumber((ROUNDS * KEYS) / seconds)} gets/s`,
  );

  let loads = 0;
  const load = (): string => `loaded ${++loads}`;
  const fetched = Array.from({ length: 100 }, () => client.fetch('page', { ttl: 60 }, load));
  await Promise.all(fetched);
  step(
    `100 callers fetch('page') at once`,
    `the loader ran ${loads === 1 ? 'once' : `${loads} times`}`,
  );

  const text = 'the same words again and again, '.repeat(2000);
  await client.set('text', text);
  const stored = (await client.inspect('text'))?.size ?? 0;
  step(
    `set('text', ${shortNumber(text.length)} characters)`,
    `${shortNumber(stored)} bytes on the server: ${percent(stored / text.length)} of it, compressed`,
  );
  step(`incr('visits', 1, { initial: 0 })`, String(await client.incr('visits', 1, { initial: 0 })));
}
