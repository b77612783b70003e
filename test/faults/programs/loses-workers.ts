// Run as a process of its own, with little memory: its workers end as its first argument says, while calls are under way.
import { setTimeout as sleep } from 'node:timers/promises';
import { type ClientOptions, createClient, MemcacheError } from '../../../src/index.ts';
import type { CodecMetrics } from '../../../src/codec/codec-metrics.ts';
import type { Moody } from '../../unit/codec/hooks/moody-codec.ts';

/** What its callers saw. */
export interface Seen {
  answered: number;
  wrong: number;
  errors: string[];
  unreadable: number;
  failures: number;
  /** What would keep the process from ending, after `close`. */
  left: string[];
}

type How = Moody['mood'] | 'start' | 'bomb';

const [mood, servers] = process.argv.slice(2) as [How, string];
const CODEC = { module: new URL('../../unit/codec/hooks/starts-later.js', import.meta.url) };
if (mood === 'start') process.env['NO_START'] = 'yes';
const options: ClientOptions = {
  servers,
  offload: 'always',
  workers: 2,
  timeoutMs: 30_000,
  // Who is out of memory is slow before; it is not to be taken for one that hangs.
  shardTimeoutMs: mood === 'hang' ? 500 : 30_000,
};
const client = createClient(mood === 'bomb' ? options : { ...options, codec: CODEC });
const codec = (): CodecMetrics => client.metrics().codec;
const seen: Seen = { answered: 0, wrong: 0, errors: [], unreadable: 0, failures: 0, left: [] };
client.on('unreadable', () => void seen.unreadable++);

async function look(call: Promise<unknown>, right: unknown): Promise<void> {
  try {
    if (JSON.stringify(await call) !== JSON.stringify(right)) seen.wrong++;
    seen.answered++;
  } catch (error) {
    seen.errors.push(error instanceof MemcacheError ? error.code : String(error));
  }
}

/** Until workers answer; while they cannot, this thread does. */
async function wellAgain(): Promise<void> {
  const before = codec().encodedInPool;
  const giveUp = Date.now() + 20_000;
  while (codec().encodedInPool <= before) {
    if (Date.now() > giveUp) throw new Error('the pool did not come back');
    await look(client.set('well', { text: 'well '.repeat(2000) }), true);
    if (codec().workerFailures > 0) delete process.env['NO_START'];
    await sleep(10);
  }
}

/** Calls in one moment, the bad one amid them. */
async function around(bad: () => Promise<void>): Promise<void> {
  const calls: Promise<void>[] = [];
  for (let i = 0; i < 40; i++) {
    const value = { text: `value ${i} `.repeat(500) };
    calls.push(look(client.set(`k${i}`, value), true), look(client.get(`k${i}`), value));
    if (i === 20) calls.push(bad());
  }
  await Promise.all(calls);
}

await wellAgain();
const value = { mood, text: 'bad' };
if (mood === 'bomb') await around(() => look(client.get('bad'), undefined));
else if (mood !== 'start') {
  await around(() => look(client.set('stored', value), true));
  await wellAgain();
  await around(() => look(client.get('bad'), mood === 'memory' ? undefined : value));
}
await wellAgain();
seen.failures = codec().workerFailures;
await client.close();
await sleep(50);
seen.left = process.getActiveResourcesInfo().filter((name) => !/Pipe|TTY|File/.test(name));
process.stdout.write(JSON.stringify(seen));
