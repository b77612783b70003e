/*
 * Run as a process of its own: closes clients without workers while calls are under way, and prints what their callers
 * saw and what is left. Its arguments are the addresses of a server that takes its time and of one that never answers.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  createClient,
  type FleetClient,
  ManyError,
  type MemcacheError,
} from '../../../src/index.ts';

/** What became of calls: the answer, or the code and `sent` of the error, that of the first key where there are many. */
export interface Drained {
  readonly answered: readonly unknown[];
  readonly silent: readonly unknown[];
  readonly closedMs: number;
  readonly later: readonly unknown[];
  /** What keeps the process alive and was not there before. */
  readonly left: readonly string[];
}

const [patient, silent] = process.argv.slice(2);

function told(error: MemcacheError): string {
  const [{ code, sent }] = error instanceof ManyError ? error.errors.values() : [error];
  return `${code} ${sent}`;
}

const ask = (client: FleetClient): Promise<unknown[]> =>
  Promise.all(
    [
      client.set('a', 1),
      client.get('a'),
      client.incr('a', 2),
      client.getValues(['a', 'none']),
      client.delete('none'),
    ].map((call) => call.catch(told)),
  );

/** A client with a connection, and calls that are written and not answered. */
async function underWay(servers: string): Promise<[FleetClient, Promise<unknown[]>]> {
  const client = createClient({ servers, offload: 'never', stallTimeoutMs: 60_000 });
  await client.connect();
  const calls = ask(client);
  await sleep(5);
  return [client, calls];
}

// Node makes it when the first socket ends.
void process.stderr;
const before = process.getActiveResourcesInfo();
const [one, answered] = await underWay(patient);
await Promise.all([one.close(), one.close(), one[Symbol.asyncDispose]()]);
await one.close();
const [other, unanswered] = await underWay(silent);
const began = performance.now();
await other.close({ timeoutMs: 100 });
const closedMs = performance.now() - began;
const later = await Promise.all([one, other].map(ask));
await sleep(50);
const left = process.getActiveResourcesInfo();
for (const name of before) if (left.includes(name)) left.splice(left.indexOf(name), 1);
const drained: Drained = {
  answered: await answered,
  silent: await unanswered,
  closedMs,
  later: later.flat(),
  left,
};
process.stdout.write(JSON.stringify(drained));
