import { availableParallelism } from 'node:os';
import { type Config, MemcacheError, type StatValue } from '../../index.ts';
import type { LoneServer } from '../connecting.ts';
import { errorSentence } from '../error-sentence.ts';
import { pingServer } from '../pings.ts';
import type { Unreached } from './examine.ts';
import { type ClientFacts, countOf, type ServerFacts } from './facts.ts';

const PINGS = 100;

type Values = ReadonlyMap<string, StatValue>;

/** Asks all servers at once. */
export async function gather(
  servers: readonly LoneServer[],
): Promise<{ reached: ServerFacts[]; unreached: Unreached[] }> {
  const answers = await Promise.all(servers.map((server) => asked(server)));
  return {
    reached: answers.filter((answer): answer is ServerFacts => 'stats' in answer),
    unreached: answers.filter((answer): answer is Unreached => 'reason' in answer),
  };
}

async function asked({ name, client }: LoneServer): Promise<ServerFacts | Unreached> {
  try {
    const [version = ''] = (await client.version()).values();
    const before = Date.now() / 1000;
    const stats = await statsOf(client, '');
    const clock = countOf(stats, 'time');
    const after = Date.now() / 1000;
    return {
      name,
      version,
      stats,
      settings: await ifKnown(client, 'settings'),
      items: await ifKnown(client, 'items'),
      slabs: await ifKnown(client, 'slabs'),
      roundTrips: (await pingServer(client, PINGS)).times,
      clockAheadSeconds: clock === 0 ? 0 : skew(clock, before, after),
    };
  } catch (error) {
    if (!(error instanceof MemcacheError)) throw error;
    return { name, reason: errorSentence(error) };
  }
}

async function statsOf(client: LoneServer['client'], group: string): Promise<Values> {
  const [values = new Map<string, StatValue>()] = (await client.stats(group)).values();
  return values;
}

/** Services and proxies do not know every group: what they do not tell is not looked at. */
async function ifKnown(client: LoneServer['client'], group: string): Promise<Values> {
  try {
    return await statsOf(client, group);
  } catch (error) {
    if (error instanceof MemcacheError && error.sent === 'yes') return new Map();
    throw error;
  }
}

/** The server tells whole seconds, of a moment between two here: what may be due to that is no skew. */
function skew(clock: number, before: number, after: number): number {
  if (clock > after) return clock - after;
  return clock + 1 < before ? clock + 1 - before : 0;
}

/** What of the client's options the checks look at. */
export function clientFacts(
  config: Config,
  servers: readonly string[],
  processes: number,
): ClientFacts {
  const hash = config.hash.value;
  return {
    servers,
    processes,
    timeoutMs: config.timeoutMs.value,
    connections: config.connections.value,
    volleyKeys: config.volleyKeys.value,
    idleTimeoutMs: config.idleTimeoutMs.value,
    maxValueBytes: config.maxValueBytes.value,
    tls: config.tls.value !== false,
    auth: config.auth.value !== undefined,
    hash: typeof hash === 'string' ? hash : typeof hash === 'function' ? 'function' : hash.name,
    profile: config.profile.value,
    cores: availableParallelism(),
  };
}
